"""Running other programs on hostile files: bounded in time, memory and disk, without network."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from parsers.document import UnreadableDocumentError

_POLL_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1
# New user, network and process namespaces: no network, and nothing outlives the program.
_NAMESPACES = ("unshare", "--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child=KILL")


def find(*names: str) -> str | None:
    """Path of the first of the programs that is installed, None where none is."""
    return next((path for name in names if (path := shutil.which(name))), None)


def run(
    command: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    memory_bytes: int,
    disk_bytes: int,
    files: int = 1000,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a program in ``folder``, its only place to write to; return its exit code.

    Its output is discarded. Raises UnreadableDocumentError ``timeout`` or ``too_big`` where it
    exceeds a limit; it and all that it started are then killed.
    """
    process = subprocess.Popen(
        [*_namespaces(), *command],
        cwd=folder,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_Limits(seconds, memory_bytes, disk_bytes),
    )
    name = Path(command[0]).name
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise UnreadableDocumentError("timeout", f"{name} took longer than {seconds:g} seconds")
            _check_size(folder, name, disk_bytes, files)
            time.sleep(_POLL_SECONDS)
        _check_size(folder, name, disk_bytes, files)
    finally:
        _kill(process)
    return process.returncode


class _Limits:
    """What a started program does before it becomes the program."""

    def __init__(self, seconds: float, memory_bytes: int, disk_bytes: int) -> None:
        self._limits = (
            (resource.RLIMIT_CPU, int(2 * seconds) + 1),
            (resource.RLIMIT_AS, memory_bytes),
            (resource.RLIMIT_FSIZE, disk_bytes),
            (resource.RLIMIT_CORE, 0),
        )
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl if os.uname().sysname == "Linux" else None

    def __call__(self) -> None:
        # A worker that is killed takes its program along.
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for kind, wanted in self._limits:
            _soft, hard = resource.getrlimit(kind)
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(kind, (limit, limit))


@cache
def _namespaces() -> tuple[str, ...]:
    """The wrapper that takes the network away, empty where the system does not permit it."""
    if not shutil.which(_NAMESPACES[0]):
        return ()
    try:
        probe = subprocess.run(
            [*_NAMESPACES, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _NAMESPACES if probe.returncode == 0 else ()


def _check_size(folder: Path, name: str, disk_bytes: int, files: int) -> None:
    size = count = 0
    for parent, _folders, names in os.walk(folder):
        for file in names:
            count += 1
            try:
                size += (Path(parent) / file).lstat().st_size
            except OSError:
                continue
            if size > disk_bytes or count > files:
                raise UnreadableDocumentError(
                    "too_big", f"{name} wrote more than {disk_bytes:,} bytes or {files} files"
                )


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The group is this program's own, so it outlives the program only with what that left behind.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
