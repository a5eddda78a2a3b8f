"""Jinja templates of the portals' pages."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@cache
def environment() -> Environment:
    """The environment of ``sample/templates``; everything but ``Markup`` is escaped."""
    return Environment(loader=PackageLoader("sample"), autoescape=True, undefined=StrictUndefined)


def render(template: str, /, **context: object) -> str:
    """Render a template; a name that the template needs and does not get is an error."""
    return environment().get_template(template).render(**context)


def markup(html: str) -> Markup:
    """Mark HTML of our own making as safe to insert."""
    return Markup(html)
