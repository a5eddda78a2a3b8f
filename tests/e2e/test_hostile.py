"""Files made to do harm, imported among ordinary reports: each is refused, every report is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parsers.readers import programs
from sample import pdf
from tests.e2e import program
from tests.e2e.files import RENDERERS, encrypted_pdf, reports, write_reports
from tests.parsers.hostile_files import OFFICE, OTHERS, PDFS, Hostile

REPORTS = 12
MEMORY_MB = 700


def _import(folder: Path, files: dict[str, Hostile], seconds: float, *more: tuple[str, bytes]) -> None:
    """Import hostile files, and ``more`` of them that any reason may refuse, among reports.

    What takes longer than ``seconds`` is given up, which keeps the test short.
    """
    write_reports(folder / "files", REPORTS)
    expected = {name: reasons for name, (_make, reasons) in files.items()}
    for name, (make, _reasons) in files.items():
        (folder / "files" / name).write_bytes(make())
    for name, payload in more:
        (folder / "files" / name).write_bytes(payload)
    done = program.run(
        folder, "import", "files", "--workers", "2", "--timeout", str(seconds), "--memory", str(MEMORY_MB)
    )
    refused = {
        name: (reason, detail)
        for name, reason, detail in program.query(
            folder, "SELECT o.file_name, r.reason, r.detail FROM refusals r JOIN _origins o ON o.url = r.url"
        )
    }
    wrong = {
        name: refused.get(name) for name, reasons in expected.items() if refused.get(name, ("", ""))[0] not in reasons
    }
    assert wrong == {}
    for name, (reason, detail) in refused.items():
        assert detail, name
        assert f" {reason} " in done.stdout
    assert refused.keys() == {*expected, *(name for name, _payload in more)}
    assert program.query(folder, "SELECT count(*) FROM reports WHERE status = 'complete'") == [(REPORTS,)]
    assert program.query(folder, "SELECT count(*) FROM _attempts") == [(0,)]


@pytest.mark.e2e
def test_hostile_pdfs(tmp_path: Path) -> None:
    whole = pdf.render(reports()[2])
    cut = (("cut-50.pdf", whole[: len(whole) // 2]), ("cut-95.pdf", whole[: len(whole) * 95 // 100]))
    _import(tmp_path, PDFS, 4, ("locked.pdf", encrypted_pdf()), *cut)


@pytest.mark.e2e
def test_hostile_files_of_other_formats(tmp_path: Path) -> None:
    _import(tmp_path, OTHERS, 4)
    assert not Path("/tmp/nianbao-escaped.html").exists()


@pytest.mark.e2e
@pytest.mark.skipif(programs.find("soffice", "libreoffice") is None, reason="LibreOffice is not installed")
def test_hostile_files_of_older_word_processors(tmp_path: Path) -> None:
    _import(tmp_path, OFFICE, 20)


@pytest.mark.e2e
def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Names in GBK, with line breaks and with what a terminal would obey; links to nowhere, pipes and devices."""
    folder = tmp_path / "files"
    folder.mkdir()
    sample = RENDERERS[".html"](reports()[0])
    names = [
        "林业局年报.html".encode("gbk"),
        b"a\nWARC-Type: x.html",
        b"\x1b[31m.html",
        b"\xff\xfe.html",
        b"[red].html",
    ]
    for number, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(sample + b"<!-- %d -->" % number)
    os.mkfifo(folder / "pipe.html")
    (folder / "loop.html").symlink_to("loop.html")
    (folder / "zero.html").symlink_to("/dev/zero")
    done = program.run(tmp_path, "import", "files")
    assert "\x1b" not in done.stdout + done.stderr
    assert program.query(tmp_path, "SELECT count(*) FROM documents") == [(len(names),)]
    kept = {name for (name,) in program.query(tmp_path, "SELECT file_name FROM _origins")}
    assert {"林业局年报.html", "a WARC-Type: x.html", "\ufffd[31m.html", "[red].html"} <= kept
    for name in ("pipe.html", "zero.html"):
        message = program.one_line(program.run(tmp_path, "import", folder / name, status=1).stderr)
        assert name in message
        assert "neither a file nor a folder" in message
