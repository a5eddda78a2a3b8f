"""Serves simulated sites by host name through one proxy address."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable
from pathlib import Path

from sample.portals import catalogue
from sample.portals.site import Setting, Site
from sample.portals.truth import Truth
from sample.proxy import ProxyServer
from sample.web import Clock, Host


class PortalServer(ProxyServer):
    """Simulated sites, running while the context manager is open.

    ``sites`` are keys of :mod:`sample.portals.catalogue` (all if none), ``fault`` is one of
    :mod:`sample.portals.faults` that befalls all their hosts. ``speed`` makes their delays and
    rate limits run that many times faster. With ``suffix`` 'gov.cn.sim' all names end in .sim.
    ``variant`` 1 words every site otherwise, 2 tells it anew, see :class:`sample.portals.site.Setting`.
    """

    def __init__(
        self,
        sites: Iterable[str] = (),
        *,
        phase: int = 1,
        port: int = 0,
        seed: int = 2019,
        speed: float = 1.0,
        suffix: str = "gov.cn",
        fault: str | None = None,
        variant: int = 0,
    ) -> None:
        super().__init__(port, Clock(speed))
        self._keys = tuple(sites) or tuple(catalogue.SITES)
        self._seed = seed
        self._suffix = suffix
        self._fault = fault
        self._variant = variant
        self._sites: dict[str, Site] = {}
        self._served: list[Site] = []
        self._hosts: dict[tuple[str, int], Host] = {}
        self.set_phase(phase)

    def set_phase(self, phase: int) -> None:
        """Publish the sites as they stand in ``phase`` 1 or 2; ValueError for any other."""
        if phase not in (1, 2):
            raise ValueError(f"no phase {phase}: the sites have phases 1 and 2")
        setting = Setting(self._seed, phase, self._suffix, self._variant, self.clock)
        sites = {key: catalogue.build(key, setting, self._fault) for key in self._keys}
        # A site that is served itself takes the place of a neighbour's copy of it.
        served = [neighbour for site in sites.values() for neighbour in site.neighbours]
        served += sites.values()
        self._sites, self._served = sites, served
        self._hosts = {place: host for site in served for place, host in site.hosts.items()}

    def ready(self) -> None:
        """Nothing to do: links name hosts, not ports of this machine."""

    def host(self, name: str, port: int) -> Host | None:
        """Return what answers at ``name`` and ``port``; TLS alone does not make another host."""
        found = self._hosts.get((name, port))
        return self._hosts.get((name, 80)) if found is None and port == 443 else found

    def known(self) -> list[str]:
        """Return the names of all hosts."""
        return sorted({name for name, _ in self._hosts})

    def tls(self, name: str, port: int) -> ssl.SSLContext | None:
        """Return a host's TLS context, None where nothing answers."""
        return next((context for site in self._served if (context := site.tls(name, port))), None)

    def site(self, key: str) -> Site:
        """Return a site that is served; KeyError if it is not."""
        return self._sites[key]

    def truth(self, key: str) -> Truth:
        """What a crawl of a site ought to find."""
        return self._sites[key].truth()

    def portal_file(self, path: Path) -> Path:
        """Write a portals file for the sites served to ``path``; return it."""
        tables = (_portal(site, self.clock.speed) for site in self._sites.values())
        path.write_text("\n\n".join(tables) + "\n", "utf-8")
        return path


def _portal(site: Site, speed: float) -> str:
    """One ``[[portal]]`` table; ``delay`` keeps within what the site bears while its clock runs at ``speed``."""
    region = site.region
    facts = {
        "id": site.id,
        "name": f"{region.name}人民政府",
        "start": site.start,
        "division": region.division,
        "province": region.province,
        "city": region.city,
        "county": region.county,
        "delay": (site.delay or 0) / speed,
        **site.options,
    }
    # A JSON string is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items() if value != ""]
    return "\n".join(["[[portal]]", *lines])
