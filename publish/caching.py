"""Caching headers: what readers and caches may keep of a publication, and for how long (RFC 9110, RFC 9111).

A publication never changes, so the same address gives the same answer until the next one takes its
place. Each answer carries a validator made of the publication, the program and the request; who asks
again with it is told that nothing changed, without the page being made. Between two questions an answer is
good for a minute: that is how much later a new publication may show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

Message = dict[str, Any]
App = Callable[..., Awaitable[None]]

_FRESH = b"public, max-age=60"
_FOREVER = b"public, max-age=31536000, immutable"
_STATIC = "/static/"
_OWN = (b"etag", b"cache-control", b"last-modified", b"expires")


def cached(app: App, publication: str) -> App:
    """Wrap the ASGI application over one publication; ``publication`` differs for all that answers otherwise."""

    async def wrapped(scope: Message, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await app(scope, receive, send)
            return
        tag = _tag(scope, publication)
        headers = [(b"etag", tag), (b"cache-control", _lifetime(scope))]
        if tag in _held(scope):
            headers += [(b"vary", b"Cookie")]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_cached(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _OWN]
                message = {**message, "headers": [*kept, *headers]}
            await send(message)

        await app(scope, receive, send_cached)

    return wrapped


@cache
def installed_at() -> int:
    """When the files that make the pages were last altered (nanoseconds); another program makes other pages."""
    return max(path.stat().st_mtime_ns for path in Path(__file__).parent.rglob("*") if path.is_file())


def _tag(scope: Message, publication: str) -> bytes:
    """The validator of the answer to a request; weak, since a server in front may compress it."""
    asked = [publication.encode(), scope.get("raw_path") or scope["path"].encode(), scope["query_string"]]
    asked += [value for name, value in scope["headers"] if name in (b"cookie", b"accept", b"host")]
    return b'W/"%s"' % hashlib.sha256(b"\0".join(asked)).hexdigest()[:32].encode()


def _held(scope: Message) -> set[bytes]:
    """The validators that a reader has."""
    return {tag.strip() for name, value in scope["headers"] if name == b"if-none-match" for tag in value.split(b",")}


def _lifetime(scope: Message) -> bytes:
    # Styles are asked for with the hash of their content.
    return _FOREVER if scope["path"].startswith(_STATIC) and scope["query_string"] else _FRESH
