"""How many documents this machine can read at a time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def default_workers(memory_bytes: int) -> int:
    """Return the number of reading processes: one per processor that we may use, as far as memory allows.

    ``memory_bytes`` is what each may take at most.
    """
    fitting = available_memory() // memory_bytes
    return max(1, min(usable_processors(), fitting))


def usable_processors() -> int:
    """Return the number of processors that the system lets this process run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int:
    """Return the bytes of memory that can be had without swapping, within the limit of the container."""
    sizes = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError, StopIteration):
        line = next(line for line in _MEMINFO.read_text().splitlines() if line.startswith("MemAvailable:"))
        sizes.append(int(line.split()[1]) * 1024)
    for path in _CGROUP_LIMITS:
        # "max" where there is no limit.
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(path.read_text()))
    return min(sizes)
