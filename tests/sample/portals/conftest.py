from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sample.portals.server import PortalServer
from tests.sample.portals.visitor import Visitor

Serve = Callable[..., Visitor]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve a site for as long as a module's tests run, and return a visitor to it."""
    with ExitStack() as stack:
        served: dict[str, Visitor] = {}

        def start(key: str, **options: object) -> Visitor:
            name = f"{key} {options}"
            if name not in served:
                server = stack.enter_context(PortalServer([key], **options))  # type: ignore[arg-type]
                served[name] = stack.enter_context(Visitor(server, key))
            return served[name]

        yield start
