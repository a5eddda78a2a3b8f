"""The monitors' verdicts on crawls and seasons."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from archive import health, times
from archive.health import ERROR, WARNING, Health, PortalHealth, Thresholds
from archive.store import Archive

NOW = datetime(2026, 2, 20, 6, tzinfo=UTC)
PORTAL = "yunxi"


class Past:
    """Writes the history of the portal: crawls so many days ago, and reports."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.now = NOW
        self._number = 0

    def crawl(
        self,
        days_ago: float,
        status: str = "ok",
        reason: str | None = None,
        *,
        portal: str = PORTAL,
        ended: bool = True,
        **counts: int,
    ) -> None:
        self._number += 1
        started = times.normalise((self.now - timedelta(days=days_ago)).isoformat())
        run_id = f"{started.replace('-', '').replace(':', '')}-{self._number:06d}"
        self.archive.db["runs"].insert(
            {"id": run_id, "command": "crawl", "started_at": started, "finished_at": started if ended else None}
        )
        if not ended:
            return
        row = {"found": 40, "requests": 60} | counts
        self.archive.db["portal_runs"].insert(
            {"run_id": run_id, "portal_id": portal, "status": status, "reason": reason, **row}
        )

    def report(self, organ: str, year: int, published_on: str | None) -> None:
        db, organ_id, report_id = self.archive.db, organ, f"{organ}-{year}"
        digest = report_id.encode().hex().ljust(64, "0")[:64]
        db["organs"].insert({"id": organ_id, "name": organ, "portal_id": PORTAL}, ignore=True)
        db["documents"].insert(
            {"sha256": digest, "media_type": "text/html", "bytes": 1, "warc": "a", "offset": 0, "length": 1}
            | {"first_captured_at": "2026-01-01T00:00:00Z"}
        )
        db["reports"].insert(
            {"id": report_id, "organ_id": organ_id, "year": year, "edition": "2021", "title": organ}
            | {"published_on": published_on, "status": "complete", "document_sha256": digest}
            | {"content_sha256": digest, "captured_at": "2026-01-01T00:00:00Z", "parser_version": "1"}
        )
        db["_extractions"].insert(
            {"sha256": digest, "url": f"http://a/{report_id}", "parser_version": "1", "organ_id": organ_id}
            | {"portal_id": PORTAL, "report_id": report_id}
        )

    def assess(self, **more: object) -> Health:
        return health.assess(self.archive, now=self.now, **more)  # type: ignore[arg-type]

    def judged(self, **more: object) -> PortalHealth:
        (portal,) = self.assess(**more).portals
        return portal

    def verdicts(self, **more: object) -> dict[str, str]:
        return {verdict.monitor: verdict.severity for verdict in self.judged(**more).verdicts}


@pytest.fixture
def past(archive: Archive) -> Past:
    return Past(archive)


def test_a_portal_that_goes_well_has_no_verdicts(past: Past) -> None:
    past.crawl(2)
    past.crawl(1, found=41, new=1)
    portal = past.judged()
    assert (portal.verdicts, portal.failing, portal.failures) == ((), False, 0)
    assert portal.last_ok_at == portal.last_run_at == "2026-02-19T06:00:00Z"
    assert not past.assess().failing


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("blocked", "blocked:412"),
        ("partial", "partial:declared_total"),
        ("partial", "blocked:412"),
        ("failed", "failed:dns"),
        ("robots", "robots"),
        ("partial", "interrupted"),
    ],
)
def test_whatever_falls_short_fails_the_run(past: Past, status: str, reason: str) -> None:
    past.crawl(9)
    past.crawl(2, status, reason, found=3)
    past.crawl(1, status, reason, found=3)
    portal = past.judged()
    assert {v.monitor: v.severity for v in portal.verdicts}["fell_short"] == ERROR
    assert (portal.failures, portal.last_ok_at) == (2, "2026-02-11T06:00:00Z")
    assert past.assess().failing
    assert reason in portal.verdicts[0].meaning("zh")
    assert portal.verdicts[0].advice("zh") != health.reasons.monitor("fell_short").do_zh


def test_a_reason_that_nobody_documented_is_said(past: Past) -> None:
    past.crawl(1, "failed", "failed:sunspots")
    assert past.verdicts() == {"fell_short": ERROR, "unknown_reason": WARNING}


def test_waiting_for_its_hours_is_no_failure_until_it_lasts(past: Past) -> None:
    crawls = past.archive.db["_crawls"]
    past.crawl(3)
    past.crawl(1, "partial", "partial:hours", found=5)
    crawls.insert({"id": 1, "portal_id": PORTAL, "run_id": _last_run(past), "started_at": "2026-02-19T06:00:00Z"})
    assert past.verdicts() == {"waiting": WARNING}
    assert past.judged().failures == 0
    crawls.update(1, {"started_at": "2026-02-12T06:00:00Z"})
    assert past.verdicts() == {"stalled": ERROR}


def _last_run(past: Past) -> str:
    return str(past.archive.db.conn.execute("SELECT max(id) FROM runs").fetchone()[0])


@pytest.mark.parametrize(
    ("found", "expected"),
    [(41, {}), (21, {}), (19, {"drop": ERROR}), (0, {"none_found": ERROR})],
)
def test_a_steep_drop_against_the_crawls_before(past: Past, found: int, expected: dict[str, str]) -> None:
    for days in (5, 4, 3, 2):
        past.crawl(days, found=40 if days != 3 else 400)
    past.crawl(1, found=found)
    assert past.verdicts() == expected


def test_a_blocked_crawl_does_not_lower_what_is_usual(past: Past) -> None:
    past.crawl(5, found=40)
    for days in (4, 3, 2):
        past.crawl(days, "partial", "blocked:412", found=2)
    past.crawl(1, found=2)
    assert past.verdicts() == {"drop": ERROR}


def test_little_is_not_compared(past: Past) -> None:
    past.crawl(2, found=3)
    past.crawl(1, found=1)
    assert past.verdicts() == {}


def test_many_vanished_reports_fail_the_run_a_few_do_not(past: Past) -> None:
    past.crawl(2)
    past.crawl(1, found=30, vanished=4)
    assert past.verdicts() == {}
    past.crawl(0.5, found=30, vanished=10)
    assert past.verdicts() == {"vanished": ERROR}


def test_errors_fail_the_run_when_they_became_more(past: Past) -> None:
    past.crawl(3, failed=20)
    assert past.verdicts() == {"errors": WARNING}
    past.crawl(2, failed=21)
    assert past.verdicts() == {"errors": WARNING}
    past.crawl(1, failed=80)
    assert past.verdicts() == {"errors": ERROR}


def test_requests_per_document(past: Past) -> None:
    past.crawl(3, requests=400)
    assert past.verdicts() == {}
    past.crawl(2, requests=401)
    assert past.verdicts() == {"requests": WARNING}
    past.crawl(1, requests=900)
    assert past.verdicts() == {"requests": ERROR}
    assert past.verdicts(thresholds=Thresholds(requests=100)) == {}


# Seasons ---------------------------------------------------------------------------------

ORGANS = ("云溪县民政局", "云溪县司法局", "云溪县财政局", "云溪县信访局")


def _last_season(past: Past, day: str = "2025-01-20") -> None:
    past.crawl(200)
    past.crawl(1)
    for organ in ORGANS:
        past.report(organ, 2024, day)


def test_no_new_report_is_fine_before_the_day_of_last_year(past: Past) -> None:
    _last_season(past, "2025-02-10")
    assert past.verdicts() == {}
    assert past.judged().season == health.Season(2025, 0, 0, ())


def test_no_new_report_fails_a_fortnight_after_the_day_of_last_year(past: Past) -> None:
    _last_season(past, "2025-02-05")
    assert past.verdicts() == {"season_none": ERROR}
    season = past.judged().season
    assert (season.year, season.due, season.present, set(season.missing)) == (2025, 4, 0, set(ORGANS))


def test_a_season_behind_the_last_one(past: Past) -> None:
    _last_season(past)
    past.report(ORGANS[0], 2025, "2026-01-19")
    assert past.verdicts() == {"season_behind": ERROR}
    assert "2025" in past.judged().verdicts[0].meaning("en")
    past.report(ORGANS[1], 2025, None)
    assert past.verdicts() == {}
    assert set(past.judged().season.missing) == set(ORGANS[2:])


def test_zero_new_reports_in_july_are_fine(past: Past) -> None:
    past.now = datetime(2026, 7, 15, tzinfo=UTC)
    _last_season(past)
    for organ in ORGANS:
        past.report(organ, 2025, "2026-01-25")
    past.crawl(0.5, found=40, new=0)
    assert past.verdicts() == {}


def test_a_report_still_missing_in_july_is_not(past: Past) -> None:
    past.now = datetime(2026, 7, 15, tzinfo=UTC)
    past.crawl(300)
    past.crawl(1)
    past.report(ORGANS[0], 2024, "2025-03-20")
    assert past.verdicts() == {"season_none": ERROR}


def test_who_was_not_watched_last_season_is_only_warned_of(past: Past) -> None:
    past.crawl(10)
    past.crawl(1)
    for organ in ORGANS:
        past.report(organ, 2024, "2025-01-20")
    assert past.verdicts() == {"season_none": WARNING}
    assert not past.assess().failing


@pytest.mark.parametrize("published_on", [None, "2024-12-30", "no date"])
def test_without_a_day_a_report_is_due_at_the_end_of_the_season(past: Past, published_on: str | None) -> None:
    _last_season(past)
    past.archive.db.conn.execute("UPDATE reports SET published_on = ?", (published_on,))
    past.now = datetime(2026, 4, 14, tzinfo=UTC)
    assert past.judged().season.due == 0
    past.now = datetime(2026, 4, 15, tzinfo=UTC)
    assert past.judged().season.due == 4


def test_the_leap_day_has_a_day_a_year_later(past: Past) -> None:
    past.now = datetime(2025, 3, 15, tzinfo=UTC)
    past.crawl(1)
    past.report(ORGANS[0], 2023, "2024-02-29")
    assert past.judged().season.due == 1


# Crawls as such --------------------------------------------------------------------------


def test_a_portal_left_out_for_weeks_is_no_longer_judged(past: Past) -> None:
    past.crawl(46, "blocked", "blocked:412")
    past.archive.sync_portals([{"id": "other", "name": "b"}])
    past.crawl(1, portal="other")
    judged = {portal.portal_id: [v.monitor for v in portal.verdicts] for portal in past.assess().portals}
    assert judged == {PORTAL: ["lapsed"], "other": []}
    assert not past.assess().failing


def test_only_the_portals_asked_for_are_judged(past: Past) -> None:
    past.archive.sync_portals([{"id": "other", "name": "b"}])
    past.crawl(1, "blocked", "blocked:412")
    past.crawl(1, portal="other")
    assert [portal.portal_id for portal in past.assess(portal_ids={"other"}).portals] == ["other"]
    assert [portal.portal_id for portal in past.assess().portals] == [PORTAL, "other"]


def test_a_crawl_that_did_not_end_is_told_unless_it_is_running(past: Past) -> None:
    past.crawl(2)
    past.crawl(1, ended=False)
    assert [v.monitor for v in past.assess().verdicts] == ["killed"]
    assert past.assess().failing
    assert past.assess(running=_last_run(past)).verdicts == ()
    assert health.killed_before(past.archive, _last_run(past)) == ()
    past.crawl(0.5, ended=False)
    assert [v.monitor for v in health.killed_before(past.archive, _last_run(past))] == ["killed"]
    with past.archive.write_lock():
        assert past.assess().verdicts == ()


def test_no_crawl_for_days_is_told(past: Past) -> None:
    past.crawl(10.5)
    assert [v.monitor for v in past.assess().verdicts] == ["stale"]
    assert past.assess(thresholds=Thresholds(stale_days=11)).verdicts == ()


def test_an_archive_of_imports_alone_is_well(past: Past) -> None:
    past.archive.begin_run("import")
    assert past.assess() == Health((), ())


def test_every_verdict_has_its_words(past: Past) -> None:
    past.crawl(300)
    past.crawl(1, "blocked", "blocked:412", vanished=90, failed=90, requests=9000)
    for portal in past.assess().portals:
        for verdict in portal.verdicts:
            for language in ("zh", "en"):
                assert "{" not in verdict.meaning(language) + verdict.advice(language)
            json.dumps(verdict.values)
