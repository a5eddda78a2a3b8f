"""What readers, caches and the site itself keep of a publication, and for how long (RFC 9110, RFC 9111).

A publication never changes, so the same address gives the same answer until the next one takes its
place. Each answer carries a validator made of the publication, the program and the request; who asks
again with it is told that nothing changed, without the page being made. Between two questions an answer is
good for a minute: that is how much later a new publication may show. An answer that lacks something because it
took too long is kept by nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from publish.answers import LARGEST_BYTES, Answer, Answers
from publish.completeness import Watch, watched

Message = dict[str, Any]
App = Callable[..., Awaitable[None]]

_FRESH = b"public, max-age=60"
_FOREVER = b"public, max-age=31536000, immutable"
_NEVER = b"no-store"
_STATIC = "/static/"
_OWN = (b"etag", b"cache-control", b"last-modified", b"expires")
_STATED = (b"immutable", b"no-store")
"""Lifetimes that an answer states itself; others are Datasette's for what may change."""


def cached(app: App, publication: str) -> App:
    """Wrap the ASGI application over one publication; ``publication`` differs for all that answers otherwise."""
    answers = Answers()

    async def wrapped(scope: Message, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await app(scope, receive, send)
            return
        tag = _tag(scope, publication)
        if tag in _held(scope):
            await _answer(send, 304, [(b"etag", tag), (b"cache-control", _lifetime(scope))])
            return
        key = (scope["method"], tag)
        if (known := await answers.find(key)) is not None:
            await _answer(send, 200, known.headers, known.body)
            return
        try:
            with watched() as watch:
                kept = _Kept(send, watch, tag, _lifetime(scope), lambda: answers.made(key, None))
                await app(scope, receive, kept.send)
            answers.made(key, kept.answer)
        finally:
            answers.made(key, None)

    return wrapped


class _Kept:
    """Sends an answer on with its validator and lifetime, and keeps it if it is small and complete."""

    def __init__(
        self, send: Callable[..., Any], watch: Watch, tag: bytes, lifetime: bytes, too_long: Callable[[], None]
    ) -> None:
        self.answer: Answer | None = None
        self._send = send
        self._watch = watch
        self._tag = tag
        self._lifetime = lifetime
        self._too_long = too_long
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._parts: list[bytes] = []
        self._bytes = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message = {**message, "headers": self._with_lifetime(list(message.get("headers", [])))}
        elif message["type"] == "http.response.start":
            self._too_long()
        elif message["type"] == "http.response.body" and self._headers is not None:
            self._keep(message)
        await self._send(message)

    def _with_lifetime(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        stated = next((value for name, value in headers if name.lower() == b"cache-control"), b"")
        others = [(name, value) for name, value in headers if name.lower() not in _OWN]
        if self._watch.cut:
            self._too_long()
            return [*others, (b"cache-control", _NEVER)]
        lifetime = stated if any(word in stated for word in _STATED) else self._lifetime
        made = [*others, (b"etag", self._tag), (b"cache-control", lifetime)]
        if not any(name.lower() == b"set-cookie" for name, _value in others):
            self._headers = made
        else:
            self._too_long()
        return made

    def _keep(self, message: Message) -> None:
        body = message.get("body", b"")
        self._bytes += len(body)
        if self._bytes > LARGEST_BYTES or self._watch.cut:
            self._headers = None
            self._too_long()
            return
        self._parts.append(bytes(body))
        if not message.get("more_body") and self._headers is not None:
            self.answer = Answer(self._headers, b"".join(self._parts))


async def _answer(send: Callable[..., Any], status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@cache
def installed_at() -> int:
    """When the files that make the pages were last altered (nanoseconds); another program makes other pages."""
    return max(path.stat().st_mtime_ns for path in Path(__file__).parent.rglob("*") if path.is_file())


def _tag(scope: Message, publication: str) -> bytes:
    """The validator of the answer to a request; weak, since a server in front may compress it.

    Pages name their own address, so scheme and host tell answers apart.
    """
    asked = [publication.encode(), scope.get("raw_path") or scope["path"].encode(), scope["query_string"]]
    asked += [str(scope.get("scheme", "")).encode(), str(scope.get("root_path", "")).encode()]
    asked += [value for name, value in scope["headers"] if name == b"host"]
    return b'W/"%s"' % hashlib.sha256(b"\0".join(asked)).hexdigest()[:32].encode()


def _held(scope: Message) -> set[bytes]:
    """The validators that a reader has."""
    return {tag.strip() for name, value in scope["headers"] if name == b"if-none-match" for tag in value.split(b",")}


def _lifetime(scope: Message) -> bytes:
    # Styles are asked for with the hash of their content.
    return _FOREVER if scope["path"].startswith(_STATIC) and scope["query_string"] else _FRESH
