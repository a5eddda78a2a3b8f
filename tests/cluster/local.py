"""A cluster of real processes on loopback: a Dask scheduler and its workers, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

from tests.e2e.program import ROOT

_LEASE_SECONDS = 3
_SECONDS = 120


class LocalCluster:
    """A scheduler with ``workers`` worker processes of ``threads`` threads each, while the context manager is open.

    Workers ask portals by ``proxy``. It speaks TLS where the environment says with
    which certificates. The leases of locks run out after three seconds, so that a lost
    worker's work is soon taken over. Logs and temporary files are kept in ``folder``.
    """

    def __init__(self, folder: Path, workers: int, *, threads: int = 2, proxy: str | None = None) -> None:
        self._folder = folder
        self._threads = threads
        self.port = _free_port()
        protocol = "tls" if "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in os.environ else "tcp"
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self._protocol = ("--protocol", protocol)
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment["PYTHONPATH"] = str(ROOT)
        if proxy:
            environment |= {"http_proxy": proxy, "https_proxy": proxy}
        lease = {"LEASE_TIMEOUT": f"{_LEASE_SECONDS}s", "LEASE_VALIDATION_INTERVAL": "500ms"}
        environment |= {f"DASK_DISTRIBUTED__SCHEDULER__LOCKS__{name}": value for name, value in lease.items()}
        self._environment = environment
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.workers = [self.add_worker() for _ in range(workers)]

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start another worker."""
        return self._start(
            "worker",
            *(self.address, "--nthreads", str(self._threads), "--no-dashboard", "--host", "127.0.0.1"),
            *("--local-directory", str(self._folder), "--no-nanny", "--death-timeout", "60"),
            **environment,
        )

    def _start(self, kind: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{kind}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *arguments, *self._protocol],
                env={**self._environment, **environment},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )

    def log(self) -> str:
        """What the processes printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log")))

    def __enter__(self) -> LocalCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def children(process: subprocess.Popen[bytes]) -> list[str]:
    """The modules that the processes below ``process`` run."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            command = child.cmdline()
        except psutil.Error:
            continue
        found += [command[place + 1] for place, part in enumerate(command[:-1]) if part == "-m"]
    return found


def wait_for(condition: object, seconds: float = _SECONDS) -> None:
    """Wait until the callable ``condition`` gives a true value; AssertionError if it does not."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
