"""Original files as captured: always a download, never a page of this site."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
from pathlib import Path

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from archive.errors import ArchiveError
from archive.store import Archive
from publish.language import Said
from publish.metadata import DATABASE

_logger = logging.getLogger(__name__)

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_UNREADABLE = Said("这份原件现在取不到", "This original cannot be read at the moment")
_UNKNOWN = "application/octet-stream"


def _payload(path: Path, sha256: str) -> bytes:
    with Archive.read_only(path) as archive:
        return archive.payload(sha256)


def _file_name(sha256: str, media_type: str) -> str:
    return f"{sha256[:16]}{mimetypes.guess_extension(media_type) or '.bin'}"


async def original(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/original/<sha256>`` with the bytes exactly as the portal sent them.

    The file may hold any script: it comes as an attachment, under a sandbox, unsniffed.
    """
    sha256 = request.url_vars["sha256"]
    db = datasette.get_database(DATABASE)
    row = (await db.execute("select media_type from documents where sha256 = ?", (sha256,))).first()
    if row is None:
        raise NotFound("No such document")
    try:
        payload = await asyncio.to_thread(_payload, Path(db.path), sha256)
    except ArchiveError as error:
        _logger.error("original not served: %s", error)
        return Response.text(f"{_UNREADABLE}\n", status=503)
    media_type = row[0] if _MEDIA_TYPE.fullmatch(row[0]) else _UNKNOWN
    return Response(
        payload,
        content_type=media_type,
        headers={
            "content-disposition": f'attachment; filename="{_file_name(sha256, media_type)}"',
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "public, max-age=31536000, immutable",
        },
    )
