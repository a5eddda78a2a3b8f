"""Addresses: joining, one key for the many spellings of a page, file names and types."""

from __future__ import annotations

import hashlib
import posixpath
import re
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from crawler import phrases

MAX_LENGTH = 2083
_INDEX_NAMES = ("index", "default")
_PAGE_SUFFIXES = (".html", ".htm", ".shtml", ".jsp", ".aspx", ".php", ".jhtml")
# Names of Chinese characters among them; or an address of version 6.
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def join(base: str, link: str, encoding: str = "utf-8") -> str | None:
    """The absolute http(s) address of ``link`` on page ``base``, or None if there is none.

    Fragments and session ids are dropped. Raw Chinese characters are escaped as browsers do it:
    as UTF-8 in the path, in the ``encoding`` of the page in the query.
    """
    link = "".join(link.split("\n")).strip().replace("\\", "/")
    if not link or link.startswith(("#", "javascript:", "mailto:", "tel:", "data:", "about:")):
        return None
    try:
        base_parts = urlsplit(base)
        if link.startswith("//"):
            link = f"{base_parts.scheme}:{link}"
        joined = urlsplit(urljoin(base, link))
        if joined.scheme not in ("http", "https") or not joined.hostname:
            return None
        if not _HOST.fullmatch(joined.hostname):
            return None
        netloc = joined.netloc.rsplit("@", 1)[-1].lower()
        host = joined.hostname.rstrip(".")
        if joined.port is not None and joined.port != _DEFAULT_PORTS[joined.scheme]:
            netloc = f"{_bracketed(host)}:{joined.port}"
        else:
            netloc = _bracketed(host)
        path = phrases.pattern("urls", "session").sub("", joined.path) or "/"
        asked = without(joined.query, phrases.pattern("urls", "session_parameter"))
        url = safe_url_string(urlunsplit((joined.scheme, netloc, path, asked, "")), encoding=encoding)
    except (ValueError, UnicodeError):
        return None
    return url if len(url) <= MAX_LENGTH else None


def key(url: str) -> str:
    """One key for the spellings of ``url`` that portals mix.

    http and https, with and without ``www.``, ``index.html`` and the bare folder are the
    same page; a parameter that only defeats caches tells no pages apart.
    """
    parts = urlsplit(url)
    asked = without(parts.query, phrases.pattern("urls", "cache_parameter"))
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else ""
    folder, name = posixpath.split(parts.path or "/")
    stem, suffix = posixpath.splitext(name)
    if stem.lower() in _INDEX_NAMES and suffix.lower() in _PAGE_SUFFIXES:
        name = ""
    path = folder.rstrip("/") + "/" + name
    return f"{host}{port}{_plain(path)}" + (f"?{asked}" if asked else "")


def in_gbk(url: str) -> str | None:
    """``url`` with the Chinese characters of its path escaped as GBK, None where there are none.

    Old servers find a file by the bytes of its name in their own encoding.
    """
    parts = urlsplit(url)
    try:
        path = unquote(parts.path, errors="strict")
        if path.isascii():
            return None
        escaped = quote(path, safe="/%:=&?~+!$,;'@()*", encoding="gb18030")
    except UnicodeError:
        return None
    return urlunsplit((*parts[:2], escaped, *parts[3:]))


def without(parameters: str, names: re.Pattern[str]) -> str:
    """A query without the ``parameters`` whose whole ``name=value`` the pattern ``names`` matches."""
    return "&".join(part for part in parameters.split("&") if not names.fullmatch(part))


def query(url: str) -> str:
    """The query of ``url``."""
    return urlsplit(url).query


def drop(url: str, names: re.Pattern[str]) -> str:
    """``url`` without the parameters whose whole ``name=value`` the pattern ``names`` matches."""
    parts = urlsplit(url)
    return urlunsplit((*parts[:3], without(parts.query, names), parts.fragment))


def digest(url: str) -> str:
    """A short digest of the :func:`key` of ``url``."""
    return hashlib.sha256(key(url).encode()).hexdigest()[:16]


def host(url: str) -> str:
    """The host of ``url`` with its port, in lower case."""
    return urlsplit(url).netloc.rsplit("@", 1)[-1].lower()


def folder(url: str) -> str:
    """``url`` up to and including the last slash of its path."""
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith("/") else posixpath.dirname(parts.path) + "/"
    return f"{parts.netloc}{path.replace('//', '/')}"


def extension(url: str) -> str:
    """The file extension of ``url`` in lower case without a dot, from its path or its query; none of no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    found = posixpath.splitext(parts.path)[1][1:].lower()
    if found in phrases.words("attachments", "extensions"):
        return found
    for values in parse_qs(parts.query).values():
        in_query = posixpath.splitext(values[-1])[1][1:].lower()
        if in_query in phrases.words("attachments", "extensions"):
            return in_query
    return found


def is_file(url: str) -> bool:
    """Whether ``url`` looks like a document to download rather than a page."""
    if extension(url) in phrases.words("attachments", "extensions"):
        return True
    return bool(phrases.pattern("urls", "attachment").search(url))


def is_article(url: str) -> bool:
    """Whether ``url`` has the shape of a single article in a family that is known."""
    return bool(phrases.pattern("urls", "article").search(url))


def _plain(path: str) -> str:
    """``path`` unescaped where it is UTF-8; bytes of another encoding stay as they are."""
    try:
        return unquote(path, errors="strict")
    except UnicodeError:
        return path


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
