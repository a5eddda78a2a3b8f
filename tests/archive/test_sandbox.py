"""The pool of reading processes itself; what it makes of documents is told in test_extraction."""

from pathlib import Path

import pebble.pool.process
import pytest

from archive.sandbox import Limits, Sandbox
from parsers.extract import Origin, Refusal
from tests.archive.factory import read

SEMAPHORES = Path("/dev/shm")


@pytest.mark.skipif(not SEMAPHORES.is_dir(), reason="semaphores are no files here")
def test_the_locks_of_workers_last_until_they_are_ended(monkeypatch):
    """One that is still starting, as on a busy machine, takes hold of them."""
    ended = []
    stop = pebble.pool.process.stop_process

    def look(process):
        ended.append([(SEMAPHORES / f"sem.{lock._semlock.name[1:]}").exists() for lock in sandbox._context.locks])
        stop(process)

    monkeypatch.setattr(pebble.pool.process, "stop_process", look)
    with Sandbox(read, 2, Limits()) as sandbox:
        results = list(sandbox.results([(b"interpretation", Origin())]))
    assert [type(result) for result in results] == [Refusal]
    assert ended == [[True, True]] * 2
