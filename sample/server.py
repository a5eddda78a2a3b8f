"""Serves the sample's two portals on loopback, as a forward proxy for their names or on two ports."""

from __future__ import annotations

from pathlib import Path

from sample.files import files_of_seed
from sample.generator import generate
from sample.portal_file import write_portal_file
from sample.proxy import LoggedRequest, ProxyServer
from sample.site import HOSTS, Site, build
from sample.truth import Truth
from sample.web import Host

__all__ = ["LoggedRequest", "SampleServer"]


class SampleServer(ProxyServer):
    """The sample portals, running while the context manager is open.

    By default one port serves both hosts by name and acts as an HTTP proxy for these two
    names only. With ``direct`` each host has a port of its own and every link is relative
    or leads to 127.0.0.1. ``port`` 0 takes free ports; ``direct`` uses ``port`` and the next.
    """

    def __init__(self, phase: int = 1, port: int = 0, direct: bool = False, seed: int = 2019) -> None:
        super().__init__(port)
        self._city = generate(seed)
        self._files = files_of_seed(seed)
        self._direct = direct
        self._phase = phase
        self._site: Site | None = None
        self._city.phase(phase)

    def names(self) -> tuple[str | None, ...]:
        """One port for all names, or one for each."""
        return HOSTS if self._direct else super().names()

    def ready(self) -> None:
        """Build the portals."""
        self.set_phase(self._phase)

    def host(self, name: str, port: int) -> Host | None:
        """Return the portal of that name."""
        return self.site.portals.get(name) if port == 80 else None

    def known(self) -> list[str]:
        """Return the portals' names."""
        return list(self.site.portals)

    @property
    def bases(self) -> dict[str, str]:
        """Root URL of each portal by host name, without the last slash."""
        if not self._direct:
            return {host: f"http://{host}" for host in HOSTS}
        return {host: f"http://127.0.0.1:{port}" for host, port in zip(HOSTS, self.ports, strict=True)}

    @property
    def site(self) -> Site:
        """What is being served; RuntimeError before the server is started."""
        if self._site is None:
            raise RuntimeError("the sample server is not running: use it as a context manager")
        return self._site

    def set_phase(self, phase: int) -> None:
        """Publish the state of ``phase`` 1 or 2; ValueError for any other."""
        self._site = build(self._city, phase, self.bases, self._files)
        self._phase = phase

    def truth(self) -> Truth:
        """What a crawl of the present phase ought to find, with the URLs of this server."""
        return self.site.truth

    def portal_file(self, path: Path) -> Path:
        """Write a portals file for this server's two portals to ``path``; return it."""
        return write_portal_file(path, self.bases)
