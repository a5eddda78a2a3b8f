"""Every figure of the real cases kept beside the repository: none wrong, none lost, none invented."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import parsers
from parsers import forms
from parsers.extract import Origin, Refusal, extract
from parsers.report import Readings, Report
from tests.parsers import printed_forms

ROOT = Path(parsers.__file__).parent.parent
# Beside the repository, or further up where the checkout is a worktree below it.
CASES = next(
    (found for folder in ROOT.parents if (found := folder / "shared" / "cases").is_dir()),
    ROOT.parent / "shared" / "cases",
)
TABLES = {"table2": "disclosures", "table3": "requests", "table4": "reviews"}

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"the real cases are not at {CASES}")


def lines(name: str) -> list[dict[str, Any]]:
    path = CASES / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def truths() -> list[Path]:
    return sorted(CASES.glob("*/*.truth.json"))


@cache
def case(path: Path) -> tuple[dict[str, Any], Report]:
    stem = path.name.removesuffix(".truth.json")
    [source] = [file for file in path.parent.glob(f"{stem}.*") if file != path]
    report = extract(source.read_bytes(), Origin(file_name=source.name))
    assert isinstance(report, Report), report
    return json.loads(path.read_text("utf-8")), report


def host_page(title: str) -> bytes:
    return printed_forms.page(title, printed_forms.zero_figures("2021"))


@pytest.mark.parametrize("path", truths(), ids=lambda path: path.name.split(".")[0])
class TestReports:
    def test_identity(self, path: Path) -> None:
        truth, report = case(path)
        assert (report.organ, report.year) == (truth["organ"], truth["year"])
        assert report.published_on == truth["published_on"]

    def test_cells(self, path: Path) -> None:
        truth, report = case(path)
        printed = {
            f"{TABLES[table]}.{row}.{column}": value
            for table in TABLES
            for row, cells in truth[table].items()
            for column, value in cells.items()
        }
        read = dict(report.readings())
        assert len(printed) > 150
        assert set(read) == set(printed)
        wrong = {
            field: (value, read[field])
            for field, value in printed.items()
            if read[field].number != value or read[field].kind != ("number" if value is not None else "blank")
        }
        assert wrong == {}

    def test_sections(self, path: Path) -> None:
        truth, report = case(path)
        read = {str(section.number): "".join(section.text.split()) for section in report.sections}
        assert set(read) == {str(number) for number in forms.SECTIONS}
        for number, ends in truth["sections"].items():
            assert read[number][:40] == ends["first40"], number
            assert read[number][-40:] == ends["last40"], number
            assert len(read[number]) == ends.get("length", len(read[number])), number


@pytest.mark.parametrize("line", lines("titles.jsonl"), ids=lambda line: line["title"])
def test_titles(line: dict[str, Any]) -> None:
    trusted = ".gov.cn" not in line["url"].split("/")[2] + "/"
    report = extract(host_page(line["title"]), Origin(url=line["url"], trusted=trusted))
    assert isinstance(report, Report), report
    assert (report.organ, report.year) == (line["organ"], line["year"])


@pytest.mark.parametrize("line", lines("mirrors.jsonl"), ids=lambda line: line["url"])
def test_mirrors(line: dict[str, Any]) -> None:
    title = f"{line['impersonated_organ']}{line['year']}年政府信息公开工作年度报告"
    outcome = extract(host_page(title), Origin(url=line["url"]))
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "foreign_mirror"


@pytest.mark.parametrize("line", lines("not_reports.jsonl"), ids=lambda line: line["title"])
def test_not_reports(line: dict[str, Any]) -> None:
    outcome = extract(host_page(line["title"]), Origin(url=line["url"]))
    assert isinstance(outcome, Refusal)


def test_blank_form() -> None:
    path = CASES / "docx" / "blank_form.docx"
    assert isinstance(extract(path.read_bytes(), Origin(file_name=path.name)), Refusal)


# Rows of further reports, flattened ---------------------------------------------------------


def fragment_text(line: dict[str, Any]) -> str:
    """The fragment under the heads of its table, which the fragments themselves leave out."""
    raw = line["raw"].splitlines()
    if line["table"] == "3":
        return f"| 申请人情况 |\n{line['raw']}\n"
    edition = "2019" if "made" in line["rows"]["regulations"] else "2021"
    text = []
    for group in forms.editions()[edition].disclosures:
        heads = [printed_forms.measure_label(measure, group.items[0]) for measure in group.measures]
        text += [f"| {group.article} |", f"| 信息内容 | {' | '.join(heads)} |"]
        labels = [wording for item in group.items for wording in forms.ITEMS[item].wordings]
        keep = False
        for row in raw:
            words = row.strip(" |")
            if words and not words[0].isdigit() and any("\u4e00" <= character <= "\u9fff" for character in words):
                keep = words.split("|")[0].strip() in labels or (keep and words.split("|")[0].strip() not in _ALL_ITEMS)
            if keep:
                text.append(row)
    return "\n".join(text) + "\n"


_ALL_ITEMS = {wording for label in forms.ITEMS.values() for wording in label.wordings}


def truth_cells(line: dict[str, Any]) -> dict[str, dict[str, float | None]]:
    if line["table"] == "2":
        return line["rows"]
    return {row: dict(zip(forms.APPLICANTS, values, strict=True)) for row, values in line["rows"].items()}


def read_fragment(line: dict[str, Any]) -> Readings:
    opening = "明川市林业局2024年政府信息公开工作年度报告\n一、总体情况\n无。\n"
    body = f"{opening}{fragment_text(line)}\n六、其他需要报告的事项\n无。\n"
    padding = "明川市林业局主动公开政府信息，公开及时，公开全面。\n" * 30
    report = extract((body + padding).encode(), Origin())
    assert isinstance(report, Report), report
    return report.disclosures if line["table"] == "2" else report.requests


def one_row_per_line(line: dict[str, Any]) -> bool:
    return all(row.count("|") >= 2 for row in line["raw"].splitlines())


@pytest.mark.parametrize("line", lines("fragments.jsonl"), ids=lambda line: line["organ"])
def test_fragments(line: dict[str, Any]) -> None:
    read = read_fragment(line)
    for row, cells in truth_cells(line).items():
        for column, value in cells.items():
            reading = read.get(row, {}).get(column)
            if one_row_per_line(line):
                assert reading is not None, (row, column)
                assert (reading.kind, reading.number) == ("number" if value is not None else "blank", value)
            elif reading is not None and reading.kind in ("number", "blank"):
                assert reading.number == value, (row, column)


def test_some_fragments_have_a_row_per_line() -> None:
    assert sum(one_row_per_line(line) for line in lines("fragments.jsonl")) >= 10
