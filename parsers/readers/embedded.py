"""Reports that a page carries for its scripts to show, and files that it shows in place of a text."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from bs4 import BeautifulSoup, Tag

from parsers import forms
from parsers.dates import iso_date
from parsers.document import Document
from parsers.normalise import join_surrogates, squeeze, tidy, whole_number
from parsers.readers.encoding import decode
from parsers.readers.page_index import PageIndex

_LONG_ENOUGH = 200
_LONGEST = 4_000_000
_MOST_STRINGS = 2000
# A quote opens a string only after one of these; anywhere else it may close one.
_STRING = re.compile(
    r"""(?<=[:=(,\[+])\s*(?:"((?:[^"\\\n]|\\.){200,})"|'((?:[^'\\\n]|\\.){200,})'|`((?:[^`\\]|\\.){200,})`)"""
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "\n", "v": "\n", "0": ""}
_MARKUP = re.compile(r"<(?:p|div|span|table|br|section|h[1-6])\b", re.I)
_ESCAPED_MARKUP = re.compile(r"&lt;(?:p|div|span|table|br|section|h[1-6])\b", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{200,}={0,2}\s*")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_DETAIL = re.compile(r"[\"']?DETAIL[\"']?\s*[:=]\s*(?=\{)")
_CHINA = datetime.timezone(datetime.timedelta(hours=8))

_FILE = re.compile(r"\.(?:pdf|docx?|wps|ofd|xlsx?|rtf|zip|rar)$", re.I)
_QUERIES = ("file", "url", "src", "furl", "pdf", "filename", "fileurl", "path")
_ATTRIBUTES = ("src", "data", "data-value", "data-src", "data-url", "data-file", "data-pdf", "data-href", "value")
_VIEWERS = ("iframe", "embed", "object", "param", "frame")
_SCRIPTED = re.compile(r"""["']([^"'\s<>]{1,400}\.(?:pdf|ofd))(?:[?#][^"'\s<>]{0,100})?["']""", re.I)
_LONGEST_ADDRESS = 500


def embedded_article(page: PageIndex) -> str | None:
    """Markup of the report that stands in a script, template or form field; None where there is none.

    Of several the one that names most of the form's sections, and of these the longest.
    """
    best: tuple[int, int, str] | None = None
    for carried in _carried(page):
        text = _unwrapped(carried)
        if not _MARKUP.search(text) and _ESCAPED_MARKUP.search(text):
            text = _unescape_markup(text)
        if not _MARKUP.search(text):
            continue
        words = squeeze(text[:_LONGEST])
        named = sum(label.zh in words for label in forms.SECTIONS.values())
        if named == 0 and "公开" not in words:
            continue
        if best is None or (named, len(text)) > best[:2]:
            best = (named, len(text), text)
    return best[2] if best else None


def _unwrapped(text: str) -> str:
    """Text without the encodings that scripts undo before they show it: percent signs and Base64."""
    if _BASE64.fullmatch(text):
        try:
            text = decode(base64.b64decode(text, validate=True))[0]
        except ValueError:
            return text
    if "%" in text:
        text = join_surrogates(_PERCENT_U.sub(lambda match: chr(int(match[1], 16)), text))
        if text.upper().count("%3C") > 2:
            text = decode(unquote_to_bytes(text))[0]
    return text


def _carried(page: PageIndex) -> Iterator[str]:
    for script in page.named("script"):
        source = str(script.string or "")
        if not _LONG_ENOUGH <= len(source) <= _LONGEST:
            continue
        if str(script.get("type", "")).lower() in ("text/html", "text/template", "text/x-template", "text/xml"):
            yield source
            continue
        for count, match in enumerate(_STRING.finditer(source)):
            if count >= _MOST_STRINGS:
                break
            yield _unescape_string(match[1] or match[2] or match[3])
    for holder in page.named("textarea", "template", "xmp", "noscript"):
        text = holder.decode_contents() if holder.name in ("template", "noscript") else holder.get_text()
        if len(text) >= _LONG_ENOUGH:
            yield text
    for field in page.named("input")[:500]:
        if str(field.get("type", "")).lower() == "hidden" and len(value := str(field.get("value", ""))) >= _LONG_ENOUGH:
            yield value
    for element in page.all():
        for name, content in element.attrs.items():
            if name.startswith("data-") and len(str(content)) >= _LONG_ENOUGH:
                yield str(content)


def _unescape_string(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16))
        return _PLAIN_ESCAPES.get(match[3], match[3])

    unescaped = _ESCAPE.sub(replace, text) if "\\" in text else text
    # Characters beyond the basic plane are written as two escapes.
    return join_surrogates(unescaped)


def _unescape_markup(text: str) -> str:
    return BeautifulSoup(text, "lxml").get_text()


def embedded_metadata(page: PageIndex, document: Document) -> None:
    """Title, publisher and date of publication that a page's ``DETAIL`` object states."""
    for script in page.named("script"):
        source = str(script.string or "")
        match = _DETAIL.search(source) if len(source) <= _LONGEST else None
        if match is None:
            continue
        try:
            detail, _end = json.JSONDecoder().raw_decode(source, match.end())
        except (ValueError, RecursionError):
            continue
        if title := tidy(join_surrogates(str(detail.get("title") or ""))):
            document.title_candidates.append(title)
        if publisher := tidy(join_surrogates(str(detail.get("publisher") or ""))):
            document.metadata.setdefault("publisher", publisher)
        for key in ("display_publish_time", "publish_time", "first_publish_time"):
            if date := _date_of(detail.get(key)):
                document.metadata.setdefault("published_on", date)
        return


def _date_of(value: object) -> str | None:
    if isinstance(value, str):
        return iso_date(value) or _date_of(whole_number(value))
    if isinstance(value, int) and 10**9 < value < 10**13:
        seconds = value / 1000 if value >= 10**12 else value
        return datetime.datetime.fromtimestamp(min(seconds, 4e9), _CHINA).date().isoformat()
    return None


def attached_file(page: PageIndex) -> str | None:
    """Address, as the page gives it, of the file that it shows in a viewer or else offers as its attachment."""
    for element in page.all():
        attributes = element.attrs
        if not attributes:
            continue
        name = element.name
        if name in _VIEWERS or any(key.startswith("data-") for key in attributes):
            for key in _ATTRIBUTES:
                if (value := attributes.get(key)) and (address := _file_address(str(value))):
                    return address
    for script in page.named("script"):
        source = str(script.string or "")
        if len(source) <= _LONGEST and (match := _SCRIPTED.search(source)):
            return _file_address(match[1]) or match[1]
    links = [
        link
        for link in page.named("a")
        if "href" in link.attrs and (_file_address(str(link["href"])) or _named_as_file(link))
    ]
    links.sort(key=lambda link: not _mentions_report(link))
    return str(links[0]["href"]).strip()[:_LONGEST_ADDRESS] if links else None


def _file_address(text: str) -> str | None:
    """The file that an address names: itself, or what it hands to a viewer in its query."""
    address = text.strip()
    if not address or len(address) > _LONGEST_ADDRESS or address.lower().startswith(("javascript:", "data:")):
        return None
    try:
        parts = urlsplit(address)
        query = parse_qs(parts.query)
    except ValueError:
        return None
    for key in _QUERIES:
        for value in query.get(key, ()):
            if _FILE.search(value.split("?")[0].split("#")[0]):
                return address if _FILE.search(parts.path) or key == "filename" else value
    return address if _FILE.search(parts.path) else None


def _named_as_file(link: Tag) -> bool:
    names = (link.get_text(), *(str(link.get(key, "")) for key in ("title", "download", "alt")))
    return any(len(name) < 200 and _FILE.search(name.strip()) for name in names)


def _mentions_report(link: Tag) -> bool:
    words = squeeze(f"{link.get_text()}{link.get('title', '')}{link.get('download', '')}")
    return "信息公开" in words or "年报" in words or "年度报告" in words
