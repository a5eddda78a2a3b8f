"""The elements of a page by name, gathered in one pass: searching the tree anew for each is slow."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag


class PageIndex:
    """Lookup of a page's elements; lists are in document order."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self.soup = soup
        self._by_name: dict[str, list[Tag]] = {}
        for node in soup.descendants:
            if isinstance(node, Tag):
                self._by_name.setdefault(node.name, []).append(node)

    def named(self, *names: str) -> list[Tag]:
        """Elements of these names, name by name."""
        return [element for name in names for element in self._by_name.get(name, ())]

    def discard(self) -> None:
        """Free the tree at once: its nodes point to each other, and the collector would walk over each of them."""
        self._by_name.clear()
        self.soup.decompose()

    def all(self) -> list[Tag]:
        """Every element, name by name."""
        return self.named(*self._by_name)
