"""Lists that a page's script asks for as JSON, of systems without a family of their own.

Among them are TRS's “Hairong” search (``/irs/front/list``: tenantId, tableName) and IGS with its
``.jhtml`` pages. Nothing is run: only calls are read whose address stands in the script, and only
parameters that stand there too, as literals, variables or hidden fields. In an answer the rows are
those objects that have a title and an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import phrases, urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, count_of, from_json
from crawler.cms.static import Static, dated
from crawler.page import Link, Page, find_date
from parsers.normalise import whole_number

_WINDOW = 2000
_MOST_CALLS = 3
_MOST_PAGES = 200
_MAX_DEPTH = 8
_CALL = re.compile(
    r"""(?:(?:\$|jQuery|axios|http|\$http|this\.\$http|request)\s*\.\s*(?P<method>ajax|getJSON|get|post)|\baxios|\bfetch|\bajax)\s*\("""
)
_ADDRESS = re.compile(
    r"""^\s*["'](?P<first>[^"'\s]{2,300})["'](?!\s*\+)|\burl\s*:\s*["'](?P<named>[^"'\s]{2,300})["'](?!\s*\+)"""
)
_METHOD = re.compile(r"""\b(?:type|method)\s*:\s*["'](get|post)["']""", re.IGNORECASE)
_OBJECT = re.compile(
    r"""(?:\b(?:data|params|body)\s*:\s*(?:JSON\.stringify\s*\(\s*)?|JSON\.stringify\s*\(\s*|["']\s*,\s*)\{"""
)
_NAMED_OBJECT = re.compile(r"""\b(?:data|params|body)\s*:\s*(?:JSON\.stringify\s*\(\s*)?(?P<name>[A-Za-z_$][\w$]*)""")
_FIELD = re.compile(
    r"""["']?(?P<name>[A-Za-z_]\w{0,40})["']?\s*:\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_$][\w$.]*(?:\(\s*["'][^"']*["']\s*\)(?:\.val\(\))?)?)|(?P<list>\[[^\[\]{}]*\]))"""
)
_JSON_BODY = re.compile(r"JSON\.stringify|application/json|\baxios\s*\.\s*post", re.IGNORECASE)
_PAGE_NAMES = ("pageno", "pagenum", "pageindex", "currentpage", "curpage", "currpage", "pagenumber", "page", "p", "pn")
_SIZE_NAMES = ("pagesize", "size", "rows", "limit", "perpage", "pagecount")
_TITLES = ("realtitle", "title", "doctitle", "articletitle", "name", "subject", "bt", "showtitle")
_ADDRESSES = (
    "url",
    "docpuburl",
    "puburl",
    "link",
    "linkurl",
    "href",
    "htmlurl",
    "infourl",
    "arturl",
    "detailurl",
    "path",
)
_TOTALS = (
    "total",
    "totalcount",
    "totalrecord",
    "totalrecords",
    "totalelements",
    "recordcount",
    "count",
    "rowcount",
    "totalhits",
    "sum",
)
_ORGANS = ("publisher", "source", "docsource", "organ", "deptname", "pubunit", "fbjg")
_BEIJING = timedelta(hours=8)
_TAG = re.compile(r"<[^<>]*>")


class Ajax(Static):
    """Pages whose list is nowhere but in the answer to a request of their script."""

    name = "ajax"
    precedence = -50

    def recognise(self, page: Page) -> bool:
        """By a call for a list in its script, where the page has no row itself."""
        return bool(_CALL.search(page.text)) and not dated(page) and bool(self.branches(page))

    def branches(self, page: Page) -> list[Branch]:
        """The requests of the page's script that may bring its list."""
        found: dict[str, Branch] = {}
        for match in _CALL.finditer(page.text):
            if len(found) >= _MOST_CALLS:
                break
            state = _read_call(page, match)
            if state is not None:
                found.setdefault(state["url"], Branch(_request(state)))
        return list(found.values())

    def listing(self, answer: Answer) -> Listing:
        """The rows of the answer, and the request for the next page where there is more."""
        state, data = answer.state, answer.data
        if data is None:
            rows = tuple(dated(answer.fragment(answer.text)))
            total = None
        else:
            rows, total = _rows(data, answer), _total(data)
        total = total if total is not None else state["total"]
        more = answer.collected(rows) < total if total is not None else len(rows) >= max(2, state["size"])
        onward: tuple[NextPage, ...] = ()
        if state["turn"] and more and answer.brings_new(rows) and state["page"] - state["first"] < _MOST_PAGES:
            onward = (_request({**state, "page": state["page"] + 1, "total": total}),)
        return Listing(rows, onward, total=total if rows else None)


def _read_call(page: Page, call: re.Match[str]) -> dict[str, Any] | None:
    """What the call of a script at ``call`` asks for, None if that is no list or not all of it is known."""
    text = page.text[call.end() : call.end() + _WINDOW]
    address = _ADDRESS.search(text)
    written = (address["first"] or address["named"]) if address else None
    url = page.join(written.replace("&amp;", "&")) if written else None
    if url is None or urls.host(url) != urls.host(page.url) or urls.key(url) == urls.key(page.url):
        return None
    if not phrases.pattern("urls", "list_service").search(url) or urls.is_file(url) or urls.is_article(url):
        return None
    said = _METHOD.search(text)
    method = (said[1] if said else "post" if call["method"] == "post" else "get").upper()
    fields = dict(parse_qsl(urls.query(url), keep_blank_values=True)) if method == "GET" else {}
    fields |= _fields(page, text)
    turn = next((name for name in fields if name.lower() in _PAGE_NAMES), None)
    size = next((str(fields[name]) for name in fields if name.lower() in _SIZE_NAMES), "")
    stated = count_of(fields[turn]) if turn else None
    first = 1 if stated is None else stated
    parts = urlsplit(url)
    return {
        "url": urlunsplit((*parts[:3], "" if method == "GET" else parts.query, "")),
        "method": method,
        "json": bool(_JSON_BODY.search(call[0] + text)),
        "fields": fields,
        "turn": turn,
        "first": first,
        "page": first,
        "size": 10 if (per_page := whole_number(size)) is None else per_page,
        "total": None,
    }


def _fields(page: Page, text: str) -> dict[str, Any]:
    """The parameters of a call: those of its object, or of the variable that it names."""
    start = _OBJECT.search(text)
    if start is not None:
        body = _braced(text, start.end())
    elif named := _NAMED_OBJECT.search(text):
        defined = re.search(rf"\b{re.escape(named['name'])}\s*=\s*\{{", page.text)
        body = _braced(page.text, defined.end()) if defined else ""
    else:
        body = ""
    found: dict[str, Any] = {}
    for field in _FIELD.finditer(body):
        if field["word"] is not None:
            found[field["name"]] = _variable(page, field["word"])
        elif field["list"] is not None:
            found[field["name"]] = _literal(field["list"])
        elif field["number"] is not None:
            found[field["name"]] = _whole_part(field["number"])
        else:
            found[field["name"]] = field["double"] if field["double"] is not None else field["single"]
    return found


def _braced(text: str, start: int) -> str:
    """What stands from ``start`` to the brace that closes the one before it."""
    depth = 1
    for position in range(start, min(len(text), start + _WINDOW)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    return ""


def _literal(text: str) -> Any:
    value = from_json(text.replace("'", '"'))
    return [] if value is None else value


def _variable(page: Page, word: str) -> Any:
    """The value that the page gives a variable, a field read by its id, or a constant; "" where it does not say."""
    constants = {"true": True, "false": False, "null": None}
    if word in constants:
        return constants[word]
    if by_id := re.search(r"""\(\s*["']#?([\w-]{1,40})["']\s*\)""", word):
        for node in page.root.iter("input"):
            if node.get("id") == by_id[1]:
                return node.get("value") or ""
        return ""
    name = re.escape(word.rpartition(".")[2])
    set_to = re.search(rf"""\b{name}\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|(\d+))""", page.text)
    if set_to is None:
        return dict(parse_qsl(urls.query(page.url))).get(word, "")
    if set_to[3]:
        return _whole_part(set_to[3])
    return set_to[1] or set_to[2] or ""


def _whole_part(number: str) -> int | str:
    """The whole part of a number in a script; one longer than any count stays the text that it is."""
    whole = whole_number(number.removeprefix("-").partition(".")[0])
    return number if whole is None else -whole if number.startswith("-") else whole


def _request(state: Mapping[str, Any]) -> NextPage:
    fields = dict(state["fields"])
    if state["turn"]:
        fields[state["turn"]] = state["page"]
    if state["method"] == "GET":
        query = urlencode({name: _shown(value) for name, value in fields.items()})
        return NextPage.script(f"{state['url']}?{query}" if query else state["url"], state)
    if state["json"]:
        return NextPage.json(state["url"], fields, state)
    return NextPage.form(state["url"], {name: _shown(value) for name, value in fields.items()}, state)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value is not None else ""


def _objects(data: Any, depth: int = 0) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Every list of objects in ``data``; JSON kept as text is read too."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, str) and data[:1] in "[{" and len(data) > 1:
        data = from_json(data)
    if isinstance(data, list):
        if data and all(isinstance(one, dict) for one in data):
            yield data
        for one in data:
            yield from _objects(one, depth + 1)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _objects(value, depth + 1)


def _value(entry: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first value of ``entry`` under one of ``names``, whatever their case and underscores."""
    plain = {name.lower().replace("_", ""): value for name, value in entry.items()}
    return next((str(plain[name]) for name in names if plain.get(name) not in (None, "", [], {})), "")


def _rows(data: Any, answer: Answer) -> tuple[Link, ...]:
    best: list[Link] = []
    for entries in _objects(data):
        found = [row for entry in entries if (row := _row(entry, answer))]
        if len(found) > len(best):
            best = found
    if best:
        return tuple(best)
    markup = next((text for text in _texts(data) if "<a" in text), None)
    return tuple(dated(answer.fragment(markup))) if markup else ()


def _row(entry: Mapping[str, Any], answer: Answer) -> Link | None:
    title, address = _TAG.sub("", _value(entry, _TITLES)), _value(entry, _ADDRESSES)
    url = urls.join(answer.page_url, address) if title and address else None
    return Link(url, title, "", _date(entry), publisher=_value(entry, _ORGANS) or None) if url else None


def _date(entry: Mapping[str, Any]) -> str | None:
    """The day on which an entry was published: the first date under a name that speaks of publication, or any."""
    dated_by = [name for name in entry if "date" in name.lower() or "time" in name.lower()]
    for name in sorted(dated_by, key=lambda name: "pub" not in name.lower()):
        value = entry[name]
        if found := find_date(str(value)):
            return found
        if isinstance(value, int) and 10**9 < value < 10**13:
            moment = datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC) + _BEIJING
            return moment.date().isoformat()
    return None


def _total(data: Any, depth: int = 0) -> int | None:
    """The number of rows that an answer declares, nearest to its top."""
    if not isinstance(data, dict) or depth > _MAX_DEPTH:
        return None
    plain = {name.lower().replace("_", ""): value for name, value in data.items()}
    for name in _TOTALS:
        if (stated := count_of(plain.get(name))) is not None:
            return stated
    return next((found for value in data.values() if (found := _total(value, depth + 1)) is not None), None)


def _texts(data: Any, depth: int = 0) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value, depth + 1)
