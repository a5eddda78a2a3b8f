"""What a family of content management systems must be able to tell of its pages."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from crawler import urls
from crawler.page import Link, Page, decode
from parsers.normalise import join_surrogates, whole_number

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class NextPage:
    """A request for a list, or for a further page of one.

    ``optional`` marks one that is asked for only to prove how the pages are numbered: that
    it does not exist is the expected answer. With ``state`` (anything that JSON can hold) the
    answer is no page of its own: it is given back to :meth:`Family.listing` with that state.
    ``body`` is sent as UTF-8 with the ``headers``; the page that led here is sent as Referer.
    ``shared`` tells requests apart that need the same answer, such as a script with the site's
    number: it is asked for once in a crawl.
    """

    url: str
    optional: bool = False
    method: str = "GET"
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    state: Mapping[str, Any] | None = None
    shared: str = ""

    @classmethod
    def form(cls, url: str, fields: Mapping[str, Any], state: Mapping[str, Any]) -> NextPage:
        """A form posted as a page's script does it."""
        headers = (("Content-Type", FORM), ("X-Requested-With", "XMLHttpRequest"))
        return cls(url, method="POST", body=urlencode(fields), headers=headers, state=state)

    @classmethod
    def json(cls, url: str, data: Any, state: Mapping[str, Any]) -> NextPage:
        """A JSON document posted as a page's script does it."""
        headers = (("Content-Type", JSON), ("Accept", "application/json, text/plain, */*"))
        return cls(url, method="POST", body=json.dumps(data, ensure_ascii=False), headers=headers, state=state)

    @classmethod
    def script(cls, url: str, state: Mapping[str, Any]) -> NextPage:
        """A GET as a page's script makes it."""
        return cls(url, headers=(("Accept", "*/*"), ("X-Requested-With", "XMLHttpRequest")), state=state)


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list says that it goes on.

    ``pages`` is the number of pages, ``total`` the number of rows that the list declares;
    None where it declares none.
    """

    next_pages: tuple[NextPage, ...] = ()
    pages: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A list or menu that a page leads to by a script of its own instead of by a link.

    ``label`` is what the page's menu or tree calls it, empty for a part of the page itself.
    ``organ`` is the organ whose list it is, if the page says so. ``menu`` marks a part that
    may hold the page's menu, which is worth asking for where nothing is listed yet. ``within`` is
    what the tree calls the node above.
    """

    ask: NextPage
    label: str = ""
    organ: str | None = None
    menu: bool = False
    within: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer to a request that a family made, as it is given back to it.

    ``page_url`` is the page that made the request, to which links in a fragment are relative.
    ``seen`` are the digests of the rows of this list that earlier answers have brought.
    """

    url: str
    body: bytes
    page_url: str
    state: Mapping[str, Any]
    seen: Collection[str] = frozenset()

    @cached_property
    def text(self) -> str:
        """The body, decoded by what the bytes are."""
        return decode(self.body)

    @cached_property
    def data(self) -> Any:
        """The body as JSON, a JSONP wrapper taken off; None if it is none."""
        return read_json(self.text)

    def fragment(self, markup: str) -> Page:
        """``markup`` as part of the page that asked for it."""
        return Page(self.page_url, markup.encode("utf-8", "replace"))

    def brings_new(self, rows: Iterable[Link]) -> bool:
        """Whether any of ``rows`` was in no earlier answer."""
        return any(urls.digest(row.url) not in self.seen for row in rows)

    def collected(self, rows: Iterable[Link]) -> int:
        """How many different rows of this list are known with ``rows``."""
        return len({urls.digest(row.url) for row in rows} | set(self.seen))


@dataclass(frozen=True, slots=True)
class Listing:
    """What a family read in an :class:`Answer`.

    ``page`` is the markup that came, if any: its folders and menus are followed like those of
    a page. ``failure`` is a machine-readable reason why the answer is none.
    """

    rows: tuple[Link, ...] = ()
    next_pages: tuple[NextPage, ...] = ()
    pages: int | None = None
    total: int | None = None
    page: Page | None = None
    branches: tuple[Branch, ...] = field(default=())
    failure: str | None = None


class Family(ABC):
    """One family: how it is recognised, how it lists and how it pages.

    Families hold no state; every method reads only what it is given.
    """

    name: ClassVar[str] = ""
    precedence: ClassVar[int] = 0
    """Families of higher precedence are asked first whether they recognise a page."""

    @abstractmethod
    def recognise(self, page: Page) -> bool:
        """Whether ``page`` was made with this family."""

    @abstractmethod
    def rows(self, page: Page) -> list[Link]:
        """The rows of the list on ``page``: links to articles, with their dates."""

    @abstractmethod
    def paging(self, page: Page, first: str) -> Paging:
        """The further pages of the list on ``page`` whose first page is ``first``."""

    def branches(self, page: Page) -> list[Branch]:
        """The lists and menus that ``page`` loads by script."""
        return []

    def links(self, page: Page) -> list[Link]:
        """Links that only this family finds on ``page``: menus in scripts, rows in data."""
        return []

    def listing(self, answer: Answer) -> Listing:
        """What stands in the answer to a request that this family made."""
        raise NotImplementedError(f"{self.name} makes no requests")

    def is_view(self, url: str) -> bool:
        """Whether ``url`` only shows a part of a list that is read whole anyway."""
        return False

    def embedded(self, page: Page) -> Page | None:
        """The body of the article on ``page`` where the page keeps it as data, None elsewhere."""
        return None

    def pages_of_article(self, page: Page) -> int:
        """On how many pages the article on ``page`` stands."""
        return 1

    def same_as(self, url: str) -> str:
        """The usual address of the article that ``url`` is another address of."""
        return url

    def title(self, page: Page) -> str | None:
        """The title of the article on ``page``."""
        return page.titles[0] if page.titles else None

    def published_on(self, page: Page) -> str | None:
        """The ISO date on which the article on ``page`` was published, as the page states it."""
        return page.published_on

    def publisher(self, page: Page) -> str | None:
        """The organ that published the article on ``page``, as the page states it."""
        return page.publisher


def count_of(value: Any) -> int | None:
    """The number of rows or pages that ``value`` of an answer states as number or text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    # Written out, a number of very many digits is an error of its own.
    return whole_number(str(value)) if not isinstance(value, int) or 0 <= value < _MOST else None


def read_json(text: str) -> Any:
    """``text`` as JSON, with or without a JSONP wrapper; None if it is neither."""
    text = text.strip().lstrip("\ufeff").rstrip(";").rstrip()
    if not text.startswith(("{", "[")):
        start, end = text.find("("), text.rfind(")")
        if not 0 < start < end or len(text[:start]) > _LONGEST_CALLBACK:
            return None
        text = text[start + 1 : end]
    return from_json(text)


def from_json(text: str, start: int | None = None) -> Any:
    """``text`` as JSON, or the value at ``start`` of it; None where there is none, or it is nested too deeply.

    Halves of a character that stand alone, as cut titles have, are replaced: no database holds them.
    """
    decoder = json.JSONDecoder(strict=False)
    try:
        value = decoder.decode(text) if start is None else decoder.raw_decode(text, start)[0]
        return _whole(value) if _HALF.search(text) else value
    except (ValueError, RecursionError):
        return None


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return join_surrogates(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return value


_LONGEST_CALLBACK = 200
_MOST = 10**18
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
