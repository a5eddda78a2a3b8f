"""Look-alikes are refused with the right reason, and reports that look like them are taken."""

from __future__ import annotations

import pytest

from parsers.extract import Origin, Refusal, extract
from parsers.report import Report
from tests.parsers import lookalikes

HERE = Origin(url="https://www.mingchuan.gov.cn/lyj/zfxxgknb/202501/t20250120_1.html")


@pytest.mark.parametrize(
    ("payload", "reasons"), [entry[1:] for entry in lookalikes.REFUSED], ids=[entry[0] for entry in lookalikes.REFUSED]
)
def test_lookalikes_are_refused(payload: bytes, reasons: set[str]) -> None:
    outcome = extract(payload, HERE)
    assert isinstance(outcome, Refusal), outcome.title
    assert outcome.reason in reasons
    assert outcome.detail


@pytest.mark.parametrize(
    ("payload", "organ", "year"),
    [entry[1:] for entry in lookalikes.TAKEN],
    ids=[entry[0] for entry in lookalikes.TAKEN],
)
def test_reports_that_look_like_something_else_are_taken(payload: bytes, organ: str, year: int) -> None:
    outcome = extract(payload, HERE)
    assert isinstance(outcome, Report), outcome
    assert (outcome.organ, outcome.year) == (organ, year)


@pytest.mark.parametrize("url", lookalikes.FOREIGN_HOSTS)
def test_no_organ_is_asserted_for_a_foreign_host(url: str) -> None:
    outcome = extract(lookalikes.report(), Origin(url=url))
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "foreign_mirror"


@pytest.mark.parametrize("url", lookalikes.OWN_HOSTS)
def test_government_hosts_are_own(url: str | None) -> None:
    assert isinstance(extract(lookalikes.report(), Origin(url=url)), Report)


def test_short_pages_with_numbers_in_their_words_are_no_error_pages() -> None:
    """P020250404.pdf and 500条 are what landing pages of attached reports say."""
    body = f"<h1>{lookalikes.TITLE}</h1><p>全年公开信息500条。附件：<a href='P020250404.pdf'>P020250404.pdf</a></p>"
    outcome = extract(lookalikes.html(body), HERE)
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "attachment_only"
