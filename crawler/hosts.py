"""Which hosts a portal's crawl may ask."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

from tldextract import TLDExtract

GOVERNMENT_SUFFIX = "gov.cn"


@cache
def suffixes(*, private: bool = False) -> TLDExtract:
    """The public suffixes, those of hosting companies too if ``private``.

    The list is that which comes with the library: no request of our own, nothing kept on disk.
    """
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=private)


def literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that ``host`` is written as, None if it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether ``address`` is one of the open internet."""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_global and not address.is_multicast


class HostRules:
    """The hosts of one portal, told by the addresses it starts at.

    The portal's own hosts are those of the same registrable domain. A start host under no
    public suffix (a test network's name) stands for itself and its subdomains. An address is
    the portal's own only if it is written in a start URL.
    """

    def __init__(self, start: Iterable[str]) -> None:
        start = tuple(start)
        hosts = [(urlsplit(url).hostname or "").rstrip(".") for url in start]
        self._places = {urlsplit(url).netloc.lower() for url in start}
        self.addresses = {address for host in hosts if (address := literal_address(host))}
        self._names = {host for host in hosts if not literal_address(host)}
        if "localhost" in self._names:
            self.addresses.add(ipaddress.ip_address("127.0.0.1"))
        self._domains = {_domain(host) for host in self._names}
        self._suffixes = {GOVERNMENT_SUFFIX} | {
            f"{GOVERNMENT_SUFFIX}.{host.rpartition('.')[2]}"
            for host in self._names
            if f".{GOVERNMENT_SUFFIX}." in f".{host}"
        }

    @property
    def domains(self) -> frozenset[str]:
        """The registrable domains of the start hosts; an address with its port stands for itself."""
        addresses = {place for place in self._places if literal_address(urlsplit(f"//{place}").hostname or "")}
        return frozenset(self._domains | addresses)

    def is_own(self, url: str) -> bool:
        """Whether ``url`` is on a host of this portal's government.

        Of an address only the port that a start URL names is the portal's own; what answers on
        other ports may be another portal.
        """
        host = _host(url)
        if host is None:
            return False
        if literal_address(host):
            return urlsplit(url).netloc.lower() in self._places
        return any(host == domain or host.endswith(f".{domain}") for domain in self._domains)

    def is_government(self, url: str) -> bool:
        """Whether ``url`` is on some government's host, known by its name."""
        host = _host(url)
        if host is None or literal_address(host):
            return False
        return any(host.endswith(f".{suffix}") for suffix in self._suffixes)

    @staticmethod
    def is_name(url: str) -> bool:
        """Whether the host of ``url`` is a name under a public suffix: no address in any notation."""
        host = _host(url)
        return host is not None and not literal_address(host) and bool(suffixes()(host).suffix)

    def may_list(self, url: str, column: str | None) -> bool:
        """Whether ``url`` may be a list: own hosts, or the government host on which ``column`` is."""
        if self.is_own(url):
            return True
        near = column is not None and _same_domain(url, column)
        return near and self.is_government(url)

    def may_ask(self, url: str, *, as_document: bool) -> bool:
        """Whether ``url`` may be fetched: own hosts always, other governments' only for documents.

        An address that a start URL names may be asked on any port.
        """
        address = literal_address(_host(url) or "")
        if address is not None:
            return address in self.addresses
        return self.is_own(url) or (as_document and self.is_government(url))


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname.rstrip(".").lower()


def _same_domain(one: str, other: str) -> bool:
    hosts = _host(one), _host(other)
    return None not in hosts and len({_domain(host) for host in hosts if host}) == 1


def _domain(host: str) -> str:
    before, government, test_network = host.partition(f".{GOVERNMENT_SUFFIX}.")
    if government:
        return before.rpartition(".")[2] + government + test_network
    return suffixes()(host).top_domain_under_public_suffix or host.removeprefix("www.")
