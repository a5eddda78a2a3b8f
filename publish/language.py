"""The language of a page: Chinese, or English for the same address below ``/en/``.

What the archive holds stays in the language of its source. What the site itself says is written in Chinese in
templates and programs and looked up in ``english.toml``; labels that stand in data files have both languages there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from datasette.app import Datasette
from datasette.url_builder import Urls
from datasette.utils import PrefixedUrlString
from datasette.utils.asgi import Request
from markupsafe import Markup

Language = Literal["zh-CN", "en"]
CHINESE: Language = "zh-CN"
ENGLISH: Language = "en"
_ROOT = "/en"
"""What stands before the paths of English pages."""

NAMES: dict[Language, str] = {CHINESE: "中文", ENGLISH: "English"}
"""The languages of the site, each by its own name."""

_current: ContextVar[Language] = ContextVar("language", default=CHINESE)
# What has one address for all readers: files, pictures and feeds.
_NEUTRAL = re.compile(r"(static|downloads|-/static|-/static-plugins|-/original|-/warc|-/feed)/|robots\.txt|.*\.png")

App = Callable[..., Awaitable[None]]


def language() -> Language:
    """Return the language of the page being made."""
    return _current.get()


def is_english() -> bool:
    """Whether the page being made is English."""
    return _current.get() == ENGLISH


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Make pages in ``chosen`` meanwhile."""
    token = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(token)


def either(zh: str, en: str) -> str:
    """Return the one of two wordings that is in the page's language."""
    return en if is_english() else zh


def in_chinese() -> Markup:
    """Return the attribute that tells an English page's reader, and reader's program, that what follows is Chinese."""
    return Markup(' lang="zh-CN"') if is_english() else Markup("")


@dataclass(frozen=True, slots=True)
class Said:
    """A message in both languages: an error's page shows one of them, its JSON both."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"

    def here(self) -> str:
        """The message in the page's language."""
        return either(self.zh, self.en)


@cache
def catalogue() -> dict[str, str]:
    """Return the English for each Chinese text of the site."""
    return dict(tomllib.loads(resources.files("publish").joinpath("english.toml").read_text("utf-8")))


def gettext(text: str) -> str:
    """Return ``text`` in the page's language; as it is where the catalogue lacks it, which a test forbids."""
    return catalogue().get(text, text) if is_english() else text


@lru_cache(maxsize=4096)
def _complete(chosen: Language, text: str) -> Markup:
    with speaking(chosen):
        return Markup(gettext(text)) % {}


def template_text(text: str, /, **variables: object) -> Markup:
    """Return a text of a template in the page's language, with ``variables`` put in its places, escaped.

    What Jinja's own ``_`` of new style does; that one works a text without variables out each time.
    """
    return Markup(gettext(text)) % variables if variables else _complete(language(), text)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the wording for ``number``: Chinese has one, so the English is worded to do for any number."""
    return gettext(singular if number == 1 else plural)


class LanguageUrls(Urls):
    """The site's addresses in the language of the page that links to them."""

    def path(self, path: str, format: str | None = None) -> PrefixedUrlString:
        """Return the address of ``path``, below ``/en/`` on English pages, except of what has no language."""
        if is_english() and not isinstance(path, PrefixedUrlString):
            bare = path.removeprefix("/")
            if not _NEUTRAL.match(bare):
                path = f"{_ROOT}/{bare}"
        return super().path(path, format)

    def in_language(self, chosen: Language, path: str) -> PrefixedUrlString:
        """Return the address of ``path`` in another language."""
        with speaking(chosen):
            return self.path(path)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page stands in a language that is called ``name`` by those who speak it."""

    name: str
    path: str
    absolute: str


def addresses(datasette: Datasette, request: Request | None) -> dict[Language, Address]:
    """Return the addresses of the page asked for in every language; none where there is no request."""
    if request is None:
        return {}
    asked = f"{request.path}?{request.query_string}" if request.query_string else request.path
    paths = {code: datasette.urls.in_language(code, asked) for code in NAMES}
    return {code: Address(NAMES[code], path, datasette.absolute_url(request, path)) for code, path in paths.items()}


def _in_language(chosen: Language, name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A header as the page's language has it: who is sent on to another address stays in the language."""
    path = bytes(value).decode("latin-1")
    if bytes(name).lower() != b"location" or chosen == CHINESE or not path.startswith("/") or path.startswith("//"):
        return name, value
    if path == _ROOT or path.startswith(f"{_ROOT}/") or _NEUTRAL.match(path[1:]):
        return name, value
    return name, f"{_ROOT}{path}".encode("latin-1")


def spoken(app: App) -> App:
    """Wrap an ASGI app: paths below ``/en/`` are those of the same pages in English.

    The language stands in the address, so that caches need no further key and links can be passed on.
    """

    async def wrapped(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        chosen = CHINESE
        if scope["path"] == _ROOT or scope["path"].startswith(f"{_ROOT}/"):
            chosen = ENGLISH
            scope = {**scope, "path": scope["path"].removeprefix(_ROOT) or "/"}
            if raw := scope.get("raw_path"):
                scope["raw_path"] = raw.removeprefix(_ROOT.encode()) or b"/"

        async def tell(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [_in_language(chosen, *header) for header in message.get("headers", [])]
                kinds = [bytes(value) for name, value in headers if bytes(name).lower() == b"content-type"]
                if any(kind.startswith(b"text/html") for kind in kinds):
                    headers.append((b"content-language", chosen.encode()))
                message = {**message, "headers": headers}
            await send(message)

        with speaking(chosen):
            await app(scope, receive, tell)

    return wrapped
