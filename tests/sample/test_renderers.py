from __future__ import annotations

import io
import re
from collections.abc import Callable

import docx as python_docx
import pdfplumber
import pypdfium2
import pytest
from bs4 import BeautifulSoup, Tag

from parsers import forms
from parsers.extract import Origin, extract
from parsers.readers.pdf_system_fonts import use_system_fonts
from sample import docx, html, pdf, scan
from sample.generator import WRONG_SUM, SampleCity, SampleReport, generate
from sample.layout import Grid, disclosures_grid, requests_grid, reviews_grid


@pytest.fixture(scope="module")
def city() -> SampleCity:
    return generate()


def pick(city: SampleCity, delivery: str, edition: str = "2021") -> SampleReport:
    return next(
        sample
        for sample in city.reports
        if sample.delivery == delivery and sample.report.disclosures_edition == edition
    )


def squeezed(text: str | None) -> str:
    return "".join((text or "").split())


def printed_rows(sample: SampleReport) -> list[list[str]]:
    """The numbers of table 三 as printed, row by row."""
    return [
        [sample.report.requests[code][applicant].printed for applicant in forms.APPLICANTS]
        for code in sample.report.requests
    ]


def covered(grid: Grid) -> list[tuple[int, int]]:
    return sorted(
        (row, column)
        for cell in grid.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    )


@pytest.mark.parametrize(
    "layout",
    [
        disclosures_grid,
        lambda report: disclosures_grid(report, misaligned=True),
        requests_grid,
        reviews_grid,
    ],
)
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_cells_cover_every_grid_place_once(city: SampleCity, layout: Callable[..., Grid], edition: str) -> None:
    grid = layout(pick(city, "page", edition).report)
    places = [(row, column) for row in range(grid.row_count) for column in range(len(grid.widths))]
    assert covered(grid) == places


def test_cutting_a_grid_loses_neither_text_nor_places(city: SampleCity) -> None:
    grid = requests_grid(pick(city, "page").report)
    for at in range(1, grid.row_count):
        above, below = grid.cut(at)
        assert len(covered(above)) + len(covered(below)) == len(covered(grid))
        texts = [cell.text for part in (above, below) for cell in part.cells if cell.text]
        assert sorted(texts) == sorted(cell.text for cell in grid.cells if cell.text)


def test_html_keeps_the_printed_cells(city: SampleCity) -> None:
    for sample in city.reports:
        if sample.delivery != "page":
            continue
        tables = BeautifulSoup(html.render(sample), "lxml").find_all("table")
        assert len(tables) == 3
        cells = [
            [squeezed(cell.get_text()) for cell in row.find_all("td")][-7:] for row in tables[1].find_all("tr")[3:]
        ]
        assert cells == printed_rows(sample)


def test_some_2019_tables_have_heads_that_do_not_stand_over_their_numbers(city: SampleCity) -> None:
    def spans(sample: SampleReport) -> list[list[int]]:
        table = BeautifulSoup(html.render(sample), "lxml").find("table")
        assert isinstance(table, Tag)
        return [
            [int(str(cell.get("colspan", "1"))) for cell in row.find_all("td")] for row in table.find_all("tr")[1:3]
        ]

    shapes = [
        spans(sample)
        for sample in city.reports
        if sample.delivery == "page" and sample.report.disclosures_edition == "2019"
    ]
    assert [[1, 1, 2, 1], [1, 2, 1, 1]] in shapes
    assert [[1, 1, 1, 1], [1, 1, 1, 1]] in shapes


def test_pdf_text_is_extractable_and_complete(city: SampleCity) -> None:
    sample = pick(city, "page_pdf")
    document = pypdfium2.PdfDocument(pdf.render(sample))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    text = re.sub(r"- \d+ -", "", text)
    for section in sample.report.sections:
        assert squeezed(section.heading) in squeezed(text)
        for paragraph in section.text.split("\n"):
            assert squeezed(paragraph) in squeezed(text)


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_pdf_tables_hold_the_printed_numbers(city: SampleCity, edition: str) -> None:
    for sample in city.reports:
        if sample.delivery not in ("pdf", "page_pdf") or sample.report.disclosures_edition != edition:
            continue
        with pdfplumber.open(io.BytesIO(pdf.render(sample))) as document:
            rows = [row for page in document.pages for table in page.extract_tables() for row in table]
        # Page breaks may cut through the heads, and a page with one row shows fewer label columns.
        expected = printed_rows(sample)
        values = [[squeezed(cell) for cell in row[-7:]] for row in rows if 8 <= len(row) <= 10]
        assert values[-len(expected) :] == expected
        reviews = [[squeezed(cell) for cell in row] for row in rows if len(row) == 15]
        assert reviews[-1] == [
            sample.report.reviews[proceeding][outcome].printed
            for proceeding in forms.PROCEEDINGS
            for outcome in forms.OUTCOMES
        ]
        disclosed = [cell for row in rows if len(row) <= 4 for cell in map(squeezed, row)]
        for cells in sample.report.disclosures.values():
            assert all(reading.printed in disclosed for reading in cells.values())


def test_some_pdf_tables_are_cut_by_a_page_without_a_new_head(city: SampleCity) -> None:
    sample = pick(city, "page_pdf")
    with pdfplumber.open(io.BytesIO(pdf.render(sample))) as document:
        heads = [
            squeezed(table[0][0]) for page in document.pages for table in page.extract_tables() if len(table[0]) == 10
        ]
        numbers = [page.extract_text().split("\n")[-1] for page in document.pages]
    assert len(heads) == 2
    assert heads[0].startswith("（本列数据的勾稽关系")
    assert not heads[1]
    assert numbers == [f"- {number} -" for number in range(1, len(numbers) + 1)]


def test_docx_cells_are_merged_and_hold_the_printed_numbers(city: SampleCity) -> None:
    for sample in city.reports:
        if sample.delivery != "page_docx":
            continue
        document = python_docx.Document(io.BytesIO(docx.render(sample)))
        assert [len(table.columns) for table in document.tables] == [4, 10, 15]
        table = document.tables[1]
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert [row[3:] for row in rows[3:]] == printed_rows(sample)
        assert rows[3][0] == rows[3][1] == rows[3][2] == "一、本年新收政府信息公开申请数量"
        assert table.cell(5, 0)._tc is table.cell(20, 0)._tc
        paragraphs = [paragraph.text for paragraph in document.paragraphs]
        assert paragraphs[0] == sample.report.title
        assert all(section.heading in paragraphs for section in sample.report.sections)


@pytest.mark.parametrize("render", [pdf.render, docx.render, html.render])
def test_rendering_twice_gives_the_same_bytes(city: SampleCity, render: Callable[[SampleReport], bytes | str]) -> None:
    again = generate()
    for position in (1, 20):
        assert render(city.reports[position]) == render(again.reports[position])


def test_the_wrong_sum_is_printed(city: SampleCity) -> None:
    sample = next(sample for sample in city.reports if sample.key == WRONG_SUM)
    granted = printed_rows(sample)[2]
    assert granted[-1] == str(sample.wrong_sums[0].printed)
    assert sum(map(int, granted[:-1])) == sample.wrong_sums[0].expected


def test_a_scan_shows_its_text_after_a_pdf_was_read_in_the_same_process(city: SampleCity) -> None:
    sample = pick(city, "page_pdf")
    use_system_fonts()
    before = scan.render_pdf(sample)
    extract(pdf.render(sample), Origin())
    assert scan.render_pdf(sample) == before
