"""Watching the memory that the crawl holds now."""

from __future__ import annotations

from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage


class CurrentMemoryUsage(MemoryUsage):
    """Scrapy's limit on memory, applied to what the process holds at the moment.

    Scrapy asks for the highest use so far, which on Linux a process takes over from the one
    that started it: a crawl begun by a big process would end before its first request.
    """

    def get_virtual_size(self) -> int:
        """Resident memory in bytes; the highest so far where the system does not tell."""
        try:
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return int(super().get_virtual_size())
        return pages * self.resource.getpagesize()
