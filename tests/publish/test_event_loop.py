import asyncio
import itertools
import socket

from publish.event_loop import SharingEventLoop

READERS = 12


class Counted(socket.socket):
    """A listener that counts the connections taken from it."""

    taken = 0

    def accept(self) -> tuple[socket.socket, object]:
        found = super().accept()
        self.taken += 1
        return found


def test_takes_one_connection_at_a_time() -> None:
    listener = Counted()
    listener.bind(("127.0.0.1", 0))
    listener.listen(READERS)
    readers = [socket.create_connection(listener.getsockname()) for _ in range(READERS)]
    loop = SharingEventLoop()
    taken = [0]

    async def serve() -> None:
        server = await loop.create_server(asyncio.Protocol, sock=listener, backlog=READERS)
        async with server, asyncio.timeout(20):
            while listener.taken < READERS:
                await asyncio.sleep(0)
                taken.append(listener.taken)

    try:
        loop.run_until_complete(serve())
    finally:
        loop.close()
        for reader in readers:
            reader.close()
    assert max(later - earlier for earlier, later in itertools.pairwise(taken)) == 1


def test_as_many_may_wait_as_was_asked() -> None:
    listener = Counted()
    listener.bind(("127.0.0.1", 0))
    loop = SharingEventLoop()

    async def listen() -> None:
        async with await loop.create_server(asyncio.Protocol, sock=listener, backlog=READERS, start_serving=False):
            readers = [socket.create_connection(listener.getsockname(), timeout=2) for _ in range(READERS)]
            for reader in readers:
                reader.close()

    try:
        loop.run_until_complete(listen())
    finally:
        loop.close()
