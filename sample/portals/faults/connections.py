"""Connections that break, and TLS that is old, expired or somebody else's."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from sample.certificates import Kind
from sample.portals.faults.fault import Fault, everywhere
from sample.portals.site import Site
from sample.web import Handler, Host, Request, Response, redirect

RESET_EVERY = 3
_NEVER = 3_600.0


def _reset(site: Site) -> None:
    """Every third connection breaks without an answer."""
    turns = itertools.count(1)

    def reset(request: Request, /, handler: Handler) -> Response:
        return Response(reset=True) if next(turns) % RESET_EVERY == 0 else handler(request)

    everywhere(site, reset)


def _silent(site: Site) -> None:
    """Connections are taken, and nothing is ever answered: robots.txt neither, so nothing else may be asked."""
    everywhere(site, lambda request, /, handler: Response(delay=_NEVER, reset=True))
    site.end("robots", "robots")


def _tls(kind: Kind) -> Callable[[Site], None]:
    def strike(site: Site) -> None:
        """Everything moves to HTTPS, with what is wrong about it."""
        for (name, port), host in list(site.hosts.items()):
            if port == 80:
                site.certificates[name] = kind
                site.hosts[name, 443] = host
                site.hosts[name, 80] = Host(filters=[_to_https])
        site.move("http://", "https://")

    return strike


def _old_tls(*, named: bool) -> Callable[[Site], None]:
    """HTTPS in a way that is no longer safe: to be spoken only with a portal that is ``named`` for it."""

    def strike(site: Site) -> None:
        _tls("old_protocol")(site)
        if named:
            site.options["tls"] = "legacy"
        else:
            site.end("failed", "failed:tls")

    return strike


def _to_https(request: Request, /, handler: Handler) -> Response:
    return redirect(f"https://{request.host}{request.target}", 301)


FAULTS = (
    Fault("reset", f"every {RESET_EVERY}rd request is cut off", _reset),
    Fault("silent", "nothing is ever answered", _silent),
    Fault("tls_expired", "HTTPS under a certificate that has expired", _tls("expired")),
    Fault("tls_mismatched", "HTTPS under another host's certificate", _tls("mismatched")),
    Fault("tls_old", "HTTPS that speaks TLS 1.1 at most", _old_tls(named=False)),
    Fault("tls_old_named", 'the same, and the portal file says tls = "legacy"', _old_tls(named=True)),
)
