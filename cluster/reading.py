"""Reading documents by the workers of a cluster, in batches."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from distributed import Future

from archive.elsewhere import Placed
from archive.sandbox import Extractor, Limits
from archive.store import Archive
from cluster import readings, tables, tasks, units, versions
from cluster.connection import Cluster
from cluster.errors import ClusterError
from cluster.readings import Read
from parsers.extract import Refusal

BATCH_DOCUMENTS = 50
_AHEAD = 3
"""Batches per slot that are handed out before the first of them is taken in."""
_RETRIES = 2
_TOP = "cluster/readings"
_DETAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class _Batch:
    documents: Sequence[Placed]
    future: Future


class ClusterReader:
    """Reads documents of ``archive`` as part of run ``run_id``; see :class:`archive.elsewhere.Elsewhere`.

    A batch whose worker is lost is read by another. A document that ends worker after worker is
    refused, and the others of its batch are not.
    """

    def __init__(self, cluster: Cluster, archive: Archive, run_id: str) -> None:
        self._cluster = cluster
        self._archive = archive
        self._top = f"{_TOP}/{units.archive_id(archive)}"
        self._folder = f"{self._top}/{run_id}"

    def results(self, documents: Iterable[Placed], extractor: Extractor, limits: Limits) -> Iterator[Read]:
        """Yield for each document, in order, what was read. Raises ClusterError if the cluster is lost."""
        # What commands left that were killed is of no use: nobody knows which documents it would be.
        self._cluster.storage.remove(self._top)
        self._how = {
            "storage": self._cluster.storage.url,
            "folder": self._folder,
            "extractor": f"{extractor.__module__}:{getattr(extractor, '__qualname__', '')}",
            "limits": asdict(limits),
            "versions": versions.present(),
        }
        waiting: deque[_Batch] = deque()
        try:
            for batch in self._batches(documents):
                waiting.append(self._submit(batch))
                while len(waiting) > _AHEAD * max(1, self._cluster.slots()):
                    yield from self._take(waiting.popleft())
            while waiting:
                yield from self._take(waiting.popleft())
        finally:
            for one in waiting:
                one.future.release()
            self._cluster.storage.remove(self._top)

    def _batches(self, documents: Iterable[Placed]) -> Iterator[Sequence[Placed]]:
        """Batches of all documents; the last ones smaller, so that every worker has a part."""
        source = iter(documents)
        slots = max(1, self._cluster.slots())
        while some := list(islice(source, slots * BATCH_DOCUMENTS)):
            size = math.ceil(len(some) / slots)
            for start in range(0, len(some), size):
                yield some[start : start + size]

    def _submit(self, documents: Sequence[Placed]) -> _Batch:
        self._cluster.provide(self._archive.captures_dir, [document.location.warc for document in documents])
        job: dict[str, Any] = {**self._how, "documents": [asdict(document) for document in documents]}
        for document in job["documents"]:
            document["location"] = list(document["location"].values())
        future = self._cluster.client.submit(tasks.read_documents, job, pure=False, retries=_RETRIES)
        return _Batch(documents, future)

    def _take(self, batch: _Batch) -> Iterator[Read]:
        while not self._cluster.first_done([batch.future]):
            pass
        if batch.future.status == "finished":
            name = batch.future.result()
            yield from readings.read(tables.read(self._cluster.storage, name))
            self._cluster.storage.remove(name)
            return
        error = batch.future.exception()
        if isinstance(error, ClusterError):
            raise error
        if len(batch.documents) > 1:
            # One of them is what ends workers.
            alone = deque(self._submit([document]) for document in batch.documents)
            while alone:
                yield from self._take(alone.popleft())
            return
        detail = f"workers ended while reading it: {type(error).__name__}: {error}"[:_DETAIL_CHARACTERS]
        (document,) = batch.documents
        yield (document.sha256, document.url), Refusal("crashed", detail), None
