"""The page of the portals' health in plain words, ``/-/portals``: what each was last asked for and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive import reasons
from publish import figures
from publish.memory import remembered
from publish.place_page import Coverage, coverage_of

PAGE = 100
NEVER = "never"
"""What stands for the status of a portal that was never crawled."""


@dataclass(frozen=True, slots=True)
class Group:
    """Portals with one status and reason, with the meaning of the reason in both languages."""

    status: str
    reason: str | None
    meaning: str
    meaning_en: str
    number: int


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal, how its last crawl went, when one last went well, and the coverage of its organs."""

    row: dict[str, Any]
    meaning: str
    meaning_en: str
    last_ok: str | None
    reports: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class PortalsView:
    """A page of portals; ``following`` is the id to go on after, None on the last page."""

    groups: list[Group] | None
    portals: list[Portal] | None
    status: str
    words: str
    following: str | None


def _meaning(reason: str | None) -> tuple[str, str]:
    known = reasons.find("portal", reason) if reason else None
    return (known.meaning("zh"), known.meaning("en")) if known else ("", "")


async def portals(datasette: Datasette, request: Request) -> Response:
    """Answer the page, narrowed by ``status`` and words of the name (``q``), from the id ``after`` on."""
    status, words, after = (request.args.get(name) or "" for name in ("status", "q", "after"))
    view = PortalsView(
        await remembered(datasette, "portal groups", lambda: _groups(datasette)),
        *await _portals(datasette, status, words, after),
    )
    page = await datasette.render_template("portals.html", {"view": view, "never": NEVER}, request=request)
    return Response.html(page)


async def _groups(datasette: Datasette) -> list[Group] | None:
    found = await figures.rows(
        datasette,
        "select status, nullif(status_reason, '') as reason, count(*) as number from portals group by 1, 2 "
        "order by status is null, status <> 'ok', number desc",
    )
    if found is None:
        return None
    return [Group(row["status"] or NEVER, row["reason"], *_meaning(row["reason"]), row["number"]) for row in found]


async def _portals(
    datasette: Datasette, status: str, words: str, after: str
) -> tuple[list[Portal] | None, str, str, str | None]:
    conditions = ["id > :after"]
    if status:
        conditions.append("status is null" if status == NEVER else "status = :status")
    if words:
        conditions.append("(instr(name, :words) > 0 or id = :words)")
    chosen = f"select * from portals where {' and '.join(conditions)} order by id limit {PAGE + 1}"
    given = {"after": after, "status": status, "words": words}
    found = await figures.rows(datasette, chosen, given)
    if found is None:
        return None, status, words, None
    following = found[PAGE - 1]["id"] if len(found) > PAGE else None
    ids = f"select id from ({chosen})"
    last = await figures.rows(
        datasette,
        "select p.portal_id, max(r.started_at) as moment from portal_runs as p join runs as r on r.id = p.run_id "
        f"where p.status = 'ok' and p.portal_id in ({ids}) group by 1",
        given,
    )
    held = await figures.rows(
        datasette,
        "select o.portal_id, c.state, count(*) as number from organs as o "
        f"cross join coverage as c on c.organ_id = o.id where o.portal_id in ({ids}) group by 1, 2",
        given,
    )
    reports = await figures.rows(
        datasette,
        "select o.portal_id, count(*) as number from organs as o cross join reports as r on r.organ_id = o.id "
        f"where o.portal_id in ({ids}) group by 1",
        given,
    )
    moments = {row["portal_id"]: row["moment"] for row in last or ()}
    numbers = {row["portal_id"]: row["number"] for row in reports or ()}
    states: dict[str, dict[str, int]] = {}
    for row in held or ():
        states.setdefault(row["portal_id"], {})[row["state"]] = row["number"]
    made = [
        Portal(
            row,
            *_meaning(row["status_reason"]),
            moments.get(row["id"]),
            numbers.get(row["id"], 0),
            coverage_of(states.get(row["id"], {})),
        )
        for row in found[:PAGE]
    ]
    return made, status, words, following
