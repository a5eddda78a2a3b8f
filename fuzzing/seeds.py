"""Sound inputs to begin with, made by the project's own generators."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

from benchmarks.corpus import build
from benchmarks.corpus.renderers import RENDERERS

_SEED = 1


def documents(renderer: str, *suffixes: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of a document of every dialect of ``renderer`` with one of the ``suffixes``."""
    for one in build.chosen([]):
        if one.renderer != renderer or one.suffix not in suffixes:
            continue
        payload = one.make(random.Random(_SEED)).payload
        if renderer != "hand":
            [payload] = RENDERERS[renderer].render([payload], one.suffix)
        yield one.name, one.finish(payload) if one.finish else payload


def member(payload: bytes, name: str) -> bytes:
    """A file inside of a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return archive.read(name)
