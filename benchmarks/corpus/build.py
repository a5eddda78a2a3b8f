"""Builds the corpus from a seed into a folder, one folder a dialect, each with its manifest."""

from __future__ import annotations

import hashlib
import inspect
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.corpus import (  # noqa: F401  they register their dialects
    archives,
    drawn,
    html_pages,
    lookalikes,
    older,
    printed,
    texts,
    word,
    word_habits,
    workbooks,
)
from benchmarks.corpus.dialects import Dialect, Source, registered
from benchmarks.corpus.renderers import RENDERERS, RenderingFailedError
from benchmarks.corpus.truth import CorpusDocument, Truth

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / ".corpus"
_MANIFEST = "manifest.jsonl"
_STAMP = "stamp.json"

Tell = Callable[[str], None]


def chosen(patterns: Sequence[str]) -> list[Dialect]:
    """The dialects whose ``renderer/name`` fits one of the patterns; all of them without any."""
    dialects = list(registered())
    if not patterns:
        return dialects
    return [one for one in dialects if any(fnmatch(one.key, f"*{pattern}*") for pattern in patterns)]


def build(
    dialects: Iterable[Dialect], seed: int, count: int, folder: Path = FOLDER, tell: Tell = print
) -> Iterator[CorpusDocument]:
    """Yield ``count`` documents of each dialect, rendered anew only where their sources have changed.

    Dialects whose renderer is not installed are skipped, which ``tell`` is told.
    """
    waiting: dict[tuple[str, str], list[Dialect]] = defaultdict(list)
    for one in dialects:
        waiting[one.renderer, one.suffix].append(one)
    for (renderer, suffix), group in waiting.items():
        missing = RENDERERS[renderer].missing
        if missing:
            tell(f"skipped: {len(group)} dialects of {renderer} ({missing})")
            continue
        made = {
            one: [one.make(random.Random(f"{seed}/{one.key}/{number}")) for number in range(count)] for one in group
        }
        stale = {one: made[one] for one in group if not _is_fresh(_place(folder, seed, one), one, made[one])}
        _render(renderer, suffix, stale, seed, folder, tell)
        for one in group:
            place = _place(folder, seed, one)
            if _is_fresh(place, one, made[one]):
                yield from _documents(place, count)


def _sources(one: Dialect, seed: int, count: int) -> list[Source]:
    return [one.make(random.Random(f"{seed}/{one.key}/{number}")) for number in range(count)]


def _place(folder: Path, seed: int, one: Dialect) -> Path:
    return folder / str(seed) / one.renderer / one.name


def _stamp(one: Dialect, sources: Sequence[Source]) -> list[str]:
    """What tells whether finished documents are still those of these sources, one line a document."""
    finish = getattr(one.finish, "func", one.finish)
    code = Path(inspect.getfile(finish)).read_bytes() if finish else b""
    return [
        hashlib.sha256(source.payload + code + json.dumps(source.truth.to_json()).encode()).hexdigest()
        for source in sources
    ]


def _is_fresh(place: Path, one: Dialect, sources: Sequence[Source]) -> bool:
    """Whether the folder holds the finished documents of these sources, perhaps among more."""
    stamp = place / _STAMP
    if not stamp.is_file():
        return False
    return bool(json.loads(stamp.read_text("utf-8"))[: len(sources)] == _stamp(one, sources))


def _render(
    renderer: str, suffix: str, made: Mapping[Dialect, Sequence[Source]], seed: int, folder: Path, tell: Tell
) -> None:
    """Make the documents of dialects that share a renderer and a kind of file, in one batch."""
    sources = [(one, number, source) for one, all_of in made.items() for number, source in enumerate(all_of)]
    if not sources:
        return
    if renderer not in ("hand", "reportlab"):
        tell(f"rendering {len(sources)} documents to {suffix} with {renderer}")
    try:
        payloads = RENDERERS[renderer].render([source.payload for _one, _number, source in sources], suffix)
    except RenderingFailedError as error:
        tell(f"skipped: {len(made)} dialects of {renderer} ({error})")
        return
    lines: dict[Dialect, list[str]] = defaultdict(list)
    for (one, number, source), payload in zip(sources, payloads, strict=True):
        finished = one.finish(payload) if one.finish else payload
        place = _place(folder, seed, one)
        place.mkdir(parents=True, exist_ok=True)
        name = f"{number:03}{suffix}"
        (place / name).write_bytes(finished)
        document = CorpusDocument(finished, name, one.renderer, one.name, source.truth)
        lines[one].append(document.manifest_line(name))
    for one, written in lines.items():
        place = _place(folder, seed, one)
        (place / _MANIFEST).write_text("\n".join(written) + "\n", "utf-8")
        (place / _STAMP).write_text(json.dumps(_stamp(one, made[one])), "utf-8")


def _documents(place: Path, count: int) -> Iterator[CorpusDocument]:
    for line in (place / _MANIFEST).read_text("utf-8").splitlines()[:count]:
        entry = json.loads(line)
        yield CorpusDocument(
            (place / entry["file"]).read_bytes(),
            entry["file_name"],
            entry["renderer"],
            entry["dialect"],
            Truth.from_json(entry["truth"]),
        )


def path_of(document: CorpusDocument, seed: int, folder: Path = FOLDER) -> Path:
    """Where a document of the corpus stands."""
    return folder / str(seed) / document.renderer / document.dialect / document.file_name
