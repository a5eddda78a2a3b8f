"""Commands that begin where importing ends: each is forked from a process that has loaded the program.

Hundreds of commands are run; loading takes longer than what they do. A forked command is a process
like any other: leader of its own group, with its own pool of readers, and killed by the kernel alike.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tests.e2e.program import ROOT

_LOADED = (
    "nianbao.cli", "nianbao.importing", "nianbao.verifying", "crawler.portals", "crawler.portal_crawl",
    "crawler.middlewares", "scrapy.crawler", "archive.extraction", "archive.verification", "publish.publication",
    "publish.serve", "publish.table_files", "parsers.extract",
)  # fmt: skip


class Zygote:
    """The process from which commands are forked, one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"},
            cwd=ROOT,
        )

    def start(self, folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Forked:
        """Start ``nianbao`` with ``arguments`` in ``folder``; the one before must have ended."""
        job = {"folder": str(folder), "arguments": arguments, "environment": dict(environment)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output = tempfile.mkdtemp(prefix="faults-output-")
        self._process.stdin.write(json.dumps({**job, "output": output}) + "\n")
        statuses = self._process.stdout.fileno()
        return Forked(int(_line(statuses)), statuses, Path(output))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Forked:
    """A forked command, with what is used here of :class:`subprocess.Popen`."""

    def __init__(self, pid: int, statuses: int, folder: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._statuses = statuses
        self._folder = folder

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the command to end. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._statuses], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("nianbao", timeout or 0)
            self.returncode = int(_line(self._statuses))
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the command itself."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the command to end; return what it printed, and what it said of errors."""
        self.wait(timeout)
        told = []
        for name in ("stdout", "stderr"):
            path = self._folder / name
            told.append(path.read_text("utf-8", "replace") if path.exists() else "")
            path.unlink(missing_ok=True)
        if self._folder.exists():
            self._folder.rmdir()
        return told[0], told[1]


def _line(descriptor: int) -> bytes:
    """Read a line and nothing beyond, since what comes after it is waited for by ``select``."""
    line = b""
    while not line.endswith(b"\n"):
        one = os.read(descriptor, 1)
        assert one, "the process from which commands are forked has ended"
        line += one
    return line


def _serve() -> None:
    for name in _LOADED:
        importlib.import_module(name)
    # It opens what a forked process would share with its siblings.
    assert "twisted.internet.reactor" not in sys.modules
    while line := sys.stdin.readline():
        pid = os.fork()
        if not pid:
            _run(json.loads(line))
        print(pid, flush=True)
        _pid, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(job: dict[str, object]) -> None:
    """Become the command."""
    from nianbao.cli import main

    os.setsid()
    for number, name in ((1, "stdout"), (2, "stderr")):
        descriptor = os.open(Path(str(job["output"])) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, number)
        os.close(descriptor)
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.dup2(descriptor, 0)
    os.chdir(str(job["folder"]))
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    environment, arguments = job["environment"], job["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.update(environment)
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(arguments, prog_name="nianbao")


if __name__ == "__main__":
    _serve()
