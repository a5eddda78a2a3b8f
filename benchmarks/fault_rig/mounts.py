"""Small disks, and folders that cannot be written: what root may mount for a while."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def disk(folder: Path, size: int) -> Iterator[None]:
    """A disk of ``size`` bytes at ``folder``, which is gone afterwards."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "nianbao-faults", folder)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def resize(folder: Path, size: int) -> None:
    """Make the disk at ``folder`` as large as ``size`` bytes."""
    _mount("-o", f"remount,size={size}", folder)


def used(folder: Path) -> int:
    """Bytes taken of the disk at ``folder``."""
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A file or folder that nobody may write, not even root."""
    _mount("--bind", path, path)
    try:
        _mount("-o", "remount,bind,ro", path)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)
