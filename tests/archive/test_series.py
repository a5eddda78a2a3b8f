"""Which of several copies of a report stands for it."""

from __future__ import annotations

from itertools import permutations

from archive.series import Extraction, Sighting, arrange
from sample.organs import Region
from sample.portals.organs import organ, reports

REPORT = reports(2019, organ(Region("湖津省", "岭江市", "云汐区", "990001"), "教育局"), range(2024, 2025))[2024].report


def _copy(url: str, sha256: str) -> Extraction:
    return Extraction(
        sha256, url, "text/html", "3", REPORT.content_sha256(), REPORT.status, REPORT.figure_count, lambda: REPORT
    )


def test_the_order_in_which_one_crawl_meets_copies_does_not_matter() -> None:
    copies = [_copy("http://a.gov.cn/1.html", "b" * 64), _copy("http://a.gov.cn/2.html", "a" * 64)]
    arranged = {
        (series.url, series.current.document.sha256)
        for order in permutations(copies)
        for series in [arrange([Sighting(f"2026-01-10T00:00:0{at}Z", one) for at, one in enumerate(order)])]
    }
    assert arranged == {("http://a.gov.cn/1.html", "b" * 64)}


def test_of_a_page_whose_counter_moves_the_first_is_shown() -> None:
    url = "http://a.gov.cn/1.html"
    first, later = _copy(url, "b" * 64), _copy(url, "a" * 64)
    series = arrange([Sighting("2026-01-10T00:00:00Z", first), Sighting("2026-01-10T00:00:01Z", later)])
    assert series.current.document.sha256 == first.sha256


def test_a_copy_of_a_later_day_changes_nothing() -> None:
    first, later = _copy("http://a.gov.cn/2.html", "b" * 64), _copy("http://a.gov.cn/1.html", "a" * 64)
    series = arrange([Sighting("2026-01-10T00:00:00Z", first), Sighting("2026-02-10T00:00:00Z", later)])
    assert (series.url, series.current.document.sha256) == (first.url, first.sha256)
    assert series.current.first_captured_at == "2026-01-10T00:00:00Z"
