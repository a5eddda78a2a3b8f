"""``nianbao status``: the archive's health for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from archive import reasons
from archive.health import ERROR, Health, PortalHealth
from archive.store import Archive
from nianbao import console
from nianbao.notify.message import portal_data, verdict_data

_NAMED = 5
_COLUMNS = ("id", "name", "status", "reason", "last run", "last ok", "failures", "found", "vanished", "season")


def show(health: Health) -> None:
    """Print the portals' health, what is missing this season, and what the monitors say."""
    rows = [
        (
            portal.portal_id,
            portal.name,
            portal.status,
            portal.reason,
            _day(portal.last_run_at),
            _day(portal.last_ok_at),
            portal.failures,
            portal.counts["found"],
            portal.counts["vanished"],
            _season(portal),
        )
        for portal in health.portals
    ]
    console.table("Portals crawled", _COLUMNS, rows)
    missing = [portal for portal in health.portals if portal.season.missing]
    if missing:
        console.table(
            f"Missing reports of {missing[0].season.year}",
            ("portal", "organs", "which published the year before"),
            [(portal.portal_id, len(portal.season.missing), _some(portal.season.missing)) for portal in missing],
        )
    show_verdicts(health)


def show_verdicts(health: Health) -> None:
    """Print what the monitors say, if anything, and what the reason codes of portals mean, each with what to do."""
    told = [("", verdict) for verdict in health.verdicts]
    told += [
        (portal.portal_id, verdict)
        for portal in health.portals
        for verdict in portal.verdicts
        # The portal's own row tells its status; what to do is said once for all that share a reason.
        if verdict.monitor != "fell_short"
    ]
    if told:
        rows = [(portal, v.severity, v.monitor, v.meaning("en"), v.advice("en")) for portal, v in told]
        console.table("Monitors", ("portal", "severity", "monitor", "what", "what to do"), rows)
    counted = Counter(portal.reason for portal in health.portals if portal.failing and portal.reason)
    found = [(code, count, reasons.find("portal", code)) for code, count in counted.most_common()]
    if found:
        meanings = [(code, count, reason and reason.en, reason and reason.do_en) for code, count, reason in found]
        console.table("Reasons", ("reason", "portals", "what", "what to do"), meanings)


def as_json(archive: Archive, health: Health, counts: Mapping[str, object], language: reasons.Language) -> str:
    """The same as one JSON object. ``failing`` is what the exit status says."""
    query = archive.db.conn.execute
    runs = query("SELECT id, command, started_at, finished_at FROM runs ORDER BY id DESC LIMIT 10").fetchall()
    refusals = query("SELECT reason, count(*) FROM refusals GROUP BY reason ORDER BY 2 DESC, 1").fetchall()
    data: dict[str, Any] = {
        "archive": str(archive.path),
        "failing": health.failing,
        "counts": dict(counts),
        "writing": archive.writer(),
        "verdicts": [verdict_data(verdict, language) for verdict in health.verdicts],
        "portals": [portal_data(portal, language) for portal in health.portals],
        "runs": [dict(zip(("id", "command", "started_at", "finished_at"), run, strict=True)) for run in runs],
        "refusals": dict(refusals),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def summary_line(health: Health) -> str:
    """One line that says whether all is well."""
    failing = sum(portal.failing for portal in health.portals)
    told = [verdict.monitor for verdict in health.verdicts if verdict.severity == ERROR]
    if not failing and not told:
        warned = sum(bool(portal.verdicts) for portal in health.portals)
        return f"All well: {len(health.portals)} portals{f', {warned} with warnings' if warned else ''}."
    crawls = f"; the crawls: {', '.join(told)}" if told else ""
    return f"Needs attention: {failing} of {len(health.portals)} portals{crawls}."


def _season(portal: PortalHealth) -> str:
    season = portal.season
    return f"{season.year}: {season.present} of {season.due} due" if season.due else f"{season.year}: {season.present}"


def _some(names: tuple[str, ...]) -> str:
    shown = "、".join(names[:_NAMED])
    return f"{shown} … ({len(names) - _NAMED} more)" if len(names) > _NAMED else shown


def _day(moment: str | None) -> str:
    return (moment or "never")[:16].replace("T", " ")
