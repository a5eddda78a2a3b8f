"""One row of the form for one organ over all years: ``/-/organ-years/<organ>?table=requests&item=new``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import BadRequest, NotFound, Request, Response

from parsers import forms
from publish import layout
from publish.comparison import printed_fields, table_edition
from publish.language import Said
from publish.reading import Reader, gathered
from publish.report_cells import CellView, report_cells

QUERIES = {"disclosures": "organ_disclosures", "requests": "organ_requests", "reviews": "organ_reviews"}
"""The canned query that gives the same figures as a file."""
_DEFAULT_ITEMS = {"disclosures": "normative_documents", "requests": "new", "reviews": "reconsideration"}


@dataclass(frozen=True, slots=True)
class YearOfRow:
    """A report with its cells of the row, in the order of the columns."""

    report: dict[str, Any]
    cells: list[CellView]


def _measures(item: str) -> tuple[str, ...]:
    """Measures that any edition prints for ``item``, in printed order."""
    present = {code for edition in forms.editions().values() for code in edition.measures_of(item)}
    return tuple(code for code in forms.MEASURES if code in present)


def _rows(table: str) -> dict[str, str]:
    """Labels of the rows of ``table`` by their codes."""
    codes = {"disclosures": forms.ITEMS, "requests": forms.REQUEST_ROWS, "reviews": forms.PROCEEDINGS}[table]
    return {code: layout.row_label(table, code) for code in codes}


def _columns(table: str, item: str) -> dict[str, str]:
    if table == "disclosures":
        return {code: layout.words(forms.MEASURES[code]) for code in _measures(item)}
    labels = forms.APPLICANTS if table == "requests" else forms.OUTCOMES
    return {code: layout.words(label) for code, label in labels.items()}


def _years(read: Reader, organ_id: str, table: str, item: str) -> tuple[dict[str, Any], list[YearOfRow]] | None:
    """An organ and the row in each of its reports; None where there is no such organ."""
    organ = read.first("select * from organs where id = ?", organ_id)
    if organ is None:
        return None
    years = []
    for report in read.rows("select * from reports where organ_id = ? order by year", organ["id"]):
        cells = report_cells(read, report["id"])
        views = [cells.view(f"{table}.{item}.{column}") for column in _columns(table, item)]
        printed = printed_fields(table_edition(report, cells, table), table)
        for view in views:
            if view.kind == "absent" and view.field not in printed:
                view.kind = "unprinted"
        years.append(YearOfRow(report, views))
    return organ, years


async def organ_years(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/organ-years/<organ>``: the columns of one table row, a line for each year."""
    table = request.args.get("table") or "requests"
    if table not in QUERIES:
        raise BadRequest(Said(f"table 应为：{', '.join(QUERIES)}", f"table must be one of: {', '.join(QUERIES)}"))
    rows = _rows(table)
    item = request.args.get("item") or _DEFAULT_ITEMS[table]
    if item not in rows:
        raise BadRequest(Said(f"item 应为：{', '.join(rows)}", f"item must be one of: {', '.join(rows)}"))
    found = await gathered(datasette, _years, tilde_decode(request.url_vars["organ"]), table, item)
    if found is None:
        raise NotFound("No such organ")
    organ, years = found
    page = await datasette.render_template(
        "organ-years.html",
        {
            "organ": organ,
            "table": table,
            "item": item,
            "label": rows[item],
            "tables": {name: _rows(name) for name in QUERIES},
            "columns": _columns(table, item),
            "years": years,
            "query": QUERIES[table],
        },
        request=request,
    )
    return Response.html(page)
