"""Writes WARC records beside the work of the command, and syncs together what waits together."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from archive.errors import ArchiveError
from archive.warc import Location, WarcFile

Write = Callable[[WarcFile], Location]


class RecordWriter:
    """Writes to one WARC file from a thread of its own.

    Compressing a record and waiting for the disk then keep nobody from fetching the next page.
    """

    def __init__(self, warc: WarcFile) -> None:
        self._warc = warc
        self._waiting: queue.SimpleQueue[tuple[Write, Future[Location]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="warc", daemon=True)
        self._thread.start()

    def submit(self, write: Write) -> Future[Location]:
        """Let ``write`` append a record; the future gives its place once the record is on disk.

        It raises ArchiveError where that failed.
        """
        future: Future[Location] = Future()
        self._waiting.put((write, future))
        return future

    def close(self) -> None:
        """Write what waits and close the file."""
        self._waiting.put(None)
        self._thread.join()
        self._warc.close()

    def _work(self) -> None:
        item = self._waiting.get()
        while item is not None:
            written: list[tuple[Future[Location], Location]] = []
            while item is not None:
                write, future = item
                try:
                    written.append((future, write(self._warc)))
                except Exception as error:
                    future.set_exception(error)
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
            self._sync(written)
            if item is None:
                return
            item = self._waiting.get()

    def _sync(self, written: list[tuple[Future[Location], Location]]) -> None:
        try:
            self._warc.sync()
        except ArchiveError as error:
            for future, _location in written:
                future.set_exception(error)
            return
        for future, location in written:
            future.set_result(location)
