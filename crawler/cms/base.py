"""What a family of content management systems must be able to tell of its pages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from crawler.page import Link, Page


@dataclass(frozen=True, slots=True)
class NextPage:
    """A further page of a list.

    ``optional`` marks one that is asked for only to prove how the pages are numbered: that
    it does not exist is the expected answer.
    """

    url: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list says that it goes on.

    ``pages`` is the number of pages, ``total`` the number of rows that the list declares;
    None where it declares none.
    """

    next_pages: tuple[NextPage, ...] = ()
    pages: int | None = None
    total: int | None = None


class Family(ABC):
    """One family: how it is recognised, how it lists and how it pages.

    Families hold no state; every method reads only the page that it is given.
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

    def title(self, page: Page) -> str | None:
        """The title of the article on ``page``."""
        return page.titles[0] if page.titles else None

    def published_on(self, page: Page) -> str | None:
        """The ISO date on which the article on ``page`` was published, as the page states it."""
        return page.published_on

    def publisher(self, page: Page) -> str | None:
        """The organ that published the article on ``page``, as the page states it."""
        return page.publisher
