"""Whether a client kept to the rules, judged by what the servers themselves saw of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from sample.portals.faults.fault import ROBOTS
from sample.portals.site import TRUTH_PATH, Site
from sample.proxy import LoggedRequest
from sample.web import DEFAULT_PORTS, Host, Request

_TOLERANCE = 0.9
"""Share of a delay after which a request is on time: clocks are read at different ends of the wire."""


@dataclass(frozen=True, slots=True)
class Offence:
    """A request that should not have been made.

    ``rule`` is 'private' (an address of some inner network), 'foreign' (a host that is neither the
    site's nor a government's), 'unknown' (a host that does not exist), 'robots' (robots.txt forbids
    it), 'unasked' (robots.txt was not asked for before), 'delay' (sooner than robots.txt allows),
    'method' (data sent where nothing asks for it) or 'truth'.
    """

    rule: str
    url: str


def offences(site: Site, log: Sequence[LoggedRequest], agent: str) -> list[Offence]:
    """Judge the requests that ``agent`` (as robots.txt would call it) made while it crawled ``site``.

    Requests that were refused at the door count like any other.
    """
    judge = _Judge(site, agent)
    return [offence for entry in log for offence in judge.of(entry)]


class _Judge:
    def __init__(self, site: Site, agent: str) -> None:
        self._agent = agent
        self._hosts: dict[tuple[str, int], Host] = {}
        for one in (*site.neighbours, site):
            self._hosts |= one.hosts
        self._own = {name for name, _ in self._hosts}
        self._foreign = {
            urlsplit(page.url).hostname for page in site.truth().non_reports if page.reason in ("foreign", "mirror")
        }
        self._missing = {urlsplit(page.url).hostname for page in site.truth().non_reports if page.reason == "missing"}
        self._closed = site.status == "robots"
        self._robots: dict[tuple[str, int], RobotFileParser] = {}
        self._asked: set[tuple[str, int]] = set()
        self._last: dict[tuple[str, int], float] = {}

    def of(self, entry: LoggedRequest) -> Iterable[Offence]:
        place = entry.host, entry.port
        if entry.host not in self._own:
            if entry.host not in self._missing:
                yield Offence("private" if _is_private(entry.host) else "unknown", entry.url)
            return
        if entry.host in self._foreign:
            yield Offence("foreign", entry.url)
        if entry.path.startswith(TRUTH_PATH):
            yield Offence("truth", entry.url)
        if entry.method == "CONNECT":
            return
        if entry.path == ROBOTS:
            self._asked.add(place)
            return
        if place not in self._asked:
            yield Offence("unasked", entry.url)
        robots = self._rules(entry)
        if not robots.can_fetch(self._agent, entry.url):
            yield Offence("robots", entry.url)
        delay = robots.crawl_delay(self._agent)
        if delay and entry.time - self._last.get(place, float("-inf")) < float(delay) * _TOLERANCE:
            yield Offence("delay", entry.url)
        self._last[place] = entry.time
        if entry.method not in ("GET", "HEAD") and entry.status == 405:
            yield Offence("method", entry.url)

    def _rules(self, entry: LoggedRequest) -> RobotFileParser:
        """The rules of robots.txt as the host states them, redirects from HTTP to HTTPS followed (RFC 9309)."""
        place = entry.host, entry.port
        if place not in self._robots:
            both = DEFAULT_PORTS.values() if entry.port in DEFAULT_PORTS.values() else ()
            hosts = (self._hosts.get((entry.host, port)) for port in (entry.port, *both))
            # No filter is asked: limits would count it, and what faults make of robots.txt the site's status says.
            found = next((host.dynamic[ROBOTS] for host in hosts if host and ROBOTS in host.dynamic), None)
            lines = ["User-agent: *", "Disallow: /"] if self._closed else []
            if found:
                request = Request("GET", entry.scheme, entry.host, entry.port, ROBOTS)
                lines = found(request).body.decode().splitlines()
            parser = RobotFileParser()
            parser.parse(lines)
            self._robots[place] = parser
        return self._robots[place]


def _is_private(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return False
