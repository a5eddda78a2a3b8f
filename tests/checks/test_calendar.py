"""When reports were published, altered and gone, and which ought to exist."""

from __future__ import annotations

from datetime import date

import pytest

from checks import calendar
from checks.calendar import Alteration
from checks.due import due
from checks.expected import Body, Present, expected
from tests.checks.neighbours import known


@pytest.mark.parametrize(
    ("year", "kind", "scope", "last", "statutory"),
    [
        (2023, "department", "office", date(2024, 1, 31), True),
        (2023, "department", "area", date(2024, 3, 31), True),
        (2023, "government", "area", date(2024, 3, 31), True),
        (2023, "township", "area", date(2024, 3, 31), False),
        (2023, "other", None, date(2024, 3, 31), False),
        (2019, "department", None, date(2020, 1, 31), True),
        (2018, "department", None, date(2019, 3, 31), True),
        (2018, "township", None, date(2019, 3, 31), True),
    ],
)
def test_when_reports_are_due(year: int, kind: str, scope: str | None, last: date, statutory: bool) -> None:
    assert due(year, kind, scope) == (last, statutory)


def test_the_last_day_is_in_time() -> None:
    assert calendar.check_late(known(2023, published_on="2024-01-31")) == []
    assert calendar.check_late(known(2018, published_on="2019-03-31")) == []


def test_the_day_after_is_late() -> None:
    (found,) = calendar.check_late(known(2023, published_on="2024-02-01"))
    assert (found.rule, found.severity, found.actual) == ("calendar.late", "warning", "2024-02-01")
    assert "晚1天" in found.message
    (found,) = calendar.check_late(known(2023, published_on="2024-04-01", kind="government"))
    assert found.severity == "warning"


def test_a_township_is_late_as_a_note_only() -> None:
    assert calendar.check_late(known(2023, published_on="2024-03-31", kind="township")) == []
    (found,) = calendar.check_late(known(2023, published_on="2024-04-01", kind="township"))
    assert found.severity == "note"


@pytest.mark.parametrize("published", [None, "", "2024年2月1日"])
def test_without_a_date_nothing_is_late_or_impossible(published: str | None) -> None:
    report = known(2023, published_on=published, captured_on="2024-01-01")
    assert calendar.check_late(report) == []
    assert calendar.check_future(report) == []


def test_a_date_after_the_capture_is_impossible() -> None:
    assert calendar.check_future(known(2023, published_on="2024-01-20", captured_on="2024-01-20")) == []
    (found,) = calendar.check_future(known(2023, published_on="2024-01-21", captured_on="2024-01-20"))
    assert (found.rule, found.severity) == ("calendar.future", "warning")
    assert calendar.check_future(known(2023, published_on="2024-01-21", captured_on=None)) == []


def test_altered_figures_are_a_warning_and_altered_words_a_note() -> None:
    alterations = [
        Alteration("2024-03-01", "requests.new.total", "5", "6"),
        Alteration("2024-03-01", "sections.5", "旧", "新"),
        Alteration("2024-04-01", "sections.1", "旧", "新"),
        Alteration("2024-04-01", "title", None, "题"),
    ]
    figures, words = calendar.check_changed(alterations)
    assert (figures.severity, figures.key) == ("warning", "2024-03-01")
    assert figures.cells == ("requests.new.total", "sections.5")
    assert "由5改为6" in figures.message
    assert (words.severity, words.key) == ("note", "2024-04-01")
    assert "标题由空改为题" in words.message
    assert calendar.check_changed([]) == []


def test_a_vanished_report_has_both_days() -> None:
    (found,) = calendar.check_vanished(known(2023), "2024-05-01", "2024-06-01")
    assert (found.rule, found.expected, found.actual) == ("calendar.vanished", "2024-05-01", "2024-06-01")


SEEN = Present("complete", "2022-02-01")
TODAY = date(2025, 2, 15)


def states(body: Body, today: date = TODAY) -> dict[int, tuple[str, str | None]]:
    return {year: (state, since) for year, state, since in expected(body, today)}


def test_a_gap_is_missing_only_where_a_later_crawl_was_whole() -> None:
    reports = {2021: SEEN, 2023: SEEN}
    whole = states(Body("department", None, reports, last_crawl="2025-02-10"))
    assert whole[2022] == ("missing", "2023-02-01")
    assert whole[2024] == ("missing", "2025-02-01")
    assert whole[2021] == ("complete", "2022-02-01")
    early = states(Body("department", None, reports, last_crawl="2024-06-01"))
    assert early[2022][0] == "missing"
    assert early[2024][0] == "crawl_short"
    assert states(Body("department", None, reports))[2022][0] == "crawl_short"


def test_what_is_not_due_is_not_missing() -> None:
    body = Body("government", None, {2022: SEEN}, last_crawl="2025-02-14")
    assert states(body) == {2022: SEEN_STATE, 2023: ("missing", "2024-04-01"), 2024: ("not_due_yet", None)}
    assert states(body, date(2025, 3, 31))[2024] == ("not_due_yet", None)
    assert states(body, date(2025, 4, 1))[2024][0] == "crawl_short"


SEEN_STATE = ("complete", "2022-02-01")


def test_partial_text_and_vanished_reports_are_told_apart() -> None:
    body = Body(
        "department",
        None,
        {
            2022: Present("partial", "2023-01-01"),
            2023: Present("text_only", "2024-01-01"),
            2024: Present("complete", "2025-01-01", "2025-02-02"),
        },
    )
    assert states(body) == {
        2022: ("partial", "2023-01-01"),
        2023: ("text_only", "2024-01-01"),
        2024: ("vanished", "2025-02-02"),
    }


def test_what_the_portal_lists_is_not_missing() -> None:
    body = Body("department", None, {2022: SEEN}, last_crawl="2025-02-14", listed={2021, 2023})
    assert states(body) == {
        2021: ("unread", None),
        2022: SEEN_STATE,
        2023: ("unread", None),
        2024: ("missing", "2025-02-01"),
    }


def test_an_organ_that_went_on_as_another_is_not_waited_for() -> None:
    assert set(states(Body("department", None, {2017: SEEN, 2018: SEEN}, until=2018))) == {2017, 2018}
    assert set(states(Body("department", None, {2017: SEEN, 2019: SEEN}, until=2018))) == {2017, 2018, 2019}


def test_an_organ_without_reports_expects_nothing() -> None:
    assert expected(Body("department", None), TODAY) == []
