"""Archives: the one report inside, or what is inside instead."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from benchmarks.corpus.archives import rarred
from parsers.document import UnreadableDocumentError
from parsers.extract import Origin, extract
from parsers.readers import package, programs, read
from parsers.report import Report
from tests.parsers.files import word
from tests.parsers.printed_forms import page, zero_figures
from tests.parsers.test_office import on_path, program
from tests.parsers.test_recognise import TITLE, parts
from tests.parsers.test_tables import distinct

__all__ = ["on_path"]
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(200)


def packed(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def reason(payload: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableDocumentError) as caught:
        read(payload)
    return caught.value.reason, caught.value.detail


def report_file(organ: str = "明川市林业局") -> bytes:
    return page(f"{organ}2024年政府信息公开工作年度报告", zero_figures("2021"))


def test_one_report_among_other_files() -> None:
    payload = packed(
        ("附件/", b""),
        ("附件/年度报告.docx", word(parts(distinct("2021")))),
        ("__MACOSX/._年度报告.docx", b"\x00\x05"),
        ("~$年度报告.docx", b"x"),
        ("公章.png", b"\x89PNG\r\n\x1a\n"),
        ("说明.txt", "报告见附件。".encode()),
    )
    report = extract(payload, Origin())
    assert isinstance(report, Report), report
    assert (report.organ, report.year, report.status) == ("明川市林业局", 2024, "complete")


def test_the_name_inside_completes_the_identity() -> None:
    nameless = report_file("").replace("2024年".encode(), b"")
    report = extract(packed((f"{TITLE}.html", nameless)), Origin())
    assert isinstance(report, Report), report
    assert (report.organ, report.year) == ("明川市林业局", 2024)


def test_equal_copies_are_one_report() -> None:
    report = extract(packed(("甲.html", report_file()), ("乙.html", report_file())), Origin())
    assert isinstance(report, Report)


def test_several_reports_are_named() -> None:
    payload = packed(("林业局.html", report_file()), ("水利局.html", report_file("明川市水利局")))
    code, detail = reason(payload)
    assert code == "several_inside"
    assert "林业局.html" in detail
    assert "水利局.html" in detail


@pytest.mark.parametrize(
    ("members", "code", "named"),
    [
        ([], "no_report_inside", "空"),
        ([("公章.png", b"\x89PNG\r\n\x1a\n")], "scanned", "公章.png"),
        ([("里面.zip", packed(("年报.html", report_file())))], "no_report_inside", "里面.zip"),
        ([("a.txt", "一".encode()), ("b.txt", "二".encode())], "no_report_inside", "a.txt"),
        ([("程序.exe", bytes(range(256)))], "unsupported_format", "程序.exe"),
    ],
)
def test_nothing_to_read_inside(members: list[tuple[str, bytes]], code: str, named: str) -> None:
    got, detail = reason(packed(*members))
    assert got == code
    assert named in detail


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_in_an_encoding_not_stated(encoding: str) -> None:
    name = "年度报告".encode(encoding)
    payload = packed(("a" * len(name) + ".png", b"\x89PNG\r\n\x1a\n")).replace(b"a" * len(name), name)
    assert "“年度报告.png”" in reason(payload)[1]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (packed(("年报.html", b" " * 15_000_000)), "too_big"),
        (packed(*((f"{number}.txt", b"x") for number in range(package.MAX_FILES + 1))), "too_big"),
        (packed(("a.txt", b"x" * 50))[:-30], "truncated"),
        (packed(("a.txt", b"x" * 50)).replace(b"PK\x01\x02", b"PK\x09\x09"), "broken_archive"),
    ],
    ids=["ratio", "count", "cut", "broken"],
)
def test_hostile_archives(payload: bytes, code: str) -> None:
    assert reason(payload)[0] == code


def test_encrypted_archive() -> None:
    payload = bytearray(packed(("年报.html", report_file())))
    payload[6] |= 1
    directory = payload.index(b"PK\x01\x02")
    payload[directory + 8] |= 1
    assert reason(bytes(payload))[0] == "encrypted"


def test_rar_without_a_program(on_path: Path) -> None:
    assert reason(RAR) == ("needs_unrar", "install bsdtar, unrar or unar to read RAR archives")


@pytest.mark.parametrize("name", ["bsdtar", "unrar", "unar"])
def test_rar(on_path: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "ready.html").write_bytes(report_file())
    program(
        on_path,
        f"""
assert Path("archive.rar").read_bytes().startswith(b"Rar!")
assert any(word.rstrip("/") == "inside" for word in sys.argv)
Path("inside/附件").mkdir()
Path("inside/附件/年报.html").write_bytes(Path({str(tmp_path / "ready.html")!r}).read_bytes())
Path("inside/link.html").symlink_to({str(tmp_path / "ready.html")!r})""",
        name,
    )
    report = extract(RAR, Origin())
    assert isinstance(report, Report), report
    assert report.organ == "明川市林业局"


def test_damaged_rar(on_path: Path) -> None:
    program(on_path, "sys.exit(1)", "bsdtar")
    assert reason(RAR)[0] == "broken_archive"


@pytest.mark.skipif(programs.find("bsdtar") is None, reason="bsdtar is not installed")
def test_damaged_rar_with_the_real_program() -> None:
    assert reason(RAR)[0] == "broken_archive"


@pytest.mark.skipif(programs.find("bsdtar") is None, reason="bsdtar is not installed")
@pytest.mark.parametrize("last", ["年报.docx", "readme.txt"])
def test_a_word_file_stored_in_a_rar_file(last: str) -> None:
    members = [("report.docx", word(parts(distinct("2021")))), ("readme.txt", b"files for the portal")]
    payload = rarred(members if last == "readme.txt" else members[::-1])
    report = extract(payload, Origin())
    assert isinstance(report, Report), report
    assert report.status == "complete"


def test_a_page_saved_as_web_archive() -> None:
    message = EmailMessage()
    message["From"] = "saved"
    message.set_content("plain")
    message.add_related(report_file(), "text", "html")
    report = extract(message.as_bytes(), Origin(file_name="年报.doc"))
    assert isinstance(report, Report), report
    assert report.organ == "明川市林业局"


@pytest.mark.parametrize(
    ("suffix", "reason"), [("docx", "broken_docx"), ("xlsx", "broken_workbook"), ("zip", "broken_archive")]
)
def test_damaged_data_inside_is_refused_and_not_a_crash(suffix: str, reason: str) -> None:
    name = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "zip": "a.html"}[suffix]
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for member in dict.fromkeys((name, sheet if suffix == "xlsx" else name)):
            archive.writestr(member, b"<a>" + bytes(range(256)) * 8)
    payload = bytearray(buffer.getvalue())
    # What deflate never begins with, in each member.
    with zipfile.ZipFile(io.BytesIO(bytes(payload))) as archive:
        for entry in archive.infolist():
            payload[entry.header_offset + 30 + len(entry.filename)] = 0xFF
    with pytest.raises(UnreadableDocumentError) as raised:
        read(bytes(payload))
    assert raised.value.reason == reason
