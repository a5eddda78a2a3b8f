"""Builds the corpus from a seed into a folder, one folder a dialect, each with its manifest."""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from benchmarks.corpus import archives, drawn, html_pages, lookalikes, older, printed, texts, word, workbooks  # noqa: F401  they register their dialects
from benchmarks.corpus.dialects import Dialect, registered
from benchmarks.corpus.renderers import RENDERERS, RenderingFailedError
from benchmarks.corpus.truth import CorpusDocument, Truth

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / ".corpus"
_MANIFEST = "manifest.jsonl"
_INPUTS = ("benchmarks/corpus/*.py", "sample/figures.py", "sample/prose.*", "tests/parsers/*_dialects.py")
_INPUTS += ("tests/parsers/printed_forms.py", "tests/parsers/drawn_forms.py", "parsers/forms/*")

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
    """Yield ``count`` documents of each dialect, made anew only where the generator has changed.

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
        stale = [one for one in group if not _is_fresh(_place(folder, seed, one), count)]
        _render(renderer, suffix, stale, seed, count, folder, tell)
        for one in group:
            place = _place(folder, seed, one)
            if (place / _MANIFEST).is_file():
                yield from _documents(place, count)


def _place(folder: Path, seed: int, one: Dialect) -> Path:
    return folder / str(seed) / one.renderer / one.name


@cache
def _stamp() -> str:
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for file in sorted(ROOT.glob(pattern)):
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_fresh(place: Path, count: int) -> bool:
    """Whether the folder holds what this generator makes, and enough of it."""
    stamp = place / "stamp.json"
    if not stamp.is_file() or not (place / _MANIFEST).is_file():
        return False
    made = json.loads(stamp.read_text("utf-8"))
    return bool(made["generator"] == _stamp() and made["count"] >= count)


def _render(
    renderer: str, suffix: str, dialects: Sequence[Dialect], seed: int, count: int, folder: Path, tell: Tell
) -> None:
    """Make the documents of dialects that share a renderer and a kind of file, in one batch."""
    sources = [
        (one, number, one.make(random.Random(f"{seed}/{one.key}/{number}")))
        for one in dialects
        for number in range(count)
    ]
    if not sources:
        return
    if renderer != "hand":
        tell(f"rendering {len(sources)} documents to {suffix} with {renderer}")
    try:
        payloads = RENDERERS[renderer].render([source.payload for _one, _number, source in sources], suffix)
    except RenderingFailedError as error:
        tell(f"skipped: {len(dialects)} dialects of {renderer} ({error})")
        return
    lines: dict[Dialect, list[str]] = defaultdict(list)
    for (one, number, source), payload in zip(sources, payloads, strict=True):
        if one.finish:
            payload = one.finish(payload)
        place = _place(folder, seed, one)
        place.mkdir(parents=True, exist_ok=True)
        name = f"{number:03}{suffix}"
        (place / name).write_bytes(payload)
        document = CorpusDocument(payload, f"{number:03}{suffix}", one.renderer, one.name, source.truth)
        lines[one].append(document.manifest_line(name))
    for one, written in lines.items():
        place = _place(folder, seed, one)
        (place / _MANIFEST).write_text("\n".join(written) + "\n", "utf-8")
        (place / "stamp.json").write_text(json.dumps({"generator": _stamp(), "count": count}), "utf-8")


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
