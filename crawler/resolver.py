"""Name resolution that never leads into private networks."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.hosts import is_public

logger = logging.getLogger(__name__)


class PublicAddressResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing names that resolve to private, loopback or link-local addresses.

    The address that is checked is the one that is then connected to. ``allowed`` are
    addresses that a portal file names, ``refused`` the names that were turned down. A proxy's
    own name is always resolved.
    """

    allowed: ClassVar[set[ipaddress.IPv4Address | ipaddress.IPv6Address]] = set()
    refused: ClassVar[set[str]] = set()

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        """Resolve ``name``; fails with DNSLookupError if its address is not public."""
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if name in _proxy_hosts():
            return address
        parsed = ipaddress.ip_address(address)
        if not is_public(parsed) and parsed not in self.allowed:
            self.refused.add(name)
            logger.warning("%s resolves to %s, which is not a public address; not asked", name, address)
            raise DNSLookupError(f"{name} resolves to {address}, which is not public")
        return address


def _proxy_hosts() -> set[str]:
    return {urlsplit(url if "//" in url else f"//{url}").hostname or "" for url in getproxies().values()}
