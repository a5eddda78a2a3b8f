"""Security headers for every response: what is shown was scraped, so nothing of it may run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from publish.admission import refusal

Message = dict[str, Any]
App = Callable[..., Awaitable[None]]

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


def secured(app: App) -> App:
    """Wrap an ASGI app, which sees only requests that are let in. Headers that a response sets itself are kept."""

    async def wrapped(scope: Message, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                present = {bytes(name).lower() for name, _value in headers}
                headers += [(name, value) for name, value in _HEADERS.items() if name not in present]
                message = {**message, "headers": headers}
            await send(message)

        refused = refusal(scope)
        await (refused.asgi_send(send_secured) if refused else app(scope, receive, send_secured))

    return wrapped
