"""Epoint EWB: a shell whose list is asked for as JSON, after the site's number was read from a script.

Interfaces differ in whether the parameters are wrapped in ``params``; what brings rows is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, count_of, from_json
from crawler.cms.static import Static
from crawler.page import Link, Page, find_date

_MARKS = re.compile(r"webbuildercommon\.js|lightfrontaction|ewb-(?<!\wewb-)")
_SCRIPT = re.compile(r"(?:webBuilderCommon|ajaxReq)(?:\.min)?\.js", re.IGNORECASE)
_SITE = re.compile(r"""["']?siteGuid["']?\s*[:=]\s*["']([\w-]{8,64})["']""", re.IGNORECASE)
_PROJECT = re.compile(r"""["']?projectName["']?\s*[:=]\s*["'](/[\w-]{1,40})/?["']""", re.IGNORECASE)
_SERVICE = re.compile(r"""["']([^"'\s]*lightfrontaction/getgovinfolist[^"'\s]*)["']""", re.IGNORECASE)
_DEFAULT_SERVICE = "/rest/lightfrontaction/getgovinfolist"
_VALUE = r"""["']?\s*[:=]\s*["']([\w-]{1,40})["']"""
_CATEGORY, _DEPARTMENT = "categorynum", "deptcode"
_WRAPPED = re.compile(r"\{\s*[\"']?params[\"']?\s*:|[\"']params[\"']\s*:", re.IGNORECASE)
_CATEGORY_NUMBER = re.compile(r"\d{3}(?:\d{3}){1,6}")
_CATEGORY_CALL = re.compile(r"""\w\s*\(\s*["'](\d{6,21})["']""")
_LONGEST_LABEL = 40
_SIZE = 20
_MOST_MISSES = 1


class Epoint(Static):
    """Epoint's EWB front end."""

    name = "epoint"
    precedence = 38

    def recognise(self, page: Page) -> bool:
        """By its scripts and classes."""
        return bool(_MARKS.search(page.lowered))

    def branches(self, page: Page) -> list[Branch]:
        """The list of the page's category and department."""
        category, department = _parameter(page, _CATEGORY), _parameter(page, _DEPARTMENT)
        if category is None:
            return []
        wrapped = bool(_WRAPPED.search(page.text))
        state: dict[str, Any] = {
            "category": category,
            "department": department,
            "page": 0,
            "ways": [wrapped, not wrapped],
            "total": None,
            "misses": 0,
        }
        service = _SERVICE.search(page.text)
        if (site := _SITE.search(page.text)) and (found := _service(page.text, page.url)):
            return [Branch(_request({**state, "site": site[1], "url": found}))]
        scripts = [node.get("src") or "" for node in page.root.iter("script")]
        chosen = sorted((source for source in scripts if _SCRIPT.search(source)), key=_is_second_choice)
        asked = [url for source in chosen if (url := urls.join(page.base, source))]
        if not asked:
            return []
        state |= {"scripts": asked[1:], "service": service[1] if service else None}
        return [Branch(_script(asked[0], state))]

    def links(self, page: Page) -> list[Link]:
        """Categories that a menu gives to a script: the same page with another category."""
        if _parameter(page, _DEPARTMENT) is None and _CATEGORY not in page.url.lower():
            return []
        found = []
        for node in page.root.iter("a", "li", "span", "div"):
            own = [node.get(name) for name in ("data-categorynum", "categorynum", "data-num")]
            called = _CATEGORY_CALL.search(f"{node.get('onclick')} {node.get('href')}")
            number = next((value for value in own if value), called[1] if called else None)
            label = " ".join("".join(node.itertext()).split())
            if number and _CATEGORY_NUMBER.fullmatch(number) and 0 < len(label) <= _LONGEST_LABEL:
                found.append(Link(_with(page.url, _CATEGORY, number), label, "", None))
        return found

    def listing(self, answer: Answer) -> Listing:
        """What the script says of the site, then the rows of the list."""
        return _rows(answer) if "site" in answer.state else _site(answer)


def _with(url: str, name: str, value: str) -> str:
    """``url`` with the parameter ``name`` set to ``value``."""
    parts = urlsplit(url)
    query = [(key, one) for key, one in parse_qsl(parts.query, keep_blank_values=True) if key.lower() != name]
    return urlunsplit((*parts[:3], urlencode([*query, (name, value)]), ""))


def _is_second_choice(source: str) -> bool:
    return "ajaxReq" in source


def _script(url: str, state: Mapping[str, Any]) -> NextPage:
    return NextPage(url, state=state, shared=f"{state['category']} {state['department']}")


def _parameter(page: Page, name: str) -> str | None:
    """A parameter of the list: from the page's address, a hidden field or a script."""
    query = {key.lower(): values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}
    if query.get(name):
        return query[name]
    for node in page.root.iter("input"):
        if (node.get("id") or node.get("name") or "").lower() == name and node.get("value"):
            return str(node.get("value"))
    match = re.search(name + _VALUE, page.text, re.IGNORECASE)
    return match[1] if match else None


def _service(text: str, base: str) -> str | None:
    written, project = _SERVICE.search(text), _PROJECT.search(text)
    if written and not written[1].startswith("/rest"):
        return urls.join(base, written[1])
    return urls.join(base, project[1] + (written[1] if written else _DEFAULT_SERVICE)) if project else None


def _site(answer: Answer) -> Listing:
    state = dict(answer.state)
    site = _SITE.search(answer.text)
    known = f"{answer.text}\n{json.dumps(state['service'] or '')}"
    service = _service(known, answer.page_url)
    if site is None or service is None:
        if not state["scripts"]:
            return Listing(failure="answer")
        following = _script(state["scripts"][0], {**state, "scripts": state["scripts"][1:]})
        return Listing(next_pages=(following,))
    return Listing(next_pages=(_request({**state, "site": site[1], "url": service}),))


def _rows(answer: Answer) -> Listing:
    state, data = answer.state, answer.data
    custom = data.get("custom", data) if isinstance(data, dict) else None
    if isinstance(custom, str):
        custom = from_json(custom)
    entries = custom.get("data") if isinstance(custom, dict) else None
    if not isinstance(custom, dict) or not isinstance(entries, list) or (not entries and state["page"] == 0):
        others = state["ways"][1:]
        following = (_request({**state, "ways": others}),) if others else ()
        return Listing(next_pages=following, failure="answer" if not isinstance(entries, list) else None)
    rows = [row for entry in entries if isinstance(entry, dict) and (row := _row(entry, answer))]
    stated = count_of(custom.get("total"))
    total = stated if stated is not None else state["total"]
    misses = 0 if answer.brings_new(rows) else state["misses"] + 1
    onward: tuple[NextPage, ...] = ()
    if rows and total is not None and answer.collected(rows) < total and misses <= _MOST_MISSES:
        onward = (_request({**state, "page": state["page"] + 1, "misses": misses, "total": total}),)
    return Listing(tuple(rows), onward, total=total)


def _row(entry: Mapping[str, Any], answer: Answer) -> Link | None:
    url = urls.join(answer.page_url, str(entry.get("infourl") or ""))
    if url is None:
        return None
    shown, whole = (re.sub(r"<[^<>]*>", "", str(entry.get(name) or "")) for name in ("title", "realtitle"))
    return Link(url, shown, whole, find_date(str(entry.get("infodate") or "")))


def _request(state: Mapping[str, Any]) -> NextPage:
    fields = {
        _DEPARTMENT: state["department"] or "",
        _CATEGORY: state["category"],
        "pageIndex": state["page"],
        "pageSize": _SIZE,
        "siteGuid": state["site"],
    }
    return NextPage.json(state["url"], {"params": fields} if state["ways"][0] else fields, state)
