"""Pages rendered without awaiting: what a page shows is gathered before, which takes half as long for its longest.

Datasette's templates may await in their midst, for which Jinja compiles each call and each macro so that it
might; a report's page has thousands of them, and none waits for anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template

PREPARE = "prepare"
"""Name in a page's context of what is awaited, with the context, before the page is rendered."""


class GatheredTemplate(Template):
    """A template whose context is complete before it is rendered."""

    async def render_async(self, *arguments: Any, **named: Any) -> str:
        """Return the page, as Datasette asks for it."""
        context = dict(*arguments, **named)
        prepare: Callable[[dict[str, Any]], Awaitable[None]] | None = context.pop(PREPARE, None)
        if prepare is not None:
            await prepare(context)
        return self.render(context)


def gather_first(environment: Environment) -> None:
    """Have the templates of ``environment`` compiled and rendered so."""
    environment.is_async = False
    environment.template_class = GatheredTemplate


def compile_templates(environment: Environment, folder: Path) -> None:
    """Compile each template of ``folder``, which else the first reader of each kind of page waits for."""
    for path in sorted(folder.glob("*.html")):
        environment.get_template(path.name)
