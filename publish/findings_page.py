"""How often each rule fires in each year, ``/-/findings``: of everything or of one place."""

from __future__ import annotations

from dataclasses import dataclass

from datasette.app import Datasette
from datasette.utils.asgi import BadRequest, Request, Response

from publish import figures
from publish.dictionary import dictionary
from publish.figures import KEYS, Area
from publish.memory import remembered

# From this share of a year's reports on, each step is a shade darker; the first is for any at all.
STEPS = (0.0, 0.01, 0.05, 0.1, 0.2)
_GRAVE = ("error", "warning")


@dataclass(frozen=True, slots=True)
class HeatCell:
    """How many ``reports`` of a year have such a finding, of how many the archive has (``of``)."""

    reports: int
    of: int

    @property
    def shade(self) -> int | None:
        """Step of the share in :data:`STEPS`; None where there is no such finding."""
        if not self.reports or not self.of:
            return None
        return max(step for step, share in enumerate(STEPS) if self.reports / self.of >= share)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Rules by how many reports they fire in, with a cell for each year, the latest first; and the reports of each."""

    years: dict[int, int]
    lines: list[tuple[str, str, list[HeatCell]]]


async def findings(datasette: Datasette, request: Request) -> Response:
    """Answer the page, narrowed by ``province``, ``city``, ``county`` and ``severity``.

    Raises BadRequest for a severity that there is none of.
    """
    severity = request.args.get("severity") or ""
    words = dictionary().values["severity"]
    if severity and severity not in words:
        raise BadRequest(f"没有这样的轻重 no such severity: use {', '.join(words)}")
    place = {key: value for key in KEYS if (value := request.args.get(key))}
    area = Area(**place)
    view = await remembered(datasette, ("findings", area, severity), lambda: heat_map(datasette, area, severity))
    page = await datasette.render_template(
        "findings.html",
        {"view": view, "place": place, "severity": severity, "severities": words, "steps": STEPS},
        request=request,
    )
    return Response.html(page)


async def heat_map(datasette: Datasette, area: Area, severity: str) -> HeatMap | None:
    """Count the findings that are not our reading's and not dismissed; None where it takes too long.

    Without a ``severity`` all but notes are counted.
    """
    reports = f"organs as o cross join reports as r on r.organ_id = o.id where {area.condition()}"
    totals = await figures.rows(
        datasette, f"select r.year, count(*) as number from {reports} group by 1 order by 1 desc", area.named()
    )
    # The plus: never all findings for each report, whatever an archive without statistics lets SQLite think.
    chosen = "+f.severity = :severity" if severity else f"+f.severity in {_GRAVE}"
    found = await figures.rows(
        datasette,
        "select f.rule, coalesce(u.label, f.rule) as label, r.year, count(distinct f.report_id) as reports "
        "from organs as o cross join reports as r on r.organ_id = o.id cross join findings as f on f.report_id = r.id "
        "left join rules as u on u.code = f.rule left join finding_notes as n on n.finding_id = f.id "
        f"where {area.condition()} and {chosen} and f.cause <> 'extraction' "
        "and coalesce(n.state, '') <> 'dismissed' group by 1, 2, 3",
        area.named() | {"severity": severity},
    )
    if totals is None or found is None:
        return None
    years = {row["year"]: row["number"] for row in totals}
    rules: dict[tuple[str, str], dict[int, int]] = {}
    for row in found:
        rules.setdefault((row["rule"], row["label"]), {})[row["year"]] = row["reports"]
    return HeatMap(
        years,
        [
            (code, label, [HeatCell(counts.get(year, 0), number) for year, number in years.items()])
            for (code, label), counts in sorted(rules.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        ],
    )
