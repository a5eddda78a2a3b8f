"""Failures that a kindred program met on real reports: one test for each, by its number there.

Every test reads whole documents with the parsers as they are. The last three are no failures of
reading: 19 stands here as far as parsers go, 20 in ``tests/archive/test_known_failures.py``, and 21
too, beside ``tests/archive/test_extraction.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import checks
from parsers import forms, organs
from parsers.extract import Origin, extract
from parsers.report import Report
from tests.parsers.drawn_forms import draw, drawn, is_figure, one_by_one, plain
from tests.parsers.files import pdf, pdf_table, word
from tests.parsers.printed_forms import (
    Figures,
    Rows,
    all_rows,
    cell,
    cut,
    flattened,
    review_rows,
    to_html,
    to_text,
    zero_figures,
)
from tests.parsers.test_tables import distinct

TITLE = "明川市林业局2024年政府信息公开工作年度报告"
PROSE = "本机关依照条例主动公开政府信息，规范办理公开申请，回应社会关切。"
HEADINGS = [f"{numeral}、{forms.SECTIONS[number].zh}" for number, numeral in enumerate("一二三四五六", start=1)]
Truth = dict[str, Figures]
Part = str | Rows


def parts(
    truth: Truth, *, headings: list[str] | None = None, edit: Callable[[list[Rows]], None] | None = None
) -> list[Part]:
    """Title, headings, prose and tables of a report of edition 2021, in printed order."""
    tables = all_rows(truth, "2021", "2021")
    if edit:
        edit(tables)
    bodies: list[Part] = [PROSE, *tables, PROSE, "无。"]
    lines: list[Part] = [TITLE]
    for heading, body in zip(headings or HEADINGS, bodies, strict=True):
        lines += [heading, body] if heading else [body]
    return lines


def as_html(lines: list[Part]) -> bytes:
    body = "".join(f"<p>{line}</p>" if isinstance(line, str) else to_html(line) for line in lines)
    return f'<html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>{body}</body></html>'.encode()


def as_text(lines: list[Part]) -> bytes:
    return "\n\n".join(
        line if isinstance(line, str) else to_text(flattened(line, pad_spans=True)) for line in lines
    ).encode()


def as_pdf(lines: list[Part]) -> bytes:
    return pdf([line if isinstance(line, str) else pdf_table(line) for line in lines])


FORMATS = pytest.mark.parametrize("write", [as_html, as_text, as_pdf, word], ids=["html", "text", "pdf", "docx"])


def read(payload: bytes) -> Report:
    report = extract(payload, Origin())
    assert isinstance(report, Report), report
    return report


def numbers(report: Report) -> dict[str, float | int | None]:
    return {name: reading.number for name, reading in report.readings()}


def fields(truth: Truth) -> dict[str, str]:
    return {
        f"{table}.{row}.{column}": text
        for table, rows in truth.items()
        for row, cells in rows.items()
        for column, text in cells.items()
    }


def assert_read(report: Report, truth: Truth) -> None:
    """Every cell is there and is what was printed."""
    assert numbers(report) == {name: int(text) for name, text in fields(truth).items()}


def assert_never_wrong(report: Report, truth: Truth) -> list[str]:
    """Every number is the one printed in its place; returns the cells without one."""
    printed = fields(truth)
    found = numbers(report)
    assert {name: (number, printed[name]) for name, number in found.items() if number is not None} == {
        name: (int(printed[name]), printed[name]) for name, number in found.items() if number is not None
    }
    return [name for name in printed if found.get(name) is None]


# 1 – 5: figures in the wrong place -----------------------------------------------------------


def split_runs(payload: bytes) -> bytes:
    """The page with every digit of a figure in an element of its own."""
    return re.sub(
        rb">(\d+)</td>", lambda match: b">" + re.sub(rb"(\d)", rb"<span>\1</span>", match[1]) + b"</td>", payload
    )


def drawn_digit_by_digit(lines: list[Part]) -> bytes:
    """A PDF whose every figure is drawn digit by digit."""
    tables = [line for line in lines if not isinstance(line, str)]

    def pages(canvas) -> None:  # type: ignore[no-untyped-def]
        y = 800.0
        for line in lines:
            if isinstance(line, str):
                plain(canvas, 40, y, line)
                y -= 20
                continue

            def write(canvas, x, y, text) -> None:  # type: ignore[no-untyped-def]
                (one_by_one(0) if is_figure(text) else plain)(canvas, x, y, text)

            y = draw(canvas, line, top=y, write=write) - 20
            if line is not tables[-1]:
                canvas.showPage()
                y = 800

    return drawn(pages)


@pytest.mark.parametrize("write", [lambda lines: split_runs(as_html(lines)), drawn_digit_by_digit], ids=["html", "pdf"])
def test_01_a_cell_of_several_digits_stays_one_number(write: Callable[[list[Part]], bytes]) -> None:
    truth = zero_figures("2021", "20")
    truth["requests"]["granted"] = dict.fromkeys(forms.APPLICANTS, "12")
    assert_read(read(write(parts(truth))), truth)


@FORMATS
def test_02_litigation_keeps_both_digits_and_its_total(write: Callable[[list[Part]], bytes]) -> None:
    truth = zero_figures("2021")
    truth["reviews"]["litigation_direct"] = {
        "upheld": "1",
        "corrected": "1",
        "other": "10",
        "pending": "0",
        "total": "12",
    }
    assert_read(read(write(parts(truth))), truth)


def drop_labels_of_the_total(tables: list[Rows]) -> None:
    """The row of 总计 without the blank label cells before it, as renderings lose them."""
    row = next(row for row in tables[1] if "（七）总计" in {c.text for c in row})
    row[:] = [cell("（七）总计", 1, 1), *row[-7:]]


@FORMATS
@pytest.mark.parametrize("edit", [None, drop_labels_of_the_total], ids=["whole", "labels lost"])
def test_03_the_total_of_what_was_handled_is_no_zero(
    write: Callable[[list[Part]], bytes], edit: Callable[[list[Rows]], None] | None
) -> None:
    truth = distinct("2021")
    report = read(write(parts(truth, edit=edit)))
    missing = assert_never_wrong(report, truth)
    assert all(name.startswith("requests.handled_total.") for name in missing)
    if edit is None:
        assert missing == []
    elif missing:
        assert "extraction" in {problem.cause for problem in report.problems}


@pytest.mark.parametrize("separator", [" | ", "\t"])
def test_04_table_four_in_one_row_of_fifteen_numbers(separator: str) -> None:
    truth = distinct("2021")
    *heads, figures = flattened(review_rows(truth["reviews"]), pad_spans=False)
    assert len(figures) == 15
    flat = "\n".join(separator.join(line) for line in [*heads, figures])
    lines = parts(truth)
    lines[lines.index(HEADINGS[3]) + 1] = flat
    assert_read(read(as_text(lines)), truth)


def glue_heads(tables: list[Rows]) -> None:
    tables[2][0] = [cell("行政复议行政诉讼", 1, 15)]


@FORMATS
def test_05_heads_of_table_four_glued_into_one_word(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")
    for first, outcomes in enumerate(truth["reviews"].values(), start=1):
        outcomes |= {"upheld": f"{first}0", "corrected": "3", "other": "2", "pending": "1", "total": f"{first}6"}
    assert_read(read(write(parts(truth, edit=glue_heads))), truth)


@pytest.mark.parametrize("write", [as_html, as_pdf, word], ids=["html", "pdf", "docx"])
def test_05_under_glued_heads_figures_that_do_not_add_up_are_given_up(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")
    report = read(write(parts(truth, edit=glue_heads)))
    missing = assert_never_wrong(report, truth)
    assert missing == [name for name in fields(truth) if name.startswith("reviews.")]
    named = {name for problem in report.problems for name in problem.cells}
    assert set(missing) <= named


# 6 – 9: headings and lines that are not what they seem ------------------------------------------


def test_06_headings_that_a_pdf_has_lost() -> None:
    truth = distinct("2021")
    headings = ["", HEADINGS[1], HEADINGS[2], HEADINGS[3], "", ""]
    lines = parts(truth, headings=headings)
    lines[1:2] = ["（一）总体情况", "全年公开信息。"]
    report = read(as_pdf(lines))
    assert_read(report, truth)
    assert [section.number for section in report.sections] == [2, 3, 4]
    assert all("全年公开信息" not in section.text for section in report.sections)


@FORMATS
def test_07_a_narrative_numbered_like_the_form_is_no_table(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")
    lines = parts(truth)
    narrative = [
        "一、组织领导情况",
        "专人负责。",
        "二、制度建设情况",
        "修订制度。",
        "三、主动公开工作情况",
        "公开120条信息。",
    ]
    lines[2:3] = narrative
    report = read(write(lines))
    assert_read(report, truth)
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]
    first = report.sections[0].text
    assert all(line in first for line in narrative)


def test_08_a_middle_figure_on_a_line_of_its_own() -> None:
    truth = distinct("2021")
    row = truth["disclosures"]["regulations"]
    lone = f"| 规章 | {row['issued']} | {row['in_force']} |\n\n{row['repealed']}\n\n"
    text = as_text(parts(truth)).decode()
    whole = f"| 规章 | {row['issued']} | {row['repealed']} | {row['in_force']} |\n"
    assert whole in text
    report = read(text.replace(whole, lone).encode())
    missing = assert_never_wrong(report, truth)
    assert {f"disclosures.regulations.{measure}" for measure in row} <= set(missing)


@pytest.mark.parametrize("drop", [2.5, -2.5])
def test_08_a_middle_figure_printed_higher_or_lower_than_its_row(drop: float) -> None:
    truth = distinct("2021")
    low = truth["disclosures"]["regulations"]["repealed"]

    def page(canvas) -> None:  # type: ignore[no-untyped-def]
        y = 800.0
        for line in parts(truth):
            if isinstance(line, str):
                plain(canvas, 40, y, line)
                y -= 20
                continue

            def write(canvas, x, y, text) -> None:  # type: ignore[no-untyped-def]
                plain(canvas, x, y - (drop if text == low else 0), text)

            y = draw(canvas, line, top=y, write=write) - 20
            canvas.showPage()
            y = 800

    assert_read(read(drawn(page)), truth)


@FORMATS
def test_09_ordinals_that_are_wrong_in_the_source(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")
    words = [forms.SECTIONS[number].zh for number in range(1, 7)]
    headings = [
        f"{ordinal}、{text}" for ordinal, text in zip(["一", "三", "四", "四", "五", "l六"], words, strict=True)
    ]
    report = read(write(parts(truth, headings=headings)))
    assert_read(report, truth)
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]
    assert report.sections[-1].text == "无。"


# 10 – 14: wordings, widths, placeholders, encodings -----------------------------------------------


@FORMATS
def test_10_labels_in_other_words(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")
    other_words = {
        "四、结转下年度继续办理": "四、结转下一年继续办理",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请": (
            "2.申请人逾期未按收费通知要求缴纳费用"
        ),
    }
    used = []

    def reword(tables: list[Rows]) -> None:
        for row in tables[1]:
            for index, spanning in enumerate(row):
                if spanning.text in other_words:
                    row[index] = cell(other_words[spanning.text], spanning.row_span, spanning.column_span)
                    used.append(spanning.text)

    lines = parts(truth, headings=[*HEADINGS[:4], "五、存在的主要问题和改进情况", HEADINGS[5]], edit=reword)
    assert sorted(used) == sorted(other_words)
    report = read(write(lines))
    assert_read(report, truth)
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]


@FORMATS
def test_10_the_next_year_in_other_words(write: Callable[[list[Part]], bytes]) -> None:
    truth = distinct("2021")

    def reword(tables: list[Rows]) -> None:
        tables[1][-1][0] = cell("四、转下一年度办理", 1, 3)

    assert_read(read(write(parts(truth, edit=reword))), truth)


PLACEHOLDERS = ("/", "-", "--", "—", "无", "不适用", "不涉及", "N/A", "")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize("write", [as_html, as_text, word], ids=["html", "text", "docx"])
@pytest.mark.parametrize("mark", ["\u3000", "\xa0\u200b", "\u202c\ufeff"], ids=ascii)
def test_11_wide_digits_and_characters_that_do_not_show(write: Callable[[list[Part]], bytes], mark: str) -> None:
    truth = distinct("2021")

    def disguise(tables: list[Rows]) -> None:
        for rows in tables:
            for row in rows:
                for index, spanning in enumerate(row):
                    text = spanning.text.translate(WIDE) if spanning.text.isdigit() else spanning.text
                    text = text.replace("（", "(").replace("）", ")") if index else text
                    row[index] = cell(f"{mark}{text}{mark}", spanning.row_span, spanning.column_span)

    assert_read(read(write(parts(truth, edit=disguise))), truth)


@pytest.mark.parametrize(
    ("write", "printed"),
    [
        *((as_html, printed) for printed in PLACEHOLDERS),
        *((write, p) for write in (as_text, as_pdf, word) for p in "/—"),
    ],
)
def test_12_what_stands_for_nothing_is_never_a_zero(write: Callable[[list[Part]], bytes], printed: str) -> None:
    truth = distinct("2021")
    truth["requests"]["granted"] = dict.fromkeys(forms.APPLICANTS, printed)
    report = read(write(parts(truth)))
    granted = report.requests.get("granted", {})
    assert granted or write is as_text
    assert {reading.number for reading in granted.values()} <= {None}
    assert {reading.kind for reading in granted.values()} <= {"placeholder" if printed else "blank", "unreadable"}
    if write is not as_text:
        assert "unreadable" not in {reading.kind for reading in granted.values()}
    assert report.requests["new"]["total"].number == int(truth["requests"]["new"]["total"])


@pytest.mark.parametrize("write", [as_html, as_text], ids=["html", "text"])
@pytest.mark.parametrize("quotes", ["“”", '""', "‘’", "「」", "＂＂", ("", "")], ids=ascii)
def test_13_quotes_in_a_label(write: Callable[[list[Part]], bytes], quotes: str) -> None:
    truth = distinct("2021")

    def requote(tables: list[Rows]) -> None:
        [row] = [row for row in tables[1] if any("三安全一稳定" in c.text for c in row)]
        row[-8] = cell(f"3.危及{quotes[0]}三安全一稳定{quotes[1]}")

    report = read(write(parts(truth, edit=requote)))
    assert_read(report, truth)
    # By the label itself, not by its likeness to it.
    assert all(reading.sure for reading in report.requests["denied_security_stability"].values())


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "utf-8", None])
@pytest.mark.parametrize("broken", [b"", b"\xff\xff", b"\x81"])
def test_14_pages_in_gbk_whatever_they_declare(declared: str | None, broken: bytes) -> None:
    truth = distinct("2021")
    meta = f'<meta charset="{declared}">' if declared else ""
    page = as_html(parts(truth)).decode().replace('<meta charset="utf-8">', meta)
    payload = page.encode("gbk").replace("无。".encode("gbk"), "无。".encode("gbk") + broken)
    report = read(payload)
    assert_read(report, truth)
    assert report.organ == "明川市林业局"


# 15 – 18: pages, prose, and errors that are the source's own ---------------------------------------


@pytest.mark.parametrize("at", [4, 8, 13, 17, 21, 25])
def test_15_tables_that_span_pages(at: int) -> None:
    truth = distinct("2021")
    lines: list[object] = []
    for line in parts(truth):
        if isinstance(line, str):
            lines.append(line)
            continue
        pieces = cut(line, at) if len(line) > at else cut(line, len(line) - 1)
        lines += [pdf_table(pieces[0], bottom_rule=False), None, pdf_table(pieces[1])]
    report = read(pdf(lines))  # type: ignore[arg-type]
    assert_read(report, truth)
    assert report.status == "complete"


def test_16_headings_glued_to_the_sentence_before_them() -> None:
    truth = distinct("2021")
    payload = as_html(parts(truth)).decode()
    glued = payload.replace(f"{PROSE}</p><p>{HEADINGS[1]}", f"{PROSE}{HEADINGS[1]}")
    glued = glued.replace(f"{PROSE}</p><p>{HEADINGS[5]}", f"{PROSE}{HEADINGS[5]}")
    assert glued.count("<p>") == payload.count("<p>") - 2
    report = read(glued.encode())
    assert_read(report, truth)
    # Whether or not the heading is found, no section loses its words or gets those of another.
    by_number = {section.number: section.text for section in report.sections}
    assert PROSE in by_number[1]
    assert PROSE in by_number[5]
    assert by_number.get(2, "") == ""
    assert by_number.get(6, "无。") == "无。"
    assert ("无。" in by_number[5]) == (6 not in by_number)


def test_17_figures_in_prose_never_become_cells() -> None:
    truth = distinct("2021")
    lines = parts(truth)
    tables = [index for index, line in enumerate(lines) if not isinstance(line, str)]
    lines[tables[1]] = (
        "全年受理申请3259件，答复3278件（含结转77件，另有58件顺延）。11件办结，8件申请人主动撤销。"
        "本年新收政府信息公开申请数量3259件，结转下年度继续办理58件。"
    )
    report = read(as_html(lines))
    assert report.requests == {}
    assert report.status == "partial"
    assert {"extraction.table_missing"} <= {problem.rule for problem in report.problems}
    kept = {name: table for name, table in truth.items() if name != "requests"}
    assert_read(report, kept)


@FORMATS
def test_18_a_contradiction_of_the_source_is_kept_and_told(write: Callable[[list[Part]], bytes]) -> None:
    truth = zero_figures("2021")
    requests = truth["requests"]
    # 60 + 0 ≠ 61 + 0 and 1 + 0 ≠ 0 + 0, while the totals balance.
    for row, person, other in (("new", "60", "1"), ("granted", "61", "0"), ("handled_total", "61", "0")):
        requests[row] |= {"natural_person": person, "other_organisation": other, "total": str(int(person) + int(other))}
    report = read(write(parts(truth)))
    assert_read(report, truth)
    errors = [finding for finding in checks.run(report) if finding.severity == "error"]
    assert {finding.cause for finding in errors} <= {"source", "unknown"}
    concerned = {name for finding in errors for name in finding.cells}
    assert {"requests.new.natural_person", "requests.new.other_organisation"} <= concerned
    assert "requests.new.total" not in concerned


# 19: organs --------------------------------------------------------------------------------


def test_19_one_list_of_suffixes_classifies_organs() -> None:
    """No module but ``parsers.organs`` tells an organ's kind by the end of its name."""
    root = Path(organs.__file__).parents[1]
    suffix_list = re.compile(r"局\|(?:[^|()\n]+\|){3}[^\n]*\$")
    listing = [
        path.relative_to(root).as_posix()
        for folder in ("parsers", "archive", "checks", "crawler", "publish", "nianbao")
        for path in (root / folder).rglob("*.py")
        if suffix_list.search(path.read_text("utf-8"))
    ]
    assert listing == ["parsers/organs.py"]


@pytest.mark.parametrize(
    "name", ["明川市林业局", "明川市青禾区人民政府", "青禾区杨柳镇人民政府", "明川市人民政府办公室"]
)
def test_19_the_same_organ_is_of_one_kind_everywhere(name: str) -> None:
    from archive.organs import identify

    truth = zero_figures("2021")
    page = as_html(parts(truth)).decode().replace("明川市林业局", name)
    report = read(page.encode())
    assert report.organ == name
    kind = organs.classify(name)[1]
    assert identify(report.organ, None, None).kind == kind
    assert (report.scope == "area") == (kind in ("government", "township"))
