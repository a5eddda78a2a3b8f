"""A set of organs on one measure: ``/-/organs-compare?measure=requests.new.total&year=2024``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import BadRequest, Request, Response

from parsers import forms
from publish import layout
from publish.dictionary import dictionary
from publish.findings_page import choices
from publish.language import Said, either
from publish.metadata import DATABASE
from publish.rates import Rate, rates

QUERY = "organs_compare"
"""The canned query behind the page, which gives the same rows as a file."""
SHOWN = 300
MAX_ORGANS = 500
DEFAULT_MEASURE = "requests.new.total"
RATE = "rates."
"""What stands before a rate's code where a measure is asked for."""


def measures() -> dict[str, dict[str, str]]:
    """Return what organs can be compared on: labels by field, in named groups."""
    found: dict[str, dict[str, str]] = {
        either("比率", "Rates"): {f"{RATE}{code}": rate.name for code, rate in rates().items()},
        either("表三", "Table 3"): {
            f"requests.{code}.total": layout.row_label("requests", code) for code in forms.REQUEST_ROWS
        },
        either("表四", "Table 4"): {
            f"reviews.{proceeding}.{outcome}": layout.field_label(f"reviews.{proceeding}.{outcome}")
            for proceeding in forms.PROCEEDINGS
            for outcome in forms.OUTCOMES
        },
    }
    fields = dict.fromkeys(
        field for edition in forms.editions().values() for field in layout.disclosures(edition).fields()
    )
    found[either("表二", "Table 2")] = {field: layout.field_label(field) for field in fields}
    return found


def is_measure(measure: str) -> bool:
    """Whether ``measure`` is a cell of the form (any column of it) or a rate."""
    table, _, rest = measure.partition(".")
    row, _, column = rest.partition(".")
    if measure.startswith(RATE):
        return rest in rates()
    rows, columns = {
        "requests": (forms.REQUEST_ROWS, forms.APPLICANTS),
        "reviews": (forms.PROCEEDINGS, forms.OUTCOMES),
        "disclosures": (forms.ITEMS, forms.MEASURES),
    }.get(table, ({}, {}))
    return row in rows and column in columns


def _organs(request: Request) -> list[str]:
    """The organs asked for, each ``organ`` argument naming one or several with blanks between."""
    named = [organ for text in request.args.getlist("organ") for organ in text.split()]
    if len(named) > MAX_ORGANS:
        raise BadRequest(Said(f"最多比较 {MAX_ORGANS} 个机关", f"at most {MAX_ORGANS} organs"))
    return list(dict.fromkeys(named))


def _year(text: str, years: list[int]) -> str:
    if not text:
        return str(years[0]) if years else ""
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise BadRequest(Said("year 应为四位年份", "year must be a year of four digits"))
    return text


async def organs_compare(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/organs-compare``: organs of a province or named ones, ranked by a cell or rate of one year."""
    offered = await choices(datasette)
    measure = request.args.get("measure") or DEFAULT_MEASURE
    if not is_measure(measure):
        raise BadRequest(Said("没有这个指标", "no such measure"))
    asked = {
        "measure": measure,
        "year": _year((request.args.get("year") or "").strip(), offered.years),
        **{name: (request.args.get(name) or "").strip() for name in ("province", "level", "kind")},
        "organs": " ".join(_organs(request)),
    }
    found = await datasette.execute(DATABASE, dictionary().queries[QUERY].sql, asked, truncate=True)
    rows: list[dict[str, Any]] = [dict(row) for row in found.rows][:SHOWN]
    rate: Rate | None = rates().get(measure.removeprefix(RATE)) if measure.startswith(RATE) else None
    page = await datasette.render_template(
        "organs-compare.html",
        {
            "asked": asked,
            "rows": rows,
            "more": len(found.rows) > SHOWN or found.truncated,
            "shown": SHOWN,
            "rate": rate,
            "label": rate.name if rate else layout.field_label(measure),
            "measures": measures(),
            "years": offered.years,
            "provinces": [(province, province) for province in offered.provinces],
            "query": QUERY,
            "arguments": urlencode(asked),
        },
        request=request,
    )
    return Response.html(page)
