"""The families of content management systems, one module each.

A family is a subclass of :class:`crawler.cms.base.Family` in a module of this package;
the module need not be named anywhere else.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from crawler import urls
from crawler.cms.base import Family
from crawler.page import Page


@cache
def families() -> tuple[Family, ...]:
    """One object of every family, the most specific first, the generic one last."""
    found: list[Family] = []
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for value in vars(loaded).values():
            if (
                isinstance(value, type)
                and issubclass(value, Family)
                and value.name
                and value.__module__ == loaded.__name__
            ):
                found.append(value())
    return tuple(sorted(found, key=lambda family: (-family.precedence, family.name)))


def family_for(page: Page, name: str | None = None) -> Family:
    """The family that ``page`` was made with; ``name``, if it is one, where the page shows none."""
    recognised = next(family for family in families() if family.recognise(page))
    if recognised.precedence < 0 and (given := named(name)):
        return given
    return recognised


def named(name: str | None) -> Family | None:
    """The family called ``name``, None if there is none."""
    return next((family for family in families() if family.name == name), None)


def key(url: str) -> str:
    """One key for the many addresses of a page, those that only its family knows included."""
    for family in families():
        url = family.same_as(url)
    return urls.key(url)
