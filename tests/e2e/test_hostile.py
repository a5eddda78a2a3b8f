"""Files made to do harm, imported among ordinary reports: each is refused, every report is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.readers import programs
from sample import pdf
from tests.e2e import program
from tests.e2e.files import encrypted_pdf, reports, write_reports
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
