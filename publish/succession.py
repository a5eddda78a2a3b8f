"""A site that changes over to each new publication while it serves.

Every request is answered from one publication from beginning to end; requests that have begun
are finished before the one they read is closed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from publish.caching import cached, installed_at
from publish.errors import SiteError
from publish.first_pages import ask_first_pages
from publish.metadata import DATABASE
from publish.publication import Publication, current

_logger = logging.getLogger(__name__)

SECONDS = 2.0
"""Between two looks for a new publication."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(slots=True)
class _Site:
    """A publication being served, and how many requests are reading it."""

    database: Path
    datasette: Datasette
    app: Callable[..., Awaitable[None]]
    reading: int = 0
    retired: bool = False

    def close_if_done(self) -> None:
        """Close the database of a publication that nobody reads any more."""
        if self.retired and not self.reading:
            self.datasette.get_database(DATABASE).close()


class PublishedSite:
    """The ASGI application over the publications of ``folder``; ``build`` makes the site over one of them.

    Raises SiteError if nothing is published there.
    """

    def __init__(self, folder: Path, build: Callable[[Path], Datasette], seconds: float = SECONDS) -> None:
        self._folder, self._build, self._seconds = folder, build, seconds
        self._site = self._open(current(folder))
        self._refused: Path | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        site = self._site
        site.reading += 1
        try:
            await site.app(scope, receive, send)
        finally:
            site.reading -= 1
            site.close_if_done()

    async def renew(self) -> bool:
        """Change over if there is a new publication that can be served; whether it was done.

        Raises SiteError, once for each publication, if it cannot be served; the one before is served on.
        """
        database = current(self._folder)
        if database in (self._site.database, self._refused):
            return False
        self._refused = database
        site = await asyncio.to_thread(self._open, database)
        await ask_first_pages(site.datasette)
        before, self._site, self._refused = self._site, site, None
        before.retired = True
        before.close_if_done()
        return True

    def _open(self, database: Path) -> _Site:
        datasette = self._build(database)
        identity = f"{Publication.load(database).sha256} {installed_at()}"
        return _Site(database, datasette, cached(datasette.app(), identity))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._site.datasette.invoke_startup()
                # Readers need not wait for what only some of them will ask for.
                self._watch = asyncio.create_task(self._watching())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._watch:
                    self._watch.cancel()
                    with suppress(asyncio.CancelledError):
                        await self._watch
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _watching(self) -> None:
        step: Callable[[], Awaitable[None]] = partial(ask_first_pages, self._site.datasette)
        while True:
            try:
                await step()
            except SiteError as error:
                _logger.error("the publication before is served on: %s", error)
            except Exception:
                _logger.exception("the publication before is served on")
            step = self._renewed
            await asyncio.sleep(self._seconds)

    async def _renewed(self) -> None:
        if await self.renew():
            _logger.warning("now serving %s", self._site.database.name)
