"""Hosts as browsers read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.hosts import host_and_port, is_web


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://www.mingchuan.gov.cn/1.html", ("www.mingchuan.gov.cn", None)),
        ("HTTP://WWW.Mingchuan.GOV.CN.:8080/", ("www.mingchuan.gov.cn", 8080)),
        ("https://www.mingchuan.gov.cn@evil.example/", ("evil.example", None)),
        ("https://evil.example#.gov.cn", ("evil.example", None)),
        ("http://[2001:db8::1]:80/", ("[2001:db8::1]", 80)),
        ("https://evil.example\\.gov.cn/", None),
        ("https://www.mingchuan.gοv.cn/", None),
        ("https://a b.gov.cn/", None),
        ("https://.gov.cn/", None),
        ("https://x..gov.cn/", None),
        ("http://[", None),
        ("http://x:99999/", None),
        ("ftp://www.mingchuan.gov.cn/", None),
        ("urn:sha256:00", None),
        ("", None),
    ],
)
def test_host_and_port(url: str, place: tuple[str, int | None] | None) -> None:
    assert host_and_port(url) == place


@given(st.text(max_size=60))
def test_no_address_makes_it_fail(text: str) -> None:
    for url in (text, f"https://{text}", f"http://{text}.gov.cn/"):
        place = host_and_port(url)
        assert place is None or (is_web(url) and place[0] == place[0].lower())
