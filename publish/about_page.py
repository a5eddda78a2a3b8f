"""The page about the data, ``/-/about``: how they came about, what they cannot say, and what every column means."""

from __future__ import annotations

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive import reasons
from publish import figures


async def about(datasette: Datasette, request: Request) -> Response:
    """Answer the page; the dictionary is the one that headings, metadata and exports use."""
    rules = await figures.rows(datasette, "select code, label, label_en, meaning, meaning_en from rules order by code")
    page = await datasette.render_template(
        "about.html",
        {
            "rules": rules or [],
            "refused": reasons.all_reasons("document"),
            "site": datasette.plugin_config("nianbao") or {},
        },
        request=request,
    )
    return Response.html(page)
