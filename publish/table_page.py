"""Pages of tables and canned queries: Datasette's own, with rows in one order on all of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import Request, Response
from datasette.views.table import TableView

from publish import ordering
from publish.dictionary import dictionary
from publish.export import export

_OF_STREAM = frozenset({"_stream", "_dl", "_size", "_header", "_labels"})


async def table(datasette: Datasette, request: Request, send: Any) -> Any:
    """Answer ``/archive/<table or query>``, with ``.json`` and ``.csv``.

    ``.csv?_stream=on`` is the raw edition of :func:`~publish.export.export`: Datasette's stream would end as if it
    were whole where it fails in the midst of the rows.
    """
    name, format_ = tilde_decode(request.url_vars["table"]), request.url_vars.get("format")
    if format_ == "csv" and request.args.get("_stream") and name in dictionary().tables:
        return await _stream(datasette, request)
    with ordering.pages():
        return await TableView.as_view(datasette)(request, send)


async def _stream(datasette: Datasette, request: Request) -> Response | Any:
    kept = [(name, value) for name, value in parse_qsl(request.query_string, True) if name not in _OF_STREAM]
    query = urlencode([*kept, ("_raw", "on")]).encode()
    return await export(datasette, Request({**request.scope, "query_string": query}, request.receive))
