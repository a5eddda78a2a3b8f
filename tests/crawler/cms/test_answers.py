"""Answers of list services that are not what they should be; one odd entry must not cost the list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler import attachments, urls
from crawler.cms import named
from crawler.cms.base import Answer, Listing, count_of, from_json, read_json
from crawler.page import Page

HOME = "http://www.lanxi.gov.cn/"
TITLE = "岚溪县民政局2024年政府信息公开工作年度报告"
STATES: dict[str, dict[str, Any]] = {
    "gkmlpt": {"url": HOME + "gkmlpt/api/all/5", "site": "2", "page": 1, "total": None},
    "ucap": {"services": ["/search/"], "channel": "a", "page": 1, "total": None},
    "epoint": {
        "site": "a",
        "url": HOME,
        "category": "1",
        "department": "",
        "page": 0,
        "ways": [True],
        "total": None,
        "misses": 0,
    },
    "ajax": {
        "url": HOME,
        "method": "GET",
        "json": False,
        "fields": {},
        "turn": None,
        "first": 1,
        "page": 1,
        "size": 5,
        "total": None,
    },
}


def listed(family: str, data: Any) -> Listing:
    found = named(family)
    assert found is not None
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return found.listing(Answer(HOME, body, HOME, STATES[family], set()))


def answer(family: str, rows: list[Any], total: Any) -> Any:
    return {
        "gkmlpt": {"articles": rows, "total": total, "classify": {"post_count": None}},
        "ucap": {"data": {"results": rows, "total": total}},
        "epoint": {"custom": {"data": rows, "total": total}},
        "ajax": {"list": rows, "total": total},
    }[family]


def row(number: int, title: str = TITLE) -> dict[str, Any]:
    return {"title": title, "url": f"/{number}.html", "infourl": f"/{number}.html"}


@pytest.mark.parametrize("family", STATES)
@pytest.mark.parametrize("total", ["²", "①", "9" * 5000, 10**400, -1, True, 1.5, "", None, [], {}])
def test_a_total_that_is_no_number_is_none(family: str, total: Any) -> None:
    # Python refuses to write out or read numbers of more than 4300 digits.
    data = answer(family, [row(1)], None if total == 10**400 else total)
    body = json.dumps(data)
    if total == 10**400:
        body = body.replace('"total": null', '"total": 1' + "0" * 400)
    found = listed(family, body.encode())
    assert [link.text for link in found.rows] == [TITLE]
    assert found.total is None


@pytest.mark.parametrize("family", STATES)
def test_totals_are_read_as_text_or_number(family: str) -> None:
    for total in (12, "12"):
        assert listed(family, answer(family, [row(1)], total)).total == 12


@pytest.mark.parametrize("family", ["gkmlpt", "ucap", "epoint"])
@pytest.mark.parametrize("odd", [None, "a", 5, [], [1]])
def test_entries_that_are_none_are_passed_over(family: str, odd: Any) -> None:
    assert [link.text for link in listed(family, answer(family, [odd, row(1)], 2)).rows] == [TITLE]


@pytest.mark.parametrize("about", [None, 5.0, "a", [1]])
def test_what_is_said_of_a_category_may_be_no_object(about: Any) -> None:
    data = {"articles": [row(1)], "total": 3, "classify": about}
    assert listed("gkmlpt", data).total == 3


@pytest.mark.parametrize("family", STATES)
def test_half_a_character_does_not_cost_the_list(family: str) -> None:
    body = json.dumps(answer(family, [row(1, TITLE + "\ud83d")], 1)).encode()
    [link] = listed(family, body).rows
    assert link.text.startswith(TITLE)
    link.text.encode()


def test_characters_escaped_as_two_halves_are_put_together() -> None:
    [link] = listed("gkmlpt", answer("gkmlpt", [row(1, "%ud83d%ude00" + TITLE)], 1)).rows
    assert link.text == "😀" + TITLE
    [link] = listed("gkmlpt", answer("gkmlpt", [row(1, "%ud83d" + TITLE)], 1)).rows
    assert link.text == "\ufffd" + TITLE


@pytest.mark.parametrize("family", STATES)
def test_what_is_nested_without_end_is_no_answer(family: str) -> None:
    found = listed(family, b"[" * 100_000)
    assert not found.rows


def test_json_of_any_kind_is_read_or_is_none() -> None:
    assert read_json('cb({"a": 1});') == {"a": 1}
    assert from_json('x = {"a": 1} y', 4) == {"a": 1}
    assert from_json("[" * 100_000) is None
    assert from_json("1" * 5000) is None
    assert from_json('"\\ud83d"') == "\ufffd"
    deep = "[" * 900 + '"\\ud83d"' + "]" * 900
    assert from_json(deep) is None or isinstance(from_json(deep), list)


def test_counts_are_whole_numbers_that_a_database_holds() -> None:
    assert [count_of(value) for value in (5, "5", "５", 0)] == [5, 5, 5, 0]
    assert [count_of(value) for value in (-1, "-1", True, 1.0, "²", 10**18, "9" * 19, None, "")] == [None] * 9


def test_numbers_in_scripts_may_have_any_length() -> None:
    script = f"var x = {'1' * 5000}; $.ajax({{url:'/list.do', data:{{pageNo:{'9' * 400}.5, size:'²', b: x}}}});"
    page = Page(HOME + "nb/", f"<html><script>{script}</script></html>".encode())
    found = named("ajax")
    assert found is not None
    [branch] = found.branches(page)
    assert branch.ask.state is not None
    assert branch.ask.state["size"] == 10
    assert branch.ask.state["first"] == 1


def test_a_picture_may_state_its_width_in_no_number() -> None:
    page = Page(HOME, '<html><body><div class="content"><img src="/t.png" width="²px"></div></body></html>'.encode())
    assert [one.url for one in attachments.pictures(page)] == [HOME + "t.png"]


@pytest.mark.parametrize(
    "link", ["http://a b/c", "http://a<b/c", 'http://a"b/', "http://zwgk--- b/x.html", "http://a,b/"]
)
def test_an_address_whose_host_is_none_is_no_address(link: str) -> None:
    assert urls.join(HOME, link) is None


@pytest.mark.parametrize(
    "link", ["http://a_b.gov.cn/", "http://[::1]/", "http://10.0.0.1:80/", "http://政务.中国/", "/a b.html"]
)
def test_hosts_of_every_kind_are_addresses(link: str) -> None:
    assert urls.join(HOME, link) is not None


def test_addresses_in_scripts_and_data_that_are_none_are_passed_over() -> None:
    label = "/site/label/8888?labelName=publicInfoList&pageSize=5"
    script = f"""load("http://[{label}"); load("{label}");"""
    page = Page(HOME + "public/column/12", f"<html><script>{script}</script></html>".encode())
    lonsun = named("lonsun")
    assert lonsun is not None
    [branch] = lonsun.branches(page)
    assert branch.ask.url.startswith(HOME + "site/label/8888?")
    page = Page(HOME, b'<html><body><div data-url="http://[a.pdf"></div><div data-url="/b.pdf"></div></body></html>')
    assert [one.url for one in attachments.find(page)] == [HOME + "b.pdf"]


def test_a_next_group_that_is_no_address_ends_the_list() -> None:
    record = f"<record><![CDATA[<a href='/art/2025/1/20/art_1.html'>{TITLE}</a>2025-01-20]]></record>"
    group = "<nextgroup><![CDATA[<a href='http://[?page=3'></a>]]></nextgroup>"
    state = {
        **{"way": 0, "url": HOME, "fields": {}, "known": 1, "embedded": 1, "size": 3, "per_page": 1, "page": 1},
        **{"group": None, "total": 9, "misses": 0, "last": ""},
    }
    hanweb = named("hanweb")
    assert hanweb is not None
    found = hanweb.listing(Answer(HOME, f"<datastore>{group}{record}</datastore>".encode(), HOME, state, set()))
    assert [link.text for link in found.rows] == [TITLE]
    [following] = found.next_pages
    assert following.state is not None
    assert following.state["group"] is None
