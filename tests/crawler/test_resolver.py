import ipaddress

import pytest
from twisted.internet.error import DNSLookupError

from crawler.resolver import PublicAddressResolver


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> PublicAddressResolver:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(PublicAddressResolver, "allowed", set())
    return PublicAddressResolver.__new__(PublicAddressResolver)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254"])
def test_names_that_lead_inside_are_refused(resolver: PublicAddressResolver, address: str) -> None:
    with pytest.raises(DNSLookupError):
        resolver._check(address, "www.lanxi.gov.cn")


def test_public_configured_and_proxy_addresses_pass(
    resolver: PublicAddressResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resolver._check("8.8.8.8", "www.lanxi.gov.cn") == "8.8.8.8"
    resolver.allowed.add(ipaddress.ip_address("127.0.0.1"))
    assert resolver._check("127.0.0.1", "localhost") == "127.0.0.1"
    monkeypatch.setenv("http_proxy", "http://proxy.internal:3128")
    assert resolver._check("10.0.0.8", "proxy.internal") == "10.0.0.8"
