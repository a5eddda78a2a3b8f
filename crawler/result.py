"""What a crawl of a portal came to: its counts, and whether anything fell short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.frontier import DONE, EXPLORE, FAILED, GONE_REASONS, Outcome
from crawler import discovery

LINKED_HOSTS = "linked_hosts"
_REASONS_OF_THE_PORTAL = (*GONE_REASONS, "robots", "host")


@dataclass(frozen=True, slots=True)
class PortalResult:
    """What a crawl of a portal brought: the row of ``portal_runs``.

    ``status`` is ok, partial, blocked, robots or failed, ``reason`` machine-readable.
    ``listed`` counts reports that lists name, ``found`` documents kept, ``bytes`` what was received.
    """

    portal_id: str
    status: str
    reason: str | None
    listed: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    vanished: int = 0
    failed: int = 0
    requests: int = 0
    bytes: int = 0

    @property
    def lists_are_whole(self) -> bool:
        """Whether every list of the portal itself was read to its end."""
        return self.status == "ok" or self.reason == f"partial:{LINKED_HOSTS}"

    def row(self) -> dict[str, Any]:
        """The counts and the status by the column names of ``portal_runs``."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "portal_id"}


def summary(portal_id: str, outcomes: list[Outcome], requests: int, size: int) -> PortalResult:
    """Sum up the ``outcomes`` of a portal's crawl that took ``requests`` and ``size`` bytes."""
    documents = [outcome for outcome in outcomes if outcome.result.get("document")]
    failures = [outcome for outcome in outcomes if outcome.state == FAILED and not outcome.lead.context.get("optional")]
    elsewhere = [failure for failure in failures if failure.lead.context.get("foreign")]
    status, reason = _judgement(outcomes, documents, [failure for failure in failures if failure not in elsewhere])
    if status == "ok" and elsewhere:
        # A dead link to another body's host is no shortfall of this portal, but it is said.
        dead = all(failure.reason in GONE_REASONS for failure in elsewhere)
        status, reason = ("ok", reason or LINKED_HOSTS) if dead else ("partial", f"partial:{LINKED_HOSTS}")
    changes = [outcome.result["change"] for outcome in documents]
    return PortalResult(
        portal_id=portal_id,
        status=status,
        reason=reason,
        listed=sum(1 for outcome in outcomes if _is_listed(outcome)),
        found=len(documents),
        new=changes.count("new"),
        changed=changes.count("changed"),
        failed=sum(1 for failure in failures if failure.reason != "robots"),
        requests=requests,
        bytes=size,
    )


def _is_listed(outcome: Outcome) -> bool:
    return bool(outcome.lead.context.get("listed")) and not outcome.result.get("column")


def _judgement(outcomes: list[Outcome], documents: list[Outcome], failures: list[Outcome]) -> tuple[str, str | None]:
    """The status of a crawl and the machine-readable reason for anything but success."""
    blocked = next((failure.reason for failure in failures if (failure.reason or "").startswith("blocked:")), None)
    starts = [
        outcome
        for outcome in outcomes
        if (outcome.lead.depth == 0 and outcome.lead.score == discovery.ORDER_START)
        or (outcome.lead.context.get("learned") and not outcome.lead.context.get("optional"))
    ]
    if not any(outcome.state == DONE and not outcome.result.get("onward") for outcome in starts):
        reasons = [outcome.reason or "" for outcome in starts if outcome.state == FAILED] or ["redirects"]
        if blocked:
            return "blocked", blocked
        if all(reason == "robots" for reason in reasons):
            return "robots", "robots"
        reason = next(reason for reason in reasons if reason != "robots")
        return "failed", reason if reason.startswith("failed:") else f"failed:{reason}"
    if blocked:
        return ("partial" if documents else "blocked"), blocked
    robots = any(failure.reason == "robots" for failure in failures)
    if not documents:
        if robots:
            return "robots", "robots"
        has_column = any(outcome.result.get("column") for outcome in outcomes)
        return "partial", "partial:no_reports" if has_column else "partial:no_column"
    if any(
        outcome.state != DONE and outcome.reason == "budget" and outcome.lead.kind != EXPLORE for outcome in outcomes
    ):
        return "partial", "partial:budget"
    if shortfall := _shortfall(outcomes):
        return "partial", shortfall
    for failure in failures:
        matters = failure.lead.kind != EXPLORE or failure.lead.score >= discovery.SCORE_SECTION
        if matters and failure.reason not in _REASONS_OF_THE_PORTAL:
            return "partial", f"partial:{(failure.reason or '').removeprefix('failed:')}"
    # What robots.txt keeps back is the portal's will and no shortfall, but it is said.
    return "ok", "robots" if robots else None


def _shortfall(outcomes: list[Outcome]) -> str | None:
    """Whether some list gave fewer rows or pages than it declared."""
    rows: dict[str, set[str]] = {}
    totals: dict[str, int] = {}
    named: dict[str, int] = {}
    pages: dict[str, int] = {}
    read: dict[str, int] = {}
    for outcome in outcomes:
        first = outcome.result.get("first")
        if first:
            known = rows.setdefault(first, set())
            # A page that is there but shows nothing of its own was promised and not given.
            read[first] = read.get(first, 0) + (not known.issuperset(outcome.result["rows"]))
            known.update(outcome.result["rows"])
            totals[first] = max(totals.get(first, 0), outcome.result.get("total") or 0)
            pages[first] = max(pages.get(first, 0), outcome.result.get("pages") or 0)
            named[first] = named.get(first, 0) + outcome.result.get("reports", 1)
    # A list that names no report at all is not one of reports, whatever it declares.
    if any(named[first] and len(rows[first]) < total for first, total in totals.items()):
        return "partial:declared_total"
    if any(named[first] and read[first] < count and not totals[first] for first, count in pages.items()):
        return "partial:declared_pages"
    if any(outcome.result.get("turns") and outcome.result.get("reports") for outcome in outcomes):
        return "partial:next_page"
    if any(outcome.result.get("parts") for outcome in outcomes):
        return "partial:article_pages"
    if any(_is_unread(outcome, outcomes) for outcome in outcomes):
        return "partial:unread_list"
    for outcome in outcomes:
        context = outcome.lead.context
        first = context.get("first") or ""
        # Names that the page's script does not give may be one off: what counts is that all pages came.
        all_came = 0 < pages.get(first, 0) <= read.get(first, 0)
        missing = outcome.state == FAILED and outcome.reason != "robots" and not all_came
        if missing and context.get("page", 1) > 1 and not context.get("optional"):
            return "partial:declared_pages"
    return None


def _is_unread(shell: Outcome, outcomes: list[Outcome]) -> bool:
    """Whether ``shell`` is a column whose list a script fills, and nothing of that list was read."""
    if not shell.result.get("shell"):
        return False
    url, first = shell.lead.url, shell.result.get("first")
    return not any(
        outcome.result.get("rows") or outcome.result.get("document")
        for outcome in outcomes
        if url in (outcome.lead.context.get("referer"), outcome.lead.context.get("column"))
        or (first and outcome.result.get("first") == first)
    )
