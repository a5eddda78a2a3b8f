"""The event loop of the site's processes, which share the connections of one port."""

from __future__ import annotations

import asyncio
import socket
from typing import Any


class SharingEventLoop(asyncio.SelectorEventLoop):
    """Takes one waiting connection at a time, and leaves the others to processes that are free.

    asyncio takes as many as may wait: readers who come together, and keep their connections, would all be answered by
    the process that woke first.
    """

    async def create_server(  # type: ignore[override]
        self, *arguments: Any, sock: socket.socket, backlog: int = 100, **options: Any
    ) -> asyncio.Server:
        """Serve ``sock``, on which ``backlog`` connections may wait."""
        server = await super().create_server(*arguments, sock=sock, backlog=1, **options)
        sock.listen(backlog)
        return server
