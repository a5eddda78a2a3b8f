"""A worker's process that reads documents: ``python -m cluster.reading_process``, see :mod:`cluster.child`."""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.errors import ArchiveError
from archive.sandbox import Extractor, Limits, Result, Sandbox
from archive.warc import Location, payload_in
from cluster import child, readings, tables, versions
from cluster.storage import Storage
from parsers.extract import Origin


@dataclass
class _Reader:
    """Keeps its sandbox from batch to batch, as long as it is to read in the same way."""

    _how: tuple[str, Limits] | None = None
    _sandbox: Sandbox | None = None

    def work(self, job: dict[str, Any]) -> dict[str, Any]:
        """Read the documents of a batch and write what that gave to the storage."""
        versions.require(job["versions"])
        storage = Storage(job["storage"])
        documents: list[dict[str, Any]] = job["documents"]
        sandbox = self._sandbox_for(job["extractor"], Limits(**job["limits"]))
        found: dict[int, Result | str] = {}
        given: deque[int] = deque()

        def payloads() -> Iterator[tuple[bytes, Origin]]:
            for number, document in enumerate(documents):
                try:
                    payload = _payload(storage, document)
                except ArchiveError as error:
                    found[number] = str(error)
                    continue
                given.append(number)
                yield payload, Origin(**document["origin"])

        for result in sandbox.kept_results(payloads()):
            found[given.popleft()] = result
        rows = [readings.row(one["sha256"], one["url"], found[number]) for number, one in enumerate(documents)]
        tables.write(storage, job["name"], readings.table(rows))
        return {"name": job["name"]}

    def _sandbox_for(self, extractor: str, limits: Limits) -> Sandbox:
        if self._sandbox is None or self._how != (extractor, limits):
            if self._sandbox is not None:
                self._sandbox.__exit__(None, None, None)
            self._how = (extractor, limits)
            # As many batches are read side by side as the worker has threads.
            self._sandbox = Sandbox(_named(extractor), 1, limits)
        return self._sandbox


def _payload(storage: Storage, document: dict[str, Any]) -> bytes:
    location = Location(*document["location"])
    where = f"{location.warc} at offset {location.offset} in {storage.url}"
    return payload_in(storage.record(location), document["sha256"], document["bytes"], where)


def _named(extractor: str) -> Extractor:
    module, _, name = extractor.partition(":")
    found: Extractor = getattr(importlib.import_module(module), name)
    return found


if __name__ == "__main__":
    child.serve(_Reader().work)
