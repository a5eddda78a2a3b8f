"""The elements of a page by name, gathered in one pass: searching the tree anew for each is slow."""

from __future__ import annotations

from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement


class PageIndex:
    """Lookup of a page's elements; lists are in document order.

    ``by_name`` are the elements by name, and ``nodes`` these and the texts, where the tree's builder has gathered them.
    """

    def __init__(
        self,
        soup: BeautifulSoup,
        by_name: dict[str, list[Tag]] | None = None,
        nodes: Sequence[PageElement] | None = None,
    ) -> None:
        self.soup = soup
        self._nodes: Sequence[PageElement] = list(soup.descendants) if nodes is None else nodes
        self._by_name: dict[str, list[Tag]] = by_name or {}
        if by_name is not None:
            return
        for node in self._nodes:
            if isinstance(node, Tag):
                self._by_name.setdefault(node.name, []).append(node)

    def named(self, *names: str) -> list[Tag]:
        """Elements of these names, name by name."""
        return [element for name in names for element in self._by_name.get(name, ())]

    def discard(self) -> None:
        """Free the tree at once: its nodes point to each other, and the collector would walk over each of them."""
        self._by_name.clear()
        for node in (self.soup, *self._nodes):
            vars(node).clear()
        self._nodes = ()

    def all(self) -> list[Tag]:
        """Every element, name by name."""
        return self.named(*self._by_name)
