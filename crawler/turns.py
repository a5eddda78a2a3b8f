"""In which order portals are crawled, and which of them side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archive.store import Archive
from crawler.hosts import HostRules
from crawler.portals import Portal


def in_order(archive: Archive, portals: Sequence[Portal]) -> list[Portal]:
    """``portals`` as they are to be begun, each in its given place among its like.

    First those whose crawl was stopped half-way, then those never crawled, then the others, the
    longest ago first: a crawl of hundreds that is stopped every night comes to all of them.
    """
    query = archive.db.conn.execute
    unfinished = {row[0] for row in query("SELECT portal_id FROM _crawls WHERE finished_at IS NULL")}
    last = dict(query("SELECT id, last_run_at FROM portals"))

    def place(portal: Portal) -> tuple[bool, str]:
        return portal.id not in unfinished, "" if portal.id in unfinished else last.get(portal.id) or ""

    return sorted(portals, key=place)


class Turns:
    """Hands out portals: at most ``at_once`` together (which may change), and of those that share a domain one.

    A crawl visits every host of its portal's domain and keeps its pace per host; two crawls on
    one domain would ask its hosts twice as fast as either may.
    """

    def __init__(self, portals: Iterable[Portal], at_once: int) -> None:
        self._waiting = {portal.id: (portal, HostRules(portal.start).domains) for portal in portals}
        self.at_once = at_once
        self._busy: Counter[str] = Counter()
        self._working = 0

    def take(self) -> Portal | None:
        """The next portal that may be begun now, None if there is none now."""
        if self._working >= self.at_once:
            return None
        free = ((one, domains) for one, domains in self._waiting.values() if not any(self._busy[d] for d in domains))
        portal, domains = next(free, (None, frozenset()))
        if portal is None:
            return None
        del self._waiting[portal.id]
        self._busy.update(domains)
        self._working += 1
        return portal

    def give_back(self, portal: Portal) -> None:
        """A portal that was taken is done."""
        self._busy.subtract(HostRules(portal.start).domains)
        self._working -= 1

    def stop(self) -> None:
        """Hand out no more."""
        self._waiting.clear()

    @property
    def are_over(self) -> bool:
        """Whether all that were handed out are done and none waits."""
        return not self._working and not self._waiting
