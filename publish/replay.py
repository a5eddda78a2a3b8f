"""Captures for a viewer of web archives: a WARC file of one record, and the link that opens it.

The viewer, ReplayWeb.page, is another site: a page of it fetches the file from here and shows it in the
reader's browser. It is not served from this site, where what it replays would run beside everything else. It can
fetch only what the internet can reach over https.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from archive.errors import ArchiveError
from archive.store import Archive
from parsers.hosts import is_web
from publish.language import Said
from publish.metadata import DATABASE

_logger = logging.getLogger(__name__)

VIEWER = "https://replayweb.page"
MAX_BYTES = 64_000_000
"""Size of a document that is offered as WARC: the whole of it is held in memory."""
_UNREADABLE = Said("这份存档现在取不到", "This capture cannot be read at the moment")
_TOO_LARGE = Said("这份存档太大，请下载原件", "This capture is too large: download the original")


@dataclass(frozen=True, slots=True)
class Replay:
    """Where a capture is downloaded, and the address of the viewer; empty where the viewer cannot reach this site."""

    download: str
    viewer: str


def _file(path: Path, sha256: str) -> bytes:
    with Archive.read_only(path) as archive:
        return archive.warc(sha256)


async def warc(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/warc/<sha256>.warc.gz``: the record that holds a document, as it was captured."""
    sha256 = request.url_vars["sha256"]
    db = datasette.get_database(DATABASE)
    row = (await db.execute("select bytes from documents where sha256 = ?", (sha256,))).first()
    if row is None:
        raise NotFound("No such document")
    if row["bytes"] > MAX_BYTES:
        return Response.text(f"{_TOO_LARGE}\n", status=413)
    try:
        content = await asyncio.to_thread(_file, Path(db.path), sha256)
    except ArchiveError as error:
        _logger.error("capture not served: %s", error)
        return Response.text(f"{_UNREADABLE}\n", status=503)
    return Response(
        content,
        content_type="application/warc",
        headers={
            "content-disposition": f'attachment; filename="{sha256[:16]}.warc.gz"',
            "content-security-policy": "default-src 'none'; sandbox",
            "content-length": str(len(content)),
            "access-control-allow-origin": VIEWER,
            "access-control-expose-headers": "Content-Length",
            "cache-control": "public, max-age=31536000, immutable",
        },
    )


def replay(datasette: Datasette, request: Request, sha256: str, url: str | None, moment: str | None) -> Replay:
    """Return the links to the capture of a document: ``url`` is what was captured at ``moment`` (UTC, ISO 8601)."""
    path = datasette.urls.path(f"/-/warc/{sha256}.warc.gz")
    address = datasette.absolute_url(request, path)
    if not (url and is_web(url) and _is_public(address)):
        return Replay(path, "")
    time = "".join(character for character in moment or "" if character.isdigit())[:14]
    return Replay(path, f"{VIEWER}/?source={quote(address, safe='')}#url={quote(url, safe='')}&ts={time}")


def _is_public(address: str) -> bool:
    """Whether a page of another site, which is on https, can fetch from here."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" or ("." not in host and ":" not in host):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return not host.endswith((".localhost", ".local", ".internal"))
