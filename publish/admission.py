"""Requests turned away before they cost anything: what is no reading, and what would take minutes to look through."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from publish.language import Said

METHODS = ("GET", "HEAD", "OPTIONS")
MAX_QUERY_BYTES = 16_000
MAX_PARAMETERS = 150
"""Each link of a page is made from all parameters of its address, so the work grows with their square."""
MAX_FACETS = 12
"""Each facet may take its full time limit."""

_READING_ONLY = Said("这个网站只供阅读", "This site is for reading only")
_TOO_LONG = Said(
    f"网址太长，问号后至多 {MAX_QUERY_BYTES} 字节", f"The address is too long: {MAX_QUERY_BYTES} bytes at most"
)
_TOO_MANY = Said(f"条件太多，至多 {MAX_PARAMETERS} 个", f"Too many parameters: {MAX_PARAMETERS} at most")
_TOO_MANY_FACETS = Said(f"分面太多，至多 {MAX_FACETS} 个", f"Too many facets: {MAX_FACETS} at most")


_OF_OTHER_SITES = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "Authorization",
    "access-control-allow-methods": ", ".join(METHODS),
    "allow": ", ".join(METHODS),
}


def refusal(scope: dict[str, Any]) -> Response | None:
    """Return the answer to a request that is not let in or asks for no page, else None. ``scope`` is that of ASGI."""
    if scope["type"] != "http":
        return None
    if scope["method"] not in METHODS:
        answer = _told(_READING_ONLY, 405)
        answer.headers["allow"] = ", ".join(METHODS)
        return answer
    if scope["method"] == "OPTIONS":
        # What a page of another site asks before it reads, without any page being made.
        return Response.text("ok\n", headers=_OF_OTHER_SITES)
    query = scope["query_string"]
    if len(query) > MAX_QUERY_BYTES:
        return _told(_TOO_LONG, 414)
    names = [part.partition(b"=")[0] for part in query.split(b"&")]
    if len(names) > MAX_PARAMETERS:
        return _told(_TOO_MANY, 400)
    if sum(name.startswith(b"_facet") and name != b"_facet_size" for name in names) > MAX_FACETS:
        return _told(_TOO_MANY_FACETS, 400)
    return None


def _told(why: Said, status: int) -> Response:
    return Response.text(f"{why}\n", status=status)
