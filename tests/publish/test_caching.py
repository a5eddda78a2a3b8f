"""What is kept of answers: all of a small and complete one, nothing of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from publish import answers
from publish.caching import cached
from publish.completeness import cut_short

pytestmark = pytest.mark.anyio

Headers = list[tuple[bytes, bytes]]


class _App:
    """Answers ``parts`` and counts how often it is asked."""

    def __init__(self, *parts: bytes, status: int = 200, headers: Headers | None = None) -> None:
        self.parts, self.status, self.headers = parts or (b"made",), status, headers or []
        self.asked = 0
        self.before: Callable[[], None] = lambda: None
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        self.before()
        await self.go.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for number, part in enumerate(self.parts, start=1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(self.parts)})


def _client(app: _App) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=cached(app, "one")), base_url="http://site.example")


async def test_an_answer_is_made_once_and_given_again_whole() -> None:
    app = _App(b"in ", b"parts", headers=[(b"content-type", b"text/plain"), (b"cache-control", b"max-age=5")])
    async with _client(app) as client:
        first, again = await client.get("/a"), await client.get("/a")
        assert app.asked == 1
        assert first.content == again.content == b"in parts"
        assert dict(first.headers) == dict(again.headers)
        assert again.headers["content-type"] == "text/plain"
        assert again.headers["cache-control"] == "public, max-age=60"
        assert "vary" not in again.headers
        for other in ("/b", "/a?x=1"):
            assert (await client.get(other)).headers["etag"] != first.headers["etag"]
        await client.head("/a")
        assert app.asked == 4


@pytest.mark.parametrize("header", ["host", "x-forwarded-proto"])
async def test_what_pages_say_of_themselves_tells_answers_apart(header: str) -> None:
    app = _App()
    async with _client(app) as client:
        await client.get("/a")
        await client.get("/a", headers={"cookie": "a=1", "accept": "image/*"})
        assert app.asked == 1
        if header == "host":
            await client.get("/a", headers={header: "other.example"})
        else:
            await client.get("https://site.example/a")
        assert app.asked == 2


async def test_what_was_cut_short_is_kept_by_nobody() -> None:
    app = _App()
    app.before = cut_short
    async with _client(app) as client:
        first = await client.get("/a")
        assert (first.headers["cache-control"], "etag" in first.headers) == ("no-store", False)
        app.before = lambda: None
        assert "etag" in (await client.get("/a")).headers
        assert app.asked == 2


@pytest.mark.parametrize(
    "app",
    [
        _App(status=404),
        _App(headers=[(b"set-cookie", b"a=1")]),
        _App(b"x" * 300_000, b"x" * 300_000),
    ],
    ids=["error", "cookie", "large"],
)
async def test_what_is_no_answer_for_everybody_is_not_kept(app: _App) -> None:
    async with _client(app) as client:
        first, again = await client.get("/a"), await client.get("/a")
    assert app.asked == 2
    assert first.content == again.content == b"".join(app.parts)


async def test_a_lifetime_that_an_answer_states_stays() -> None:
    app = _App(headers=[(b"cache-control", b"public, max-age=31536000, immutable")])
    async with _client(app) as client:
        assert (await client.get("/a")).headers["cache-control"].endswith("immutable")


async def test_several_who_come_together_share_one_answer() -> None:
    app = _App()
    app.go.clear()
    async with _client(app) as client:
        asked = [asyncio.create_task(client.get("/a")) for _ in range(5)]
        await asyncio.sleep(0.05)
        app.go.set()
        assert {(await one).content for one in asked} == {b"made"}
    assert app.asked == 1


async def test_who_waited_for_what_is_not_kept_makes_it() -> None:
    app = _App(status=500)
    app.go.clear()
    async with _client(app) as client:
        asked = [asyncio.create_task(client.get("/a")) for _ in range(3)]
        await asyncio.sleep(0.05)
        app.go.set()
        assert {(await one).status_code for one in asked} == {500}
    assert app.asked == 3


async def test_the_oldest_answers_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 2 * answers.AROUND_BYTES + 10)
    app = _App(b"four")
    async with _client(app) as client:
        for path in ("/1", "/2", "/1", "/3", "/1"):
            await client.get(path)
        assert app.asked == 3
        await client.get("/2")
        assert app.asked == 4
