"""Older word processors' files through LibreOffice, and what becomes of hostile ones."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import time
from pathlib import Path

import pytest

from parsers import media
from parsers.document import UnreadableDocumentError
from parsers.extract import Origin, Refusal, extract
from parsers.media import sniff
from parsers.readers import office, programs, read
from parsers.report import Report
from tests.parsers.files import word
from tests.parsers.test_recognise import parts
from tests.parsers.test_tables import distinct

RTF = rb"{\rtf1\ansi "
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(1000)


def reason(payload: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableDocumentError) as caught:
        read(payload)
    return caught.value.reason, caught.value.detail


def program(folder: Path, script: str, name: str = "soffice") -> None:
    """Install a program of a few Python lines under ``name``."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\nfrom pathlib import Path\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for programs before, and in place of, those of the system."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("unshare", "true", "sleep"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_without_libreoffice(on_path: Path) -> None:
    assert reason(RTF) == ("needs_soffice", "install LibreOffice to read DOC, WPS and RTF")
    assert reason(DOC)[0] == "needs_soffice"


def test_conversion_is_told(on_path: Path, tmp_path: Path) -> None:
    truth = distinct("2021")
    (tmp_path / "ready.docx").write_bytes(word(parts(truth)))
    program(
        on_path,
        f"""
out = Path(sys.argv[sys.argv.index("--outdir") + 1]); out.mkdir()
assert Path(sys.argv[-1]).read_bytes().startswith(b"{{\\\\rtf") and "--headless" in sys.argv
assert Path(os.environ["HOME"]) == Path.cwd() and not os.environ.get("http_proxy")
(out / "document.docx").write_bytes(Path({str(tmp_path / "ready.docx")!r}).read_bytes())""",
    )
    report = extract(RTF, Origin())
    assert isinstance(report, Report), report
    assert {field: reading.printed for field, reading in report.readings()} == {
        f"{table}.{row}.{column}": text
        for table, rows in truth.items()
        for row, cells in rows.items()
        for column, text in cells.items()
    }
    assert all(reading.sure for _field, reading in report.readings())
    assert [(problem.rule, problem.severity) for problem in report.problems] == [("extraction.converted", "note")]
    assert "converted" in read(RTF).warnings


def test_nothing_converted(on_path: Path) -> None:
    program(on_path, "sys.exit(3)")
    assert reason(RTF)[0] == "broken_doc"
    assert "exit code 3" in reason(RTF)[1]


def test_a_hanging_conversion_is_killed_with_all_it_started(
    on_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "SECONDS", 1.0)
    mark = tmp_path / "alive"
    program(
        on_path,
        f"""
if os.fork() == 0:
    while True:
        Path({str(mark)!r}).write_text(str(time.time()))
        time.sleep(0.05)
time.sleep(60)""",
    )
    started = time.monotonic()
    assert reason(RTF)[0] == "timeout"
    assert time.monotonic() - started < 10
    time.sleep(0.3)
    before = mark.read_text()
    time.sleep(0.4)
    assert mark.read_text() == before


def test_a_conversion_that_fills_the_disk_is_stopped(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "DISK_BYTES", 1_000_000)
    program(
        on_path,
        """
for number in range(1000):
    Path(f"{number}.bin").write_bytes(bytes(100_000))
    time.sleep(0.01)""",
    )
    assert reason(RTF)[0] == "too_big"


def test_a_conversion_that_takes_memory_fails_alone(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MEMORY_BYTES", 300_000_000)
    program(on_path, "x = bytearray(10**9)")
    assert reason(RTF)[0] == "broken_doc"


def test_a_link_in_place_of_the_result_is_not_followed(on_path: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(word(parts(distinct("2021"))))
    program(
        on_path,
        f"""
out = Path(sys.argv[sys.argv.index("--outdir") + 1]); out.mkdir()
(out / "document.docx").symlink_to({str(tmp_path / "secret")!r})""",
    )
    assert reason(RTF)[0] == "broken_doc"


@pytest.mark.skipif(not programs._namespaces(), reason="the system permits no namespaces")
def test_programs_have_no_network(tmp_path: Path) -> None:
    script = "import socket; socket.create_connection(('127.0.0.1', int(__import__('sys').argv[1])), 2)"
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = [sys.executable, "-c", script, port]
        assert os.spawnv(os.P_WAIT, sys.executable, command) == 0
        assert programs.run(command, tmp_path, seconds=20, memory_bytes=2**31, disk_bytes=1000) != 0


def test_encrypted_files() -> None:
    locked = bytearray(DOC + bytes(2000))
    locked[1024:1036] = b"\xec\xa5\xc1\x00" + bytes(7) + b"\x01"
    assert reason(bytes(locked))[0] == "encrypted"
    package = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    assert reason(package)[0] == "encrypted"


@pytest.mark.e2e
@pytest.mark.skipif(programs.find("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("name", "media_type"), [("doc", media.DOC), ("rtf", media.RTF), ("odt", media.ODT)])
def test_real_conversion_there_and_back(name: str, media_type: str, tmp_path: Path) -> None:
    truth = distinct("2021")
    source = tmp_path / "report.docx"
    source.write_bytes(word(parts(truth)))
    soffice = programs.find("soffice")
    assert soffice
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", name, "--outdir", ".", source.name]
    programs.run(command, tmp_path, seconds=120, memory_bytes=2**32, disk_bytes=2**28)
    payload = (tmp_path / f"report.{name}").read_bytes()
    assert sniff(payload) == media_type
    report = extract(payload, Origin())
    assert not isinstance(report, Refusal), report
    assert (report.organ, report.year, report.status) == ("明川市林业局", 2024, "complete")
    assert {field: reading.printed for field, reading in report.readings()} == {
        f"{table}.{row}.{column}": text
        for table, rows in truth.items()
        for row, cells in rows.items()
        for column, text in cells.items()
    }
