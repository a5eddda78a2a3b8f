"""Processes of a worker's own: a crawl's reactor starts once only, and Dask's own processes may have no children.

They are told what to do by a line of JSON, and answer with one. They end with their worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from archive.closing import Closing
from archive.errors import ArchiveError
from cluster.errors import ClusterError

_POLL_SECONDS = 1.0
_STOP_SECONDS = 60.0
_STOP = "stop\n"


class Child(Closing):
    """The module ``module``, running as a process of the present worker."""

    def __init__(self, module: str, **environment: str) -> None:
        self._module = module
        # What the worker can import, its children can.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, **environment},
        )

    def ask(self, job: dict[str, Any], stopped: Callable[[], bool] | None = None) -> dict[str, Any] | None:
        """Have a job done and return the answer; None if the process was stopped before it had one.

        Once ``stopped`` says so, the process is told to stop, and has a minute for that. Raises
        ClusterError for what the process could foresee, ChildProcessError if it ended by itself.
        """
        assert self._process.stdout is not None
        answers = _Answer(self._process.stdout)
        self._say(json.dumps(job) + "\n")
        told: float | None = None
        while not answers.wait(_POLL_SECONDS):
            if told is None and stopped is not None and stopped():
                told = time.monotonic()
                self._say(_STOP)
            elif told is not None and time.monotonic() - told > _STOP_SECONDS:
                self._process.kill()
        if not answers.line:
            code = self._process.wait()
            if told is not None:
                return None
            raise ChildProcessError(f"{self._module} ended with exit code {code}")
        answer: dict[str, Any] = json.loads(answers.line)
        if "error" in answer:
            raise ClusterError(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        # That it has ended is seen by its answer.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()


class _Answer:
    """The next line of a stream, waited for in a thread; empty at its end."""

    def __init__(self, stream: IO[str]) -> None:
        self.line = ""
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(ValueError):
            self.line = self._stream.readline()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


def serve(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """In the child: do the jobs that come, one after another, until the worker ends or says stop.

    Stop is SIGTERM to oneself, as if an operator had sent it.
    """
    answers = os.fdopen(os.dup(1), "w")
    # What libraries print is no answer.
    os.dup2(2, 1)
    jobs: list[str] = []
    come = threading.Semaphore(0)

    def listen() -> None:
        for line in sys.stdin:
            if line == _STOP:
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                jobs.append(line)
                come.release()
        # The worker is no more; whatever it had this process do is for another.
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        come.acquire()
        try:
            answer = work(json.loads(jobs.pop(0)))
        except ArchiveError as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
