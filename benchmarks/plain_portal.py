"""A portal that answers as fast as Python can: static lists and reports, in a process of its own.

What a benchmark of crawling measures is then the crawler and not the server. Run alone it prints
its address: ``python -m benchmarks.plain_portal --documents 500``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import click

from sample import html
from sample.organs import Region
from sample.portals.organs import organ, reports

COLUMN = "/zfxxgk/zfxxgknb/"
COUNTERS = "/counters"
_REGION = Region("湖津省", "岭江市", "云汐区", "990001")
_SHELL = (
    '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title>{metas}</head>\n<body>'
    '<div class="nav"><a href="/">首页</a> <a href="/zfxxgk/">政府信息公开</a></div>\n'
    '<div class="pos">当前位置：<a href="/">首页</a> &gt; <a href="/zfxxgk/">政府信息公开</a></div>\n'
    "{body}</body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How the portal is made: ``documents`` reports, ``per_page`` to a page of the list.

    ``whole`` reports have their full text and tables, about 20 kB of markup; others two lines. With
    ``validators`` pages carry an ETag.
    """

    documents: int = 500
    per_page: int = 20
    whole: bool = True
    validators: bool = False

    @property
    def lists(self) -> int:
        """How many pages the list has."""
        return -(-self.documents // self.per_page)

    @property
    def pages(self) -> int:
        """Every page of the portal, robots.txt aside: home page, section, lists and reports."""
        return 2 + self.lists + self.documents


class Portal:
    """Makes the pages of a ``shape`` when they are asked for."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        sample = reports(2019, organ(_REGION, "教育局"), range(2024, 2025))[2024]
        self._text = html.render(sample) if shape.whole else "<p>本年度政府信息公开工作情况见附表。</p>"

    def body(self, path: str) -> bytes | None:
        """The page at ``path``, None if there is none."""
        if path == "/":
            return self._page("湖津省岭江市云汐区人民政府", '<ul><li><a href="/zfxxgk/">政府信息公开</a></li></ul>')
        if path == "/zfxxgk/":
            return self._page("政府信息公开", f'<ul><li><a href="{COLUMN}">政府信息公开年报</a></li></ul>')
        if not path.startswith(COLUMN):
            return None
        name = path.removeprefix(COLUMN)
        stem = name.removesuffix(".html")
        if name in ("", "index.html"):
            return self._list(0)
        if stem.startswith("index_") and stem[6:].isdigit():
            number = int(stem[6:])
            return self._list(number) if 0 < number < self.shape.lists else None
        serial = stem.rpartition("_")[2]
        if serial.isdigit() and int(serial) < self.shape.documents:
            return self._report(int(serial))
        return None

    def _list(self, number: int) -> bytes:
        first = number * self.shape.per_page
        rows = "\n".join(
            f'<li><a href="{COLUMN}{_year(serial) + 1}01/t{_year(serial) + 1}0115_{serial}.html" '
            f'title="{_title(serial)}">{_title(serial)}</a><span>{_year(serial) + 1}-01-15</span></li>'
            for serial in range(first, min(first + self.shape.per_page, self.shape.documents))
        )
        pager = f'<script>createPageHTML({self.shape.lists}, {number}, "index", "html");</script>'
        if number + 1 < self.shape.lists:
            pager += f'<a href="{COLUMN}index_{number + 1}.html">下一页</a>'
        return self._page("政府信息公开年报", f'<div class="overview_right"><ul>\n{rows}\n</ul></div>{pager}')

    def _report(self, serial: int) -> bytes:
        title = _title(serial)
        metas = f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{_year(serial) + 1}-01-15">'
        body = f'<h1>{title}</h1><div class="TRS_Editor"><p>第{serial}号</p>{self._text}</div>'
        return self._page(title, body, metas)

    @staticmethod
    def _page(title: str, body: str, metas: str = "") -> bytes:
        return _SHELL.format(title=title, metas=metas, body=body).encode()


def _title(serial: int) -> str:
    return f"云汐区第{serial // 10 + 1}街道办事处{_year(serial)}年政府信息公开工作年度报告"


def _year(serial: int) -> int:
    return 2015 + serial % 10


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as far as a crawler needs it: GET, kept open, answered in order."""

    def __init__(self, portal: Portal, counted: dict[str, int]) -> None:
        self._portal = portal
        self._counted = counted
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            assert self._transport is not None
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        first, *fields = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        if path == COUNTERS:
            return _response(200, json.dumps(self._counted).encode(), "application/json")
        body = self._portal.body(path)
        self._counted["requests"] += 1
        if body is None:
            return _response(404, b"not found", "text/plain")
        tag = f'"{hashlib.md5(body).hexdigest()}"' if self._portal.shape.validators else ""
        if tag and any(field.lower() == f"if-none-match: {tag}" for field in fields):
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        self._counted["bytes"] += len(body)
        return _response(200, body, "text/html; charset=utf-8", f"ETag: {tag}\r\n" if tag else "")


def _response(status: int, body: bytes, media_type: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode("latin-1") + body


async def _serve(shape: Shape, told: Connection | None) -> None:
    portal, counted = Portal(shape), {"requests": 0, "bytes": 0}
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(portal, counted), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if told is not None:
        told.send(port)
    else:
        click.echo(f"http://127.0.0.1:{port}/")
    await server.serve_forever()


def _run(shape: Shape, told: Connection | None) -> None:
    asyncio.run(_serve(shape, told))


@contextmanager
def serving(shape: Shape) -> Iterator[str]:
    """Serve a portal of this ``shape`` in another process; gives its home page's address."""
    here, there = multiprocessing.Pipe()
    process: Any = multiprocessing.get_context("spawn").Process(target=_run, args=(shape, there), daemon=True)
    process.start()
    try:
        if not here.poll(60):
            raise TimeoutError("the portal did not start")
        yield f"http://127.0.0.1:{here.recv()}/"
    finally:
        process.terminate()
        process.join()


@click.command()
@click.option("--documents", default=500, show_default=True)
@click.option("--validators", is_flag=True)
def main(documents: int, validators: bool) -> None:
    """Serve until interrupted."""
    _run(Shape(documents, validators=validators), None)


if __name__ == "__main__":
    main()
