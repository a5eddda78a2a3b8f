import ipaddress

import pytest

from crawler.hosts import HostRules, is_public


@pytest.mark.parametrize(
    ("start", "url", "own", "as_document"),
    [
        ("http://www.lanxi.gov.cn/", "https://xxgk.lanxi.gov.cn:8443/a", True, True),
        ("http://xxgk.lanxi.gov.cn/", "http://lanxi.gov.cn/", True, True),
        ("http://www.lanxi.gov.cn/", "http://www.other.gov.cn/a", False, True),
        ("http://www.lanxi.gov.cn/", "http://lanxi.gov.cn.evil.example/", False, False),
        ("http://www.lanxi.gov.cn/", "http://notlanxi.gov.cn/", False, True),
        ("http://www.lanxi.gov.cn/", "http://www.lanxi-gov.cn/", False, False),
        ("http://www.lanxi.gov.cn/", "file:///etc/passwd", False, False),
        ("http://www.lanxi.gov.cn/", "ftp://www.lanxi.gov.cn/", False, False),
        ("http://www.lanxi.gov.cn/", "http://169.254.169.254/latest", False, False),
        ("http://www.lanxi.gov.cn/", "http://[::1]/", False, False),
        ("http://www.lanxi.gov.cn/", "http://8.8.8.8/", False, False),
        ("https://fangzhi.example.cn/", "http://old.example.cn/", True, True),
        ("http://www.lanxi.gov.cn.sim/", "http://xxgk.lanxi.gov.cn.sim/", True, True),
        ("http://xxgk.lanxi.gov.cn.sim:9091/", "http://www.lanxi.gov.cn.sim/", True, True),
        ("http://www.lanxi.gov.cn.sim/", "http://www.other.gov.cn.sim/", False, True),
        ("http://www.lanxi.gov.cn.sim/", "http://www.lanxi-gov.com.sim/", False, False),
        ("http://222.222.222.73:99/", "http://222.222.222.73:99/a", True, True),
        ("http://222.222.222.73:99/", "http://222.222.222.74:99/a", False, False),
    ],
)
def test_which_hosts_may_be_asked(start: str, url: str, own: bool, as_document: bool) -> None:
    rules = HostRules([start])
    assert rules.is_own(url) is own
    assert rules.may_ask(url, as_document=False) is own
    assert rules.may_ask(url, as_document=True) is as_document


def test_a_configured_address_may_be_asked_on_any_port_but_is_another_portal_there() -> None:
    rules = HostRules(["http://127.0.0.1:8000/"])
    assert rules.may_ask("http://127.0.0.1:8001/", as_document=False)
    assert not rules.is_own("http://127.0.0.1:8001/")
    assert not rules.may_ask("http://127.0.0.2:8000/", as_document=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("url", "is_name"),
    [
        ("https://bucket.oss-cn-beijing.aliyuncs.com/a.pdf", True),
        ("http://file.other.gov.cn:8080/a.pdf", True),
        ("http://127.0.0.1/a.pdf", False),
        ("http://2130706433/a.pdf", False),
        ("http://0x7f.1/a.pdf", False),
        ("http://127.1/a.pdf", False),
        ("http://[::ffff:127.0.0.1]/a.pdf", False),
        ("http://localhost/a.pdf", False),
        ("http://printer.local/a.pdf", False),
        ("file:///a.pdf", False),
    ],
)
def test_attachments_may_only_lie_on_names_of_the_open_internet(url: str, is_name: bool) -> None:
    assert HostRules.is_name(url) is is_name


def test_a_list_on_another_government_host_keeps_to_that_host() -> None:
    rules = HostRules(["http://www.lanxi.gov.cn/"])
    column = "http://jyj.other.gov.cn/nb/"
    assert rules.may_list("http://www.other.gov.cn/nb/2023/", column)
    assert rules.may_list("http://xxgk.lanxi.gov.cn/nb/", column)
    assert not rules.may_list("http://www.third.gov.cn/nb/", column)
    assert not rules.may_list("http://www.other.gov.cn/nb/", None)
    assert not rules.may_list("http://jyj.spam.example/b", "http://jyj.spam.example/a")
