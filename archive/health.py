"""Health: how the crawls of each portal go, judged by what stands in the archive.

The verdicts are a function of ``runs``, ``portal_runs`` and the reports, so the end of a crawl and
``nianbao status`` say the same. A portal is compared with itself: with its earlier crawls, and with
the season before, since reports of a year appear from January to March of the next.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from statistics import median
from typing import Any, Literal

from archive import reasons
from archive.store import Archive

Severity = Literal["error", "warning"]
ERROR: Severity = "error"
WARNING: Severity = "warning"

_BEIJING = timezone(timedelta(hours=8))
_END_OF_SEASON = (4, 1)
_RUNS_COMPARED = 5
_UNFINISHED = ("interrupted", "partial:hours")
_CRAWLS = "(r.command IN ('crawl', 'demo') OR r.command LIKE 'scrapy crawl %')"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on the monitors speak.

    ``drop`` is the share of what was there before below which a crawl, or a season, has dropped, for
    portals with at least ``fewest`` of it. ``grace_days`` are allowed after last year's day of
    publication. ``failed`` addresses are too many above that share and at least ``fewest_failed``;
    ``requests`` above ``requests_free`` and that many for each document. ``vanished`` likewise a
    share. A portal whose crawls do not end for ``stalled_days`` is stalled, one left out for
    ``lapsed_days`` is no longer judged, and no crawl at all for ``stale_days`` is stale.
    """

    drop: float = 0.5
    fewest: int = 4
    grace_days: int = 14
    failed: float = 0.1
    fewest_failed: int = 5
    requests: float = 5.0
    requests_free: int = 200
    vanished: float = 0.2
    fewest_vanished: int = 5
    stalled_days: int = 7
    lapsed_days: int = 45
    stale_days: int = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a monitor found: its code in ``reasons.toml`` and the values named there.

    An error fails the run; a warning is only said.
    """

    monitor: str
    severity: Severity
    values: dict[str, Any] = field(default_factory=dict)

    def meaning(self, language: reasons.Language) -> str:
        """What was found, in words."""
        return reasons.monitor(self.monitor).meaning(language).format(**self.values)

    def advice(self, language: reasons.Language) -> str:
        """What to do, that of the reason code where there is one."""
        reason = reasons.find("portal", str(self.values.get("reason") or ""))
        return (reason or reasons.monitor(self.monitor)).advice(language)


@dataclass(frozen=True, slots=True)
class Season:
    """The reports of ``year``, which are due from January to March of the next.

    ``due`` are the organs that should have published by now, going by when they did the year
    before; ``present`` those that have; ``missing`` the names of those due that have not.
    """

    year: int
    due: int
    present: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortalHealth:
    """One portal: its last crawl, how long since one went well, and the monitors' verdicts.

    Times are UTC ISO 8601. ``failures`` counts the crawls in a row that fell short, the last included.
    """

    portal_id: str
    name: str
    status: str | None
    reason: str | None
    last_run_at: str
    last_ok_at: str | None
    failures: int
    counts: dict[str, int]
    season: Season
    verdicts: tuple[Verdict, ...]

    @property
    def failing(self) -> bool:
        """Whether any verdict is an error."""
        return any(verdict.severity == ERROR for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Health:
    """The archive's health: that of its portals, those that fail first, and verdicts on the crawls as such."""

    portals: tuple[PortalHealth, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def failing(self) -> bool:
        """Whether anything failed or fell short."""
        return any(verdict.severity == ERROR for verdict in self.verdicts) or any(p.failing for p in self.portals)


@dataclass(frozen=True, slots=True)
class _Run:
    started_at: str
    status: str | None
    reason: str | None
    counts: dict[str, int]

    @property
    def is_finished(self) -> bool:
        return self.reason not in _UNFINISHED


_COUNTS = ("listed", "found", "new", "changed", "vanished", "failed", "requests", "bytes")


def assess(
    archive: Archive,
    *,
    portal_ids: Collection[str] | None = None,
    now: datetime | None = None,
    thresholds: Thresholds = Thresholds(),
    running: str | None = None,
) -> Health:
    """Judge every portal that was ever crawled, or only ``portal_ids``.

    ``now`` has a time zone. ``running`` is the id of the run that asks, which has not ended yet.
    """
    now = now or datetime.now(UTC)
    runs = _runs(archive)
    names = dict(archive.db.conn.execute("SELECT id, name FROM portals").fetchall())
    chosen = [portal for portal in runs if portal_ids is None or portal in portal_ids]
    open_since = dict(
        archive.db.conn.execute(
            "SELECT portal_id, min(started_at) FROM _crawls WHERE finished_at IS NULL GROUP BY portal_id"
        ).fetchall()
    )
    seasons = _Seasons(archive, now.astimezone(_BEIJING).date(), thresholds)
    portals = [
        _portal(portal, names.get(portal, portal), runs[portal], open_since.get(portal), seasons, now, thresholds)
        for portal in chosen
    ]
    portals.sort(key=lambda health: (not health.failing, not health.verdicts, health.portal_id))
    return Health(tuple(portals), tuple(_of_the_crawls(archive, now, thresholds, running)))


def _runs(archive: Archive) -> dict[str, list[_Run]]:
    """The crawls of each portal, oldest first."""
    found: dict[str, list[_Run]] = defaultdict(list)
    rows = archive.db.conn.execute(
        f"SELECT p.portal_id, r.started_at, p.status, p.reason, {', '.join(f'p.{name}' for name in _COUNTS)}"
        " FROM portal_runs p JOIN runs r ON r.id = p.run_id ORDER BY r.started_at, r.id"
    )
    for portal_id, started_at, status, reason, *counts in rows:
        found[portal_id].append(
            _Run(started_at, status, reason, {name: count or 0 for name, count in zip(_COUNTS, counts, strict=True)})
        )
    return found


def _portal(
    portal_id: str,
    name: str,
    runs: Sequence[_Run],
    open_since: str | None,
    seasons: _Seasons,
    now: datetime,
    thresholds: Thresholds,
) -> PortalHealth:
    last = runs[-1]
    failures = 0
    for run in reversed(runs):
        if run.status == "ok":
            break
        failures += run.reason != "partial:hours"
    season = seasons.of(portal_id)
    if _days_since(last.started_at, now) > thresholds.lapsed_days:
        verdicts = [Verdict("lapsed", WARNING, {"since": last.started_at[:10]})]
    else:
        verdicts = [
            *_of_the_outcome(last, open_since, now, thresholds),
            *_against_earlier(runs, thresholds),
            *seasons.verdicts(season, watched_since=runs[0].started_at),
        ]
    return PortalHealth(
        portal_id=portal_id,
        name=name,
        status=last.status,
        reason=last.reason,
        last_run_at=last.started_at,
        last_ok_at=next((run.started_at for run in reversed(runs) if run.status == "ok"), None),
        failures=failures,
        counts=last.counts,
        season=season,
        verdicts=tuple(verdicts),
    )


def _of_the_outcome(last: _Run, open_since: str | None, now: datetime, thresholds: Thresholds) -> Iterable[Verdict]:
    """Blocked, partial, failed, kept out by robots.txt, or waiting for its hours."""
    if open_since and not last.is_finished and _days_since(open_since, now) > thresholds.stalled_days:
        yield Verdict("stalled", ERROR, {"since": open_since[:10]})
    elif last.reason == "partial:hours":
        yield Verdict("waiting", WARNING, {"reason": last.reason})
    elif last.status != "ok":
        yield Verdict("fell_short", ERROR, {"status": last.status, "reason": last.reason})
    if last.reason and reasons.find("portal", last.reason) is None:
        yield Verdict("unknown_reason", WARNING, {"reason": last.reason})


def _against_earlier(runs: Sequence[_Run], thresholds: Thresholds) -> Iterable[Verdict]:
    """The last crawl that came to its end, held against those before it that went well."""
    finished = [run for run in runs if run.is_finished]
    if not finished or finished[-1] is not runs[-1] or runs[-1].status in ("blocked", "failed", "robots"):
        return
    now = finished[-1].counts
    before = [run.counts for run in finished[:-1] if run.status == "ok"][-_RUNS_COMPARED:]

    def usual(name: str) -> float:
        return median(counts[name] for counts in before) if before else 0

    if before and now["found"] == 0 < usual("found"):
        yield Verdict("none_found", ERROR, {"before": round(usual("found"))})
    elif usual("found") >= thresholds.fewest and now["found"] < thresholds.drop * usual("found"):
        yield Verdict("drop", ERROR, {"found": now["found"], "before": round(usual("found"))})
    if now["vanished"] >= thresholds.fewest_vanished and now["vanished"] > thresholds.vanished * (
        now["found"] + now["vanished"]
    ):
        yield Verdict("vanished", ERROR, {"vanished": now["vanished"]})
    # Dead links and long ways are the nature of some portals: only what got worse fails the run.
    if now["failed"] >= thresholds.fewest_failed and now["failed"] > thresholds.failed * (now["found"] + now["failed"]):
        worse = bool(before) and now["failed"] > 2 * usual("failed")
        yield Verdict("errors", ERROR if worse else WARNING, {"failed": now["failed"], "found": now["found"]})
    if now["requests"] > thresholds.requests_free + thresholds.requests * now["found"]:
        worse = bool(before) and now["requests"] > 2 * usual("requests")
        yield Verdict("requests", ERROR if worse else WARNING, {"requests": now["requests"], "found": now["found"]})


class _Seasons:
    """Which reports of last year the portals have, and which they should have by now."""

    def __init__(self, archive: Archive, today: date, thresholds: Thresholds) -> None:
        self._today = today
        self._thresholds = thresholds
        self.year = today.year - 1
        self._present: dict[str, set[str]] = defaultdict(set)
        self._due: dict[str, dict[str, str]] = defaultdict(dict)
        rows = archive.db.conn.execute(
            "SELECT DISTINCT e.portal_id, r.organ_id, o.name, r.year, r.published_on FROM _extractions e"
            " JOIN reports r ON r.id = e.report_id JOIN organs o ON o.id = r.organ_id"
            " WHERE e.portal_id IS NOT NULL AND r.year IN (?, ?)",
            (self.year, self.year - 1),
        )
        for portal_id, organ_id, name, year, published_on in rows:
            if year == self.year:
                self._present[portal_id].add(organ_id)
            elif self._due_on(published_on) <= today:
                self._due[portal_id][organ_id] = name

    def _due_on(self, published_on: str | None) -> date:
        """The day by which an organ should publish that published its last report then; else the end of the season."""
        try:
            last = date.fromisoformat(published_on or "")
        except ValueError:
            last = date(self.year, *_END_OF_SEASON)
        if last < date(self.year, 1, 1):
            # Stated wrongly: no report of a year is published within that year.
            last = date(self.year, *_END_OF_SEASON)
        return _a_year_later(last) + timedelta(days=self._thresholds.grace_days)

    def of(self, portal_id: str) -> Season:
        due, present = self._due.get(portal_id, {}), self._present.get(portal_id, set())
        missing = tuple(sorted(name for organ_id, name in due.items() if organ_id not in present))
        return Season(self.year, len(due), len(present), missing)

    def verdicts(self, season: Season, *, watched_since: str) -> Iterable[Verdict]:
        """Nothing, or too little, where reports are expected.

        It is an error only for a portal that was watched through a season before, and a few organs may
        be late until the season is over: else it is a warning.
        """
        over = self._today >= date(self._today.year, *_END_OF_SEASON)
        watched = datetime.fromisoformat(watched_since).astimezone(_BEIJING).date() < date(self._today.year, 1, 1)
        severity = ERROR if watched and (over or season.due >= self._thresholds.fewest) else WARNING
        values = {"year": season.year, "due": season.due, "missing": len(season.missing)}
        if season.due and not season.present:
            yield Verdict("season_none", severity, values)
        elif season.due >= self._thresholds.fewest and season.due - len(season.missing) < (
            self._thresholds.drop * season.due
        ):
            yield Verdict("season_behind", severity, values)


def killed_before(archive: Archive, running: str) -> tuple[Verdict, ...]:
    """Whether the crawl before the run ``running`` did not come to its end."""
    return tuple(verdict for started_at, verdict in _last_crawl(archive, running) if verdict)


def _of_the_crawls(archive: Archive, now: datetime, thresholds: Thresholds, running: str | None) -> Iterable[Verdict]:
    """Whether crawls begin and end at all."""
    if running is not None:
        return
    for started_at, verdict in _last_crawl(archive, running):
        if verdict and archive.writer() is None:
            yield verdict
        if _days_since(started_at, now) > thresholds.stale_days:
            yield Verdict("stale", ERROR, {"since": started_at})


def _last_crawl(archive: Archive, running: str | None) -> Iterable[tuple[str, Verdict | None]]:
    """When the last crawl but ``running`` began, with the verdict on one that did not end; nothing if there is none."""
    rows = archive.db.conn.execute(
        f"SELECT r.started_at, r.finished_at FROM runs r WHERE {_CRAWLS} AND r.id IS NOT ?"
        " ORDER BY r.started_at DESC, r.id DESC LIMIT 1",
        (running,),
    )
    for started_at, finished_at in rows.fetchall():
        yield started_at, None if finished_at else Verdict("killed", ERROR, {"since": started_at})


def _a_year_later(day: date) -> date:
    if (day.month, day.day) == (2, 29) and not calendar.isleap(day.year + 1):
        return date(day.year + 1, 3, 1)
    return day.replace(year=day.year + 1)


def _days_since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds() / 86400
