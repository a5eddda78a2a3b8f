"""PDF files that ask for too much end as refusals, and the documents around them are read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from archive.sandbox import TIMEOUT_SECONDS, Sandbox
from parsers.document import UnreadableDocumentError
from parsers.extract import Origin, Refusal, extract
from parsers.readers.pdf import read_pdf
from parsers.report import Report
from tests.parsers import hostile_pdfs
from tests.parsers.files import pdf, pdf_table
from tests.parsers.printed_forms import all_rows
from tests.parsers.test_tables import assert_all_read, distinct

TITLE = "明川市林业局2024年政府信息公开工作年度报告"

BOMBS: dict[str, Callable[[], bytes]] = {
    "1 GiB packed": lambda: hostile_pdfs.deflate_bomb(1 << 30),
    "1 GiB packed twice": lambda: hostile_pdfs.deflate_bomb(1 << 30, 2),
    "9 million operators": lambda: hostile_pdfs.operator_bomb(9_000_000),
    "a form that draws itself": hostile_pdfs.self_recursive_form,
    "10^9 forms": lambda: hostile_pdfs.form_fan_out(9, 10),
    "2^30 forms": lambda: hostile_pdfs.form_fan_out(30, 2),
}
ODDITIES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "140 by 195 rules": (lambda: hostile_pdfs.rule_grid(140, 195), "too_big"),
    "200,000 nested arrays": (lambda: hostile_pdfs.nested_arrays(200_000), None),
    "100,000 nested dictionaries": (lambda: hostile_pdfs.nested_dictionaries(100_000), None),
    "a page of 14.4 million points": (hostile_pdfs.giant_page, "too_big"),
    "two billion pages claimed": (lambda: hostile_pdfs.claimed_pages(2_000_000_000), None),
    "a page tree in a circle": (hostile_pdfs.cyclic_tree, "broken_pdf"),
    "five million characters": (lambda: hostile_pdfs.endless_text(5_000_000), "too_big"),
}


@pytest.fixture(scope="module")
def report() -> bytes:
    tables = [pdf_table(rows) for rows in all_rows(distinct("2021"), "2021", "2021")]
    return pdf([TITLE, "一、总体情况", "本机关主动公开政府信息。", *tables])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(extract, 1) as pool:
        yield pool


@pytest.mark.e2e
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_itself_only(sandbox: Sandbox, report: bytes, name: str) -> None:
    bomb = BOMBS[name]()
    assert len(bomb) < 2_000_000
    begun = time.monotonic()
    before, refused, after = sandbox.results([(report, Origin()), (bomb, Origin()), (report, Origin())])
    assert time.monotonic() - begun < TIMEOUT_SECONDS + 5
    assert isinstance(refused, Refusal)
    assert refused.reason in ("crashed", "too_big", "timeout")
    for outcome in (before, after):
        assert isinstance(outcome, Report)
        assert outcome.requests["new"]["total"].number is not None


@pytest.mark.parametrize("name", ODDITIES)
def test_oddities_are_refused_or_read_at_once(name: str) -> None:
    make, reason = ODDITIES[name]
    payload = make()
    begun = time.monotonic()
    if reason is None:
        assert "hello" in read_pdf(payload).text
    else:
        with pytest.raises(UnreadableDocumentError) as caught:
            read_pdf(payload)
        assert caught.value.reason == reason
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(("rows", "columns"), [(70, 70), (30, 160)])
def test_the_densest_rules_allowed_take_little_time(rows: int, columns: int) -> None:
    begun = time.monotonic()
    assert len(read_pdf(hostile_pdfs.rule_grid(rows, columns)).tables) == 1
    assert time.monotonic() - begun < 5


def test_the_report_itself_is_read_in_full(report: bytes) -> None:
    outcome = extract(report, Origin())
    assert isinstance(outcome, Report)
    assert_all_read(outcome, distinct("2021"))  # type: ignore[arg-type]
