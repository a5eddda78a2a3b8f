"""A soak: very many damaged documents through ``nianbao import``, sound ones among them.

``python -m benchmarks.soak [--documents N]``, from the checkout. Documents are made in batches from a seed,
imported into one archive, a batch a command, and counted; a soak that was stopped goes on where it was. What must
hold: no command crashes, its memory stays flat however many documents have passed, every document gets an answer, and
of the sound ones no value comes out wrong.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / ".soak"
SUFFIXES = (".html", ".txt", ".md", ".docx", ".xlsx", ".xls", ".zip")
SOUND_SHARE = 0.05
PDF_SHARE = 0.04
"""Of the documents that are PDF files: reading one takes as long as ten of the others."""
_LARGEST = 20_000
_PDFS_OF_A_DIALECT = 3
_SAMPLES_PER_SECOND = 2
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
_STATE = "soak.json"
_PLACES = "明川澜州松陵柏河临渡白崖望沙坪青砚石桥云岭溪湖江清远安宁和平泰兴永嘉长乐"


@dataclass(slots=True)
class Passed:
    """What has come of the batches so far.

    ``memory`` has for each batch the megabytes of the command when a quarter of the batch had passed, and at
    the most after that. ``wrong`` are values of sound documents that came out wrong, ``null`` those absent.
    """

    seed: int
    batches: int = 0
    documents: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    sound: int = 0
    sound_cells: int = 0
    wrong: int = 0
    null: int = 0
    unanswered: int = 0
    details: list[str] = field(default_factory=list)


@cache
def _dialects() -> list[object]:
    """The dialects that need no program to be rendered, their organs of a thousand invented places.

    Each document has an organ and year of its own, as far as may be: thousands of versions of one report are
    another matter.
    """
    from benchmarks.corpus import build, reports

    counties = tuple(f"{one}{other}县" for one in _PLACES for other in _PLACES if one != other)
    reports._COUNTIES = counties  # type: ignore[assignment]
    return [one for one in build.chosen([]) if one.renderer == "hand" and one.suffix in SUFFIXES]


@cache
def _pdfs(seed: int) -> list[tuple[bytes, object]]:
    from benchmarks.corpus import build
    from benchmarks.corpus.renderers import RENDERERS

    made = []
    for one in build.chosen(["reportlab"]):
        if one.renderer != "reportlab":
            continue
        for number in range(_PDFS_OF_A_DIALECT):
            source = one.make(random.Random(f"{seed}/{one.key}/{number}"))
            [payload] = RENDERERS["reportlab"].render([source.payload], one.suffix)
            made.append((one.finish(payload) if one.finish else payload, source.truth))
    return made


def document(seed: int, number: int) -> tuple[bytes, str, object | None]:
    """Document ``number`` of the soak of ``seed``: its bytes, a suffix, and its truth where it is sound."""
    chance = random.Random(f"{seed}/{number}")
    payload, suffix, truth = _sound(seed, chance)
    if chance.random() < SOUND_SHARE:
        return payload, suffix, truth
    way = chance.choices(_WAYS, _WEIGHTS)[0]
    return way(payload, chance), suffix, None


def _sound(seed: int, chance: random.Random) -> tuple[bytes, str, object]:
    if chance.random() < PDF_SHARE:
        payload, truth = chance.choice(_pdfs(seed))
        return payload, ".pdf", truth
    while True:
        one = chance.choice(_dialects())
        source = one.make(chance)  # type: ignore[attr-defined]
        payload = one.finish(source.payload) if one.finish else source.payload  # type: ignore[attr-defined]
        if len(payload) <= _LARGEST:
            return payload, one.suffix, source.truth  # type: ignore[attr-defined]


def _flipped(payload: bytes, chance: random.Random) -> bytes:
    changed = bytearray(payload)
    for _ in range(chance.choice((1, 1, 3, 10, 100))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _truncated(payload: bytes, chance: random.Random) -> bytes:
    return payload[: chance.randrange(1, len(payload))]


def _spliced(payload: bytes, chance: random.Random) -> bytes:
    one = chance.choice(_dialects())
    other = one.make(chance).payload  # type: ignore[attr-defined]
    cut, to = chance.randrange(len(payload)), chance.randrange(len(other))
    return payload[:cut] + other[to : to + chance.randrange(1, _LARGEST)] + payload[cut + chance.randrange(1000) :]


def _restructured(payload: bytes, chance: random.Random) -> bytes:
    """A change that keeps the grammar; in a ZIP file of one of its members."""
    from fuzzing import mutations

    if payload.startswith(b"PK"):
        try:
            return _repacked(payload, chance)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return _flipped(payload, chance)
    if payload.startswith((b"%PDF", b"\xd0\xcf")):
        return _moved(payload, chance)
    return mutations.mutate(payload, 2 * _LARGEST, chance) or payload


def _repacked(payload: bytes, chance: random.Random) -> bytes:
    from fuzzing import mutations

    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([name for name in members if not name.endswith("/")] or [""])
    if name:
        members[name] = mutations.mutate(members[name], 10 * _LARGEST, chance) or members[name]
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), content)
    return buffer.getvalue()


def _moved(payload: bytes, chance: random.Random) -> bytes:
    """Two stretches of a file change places."""
    size = chance.choice((16, 64, 512, 2048))
    one, other = sorted(chance.randrange(max(1, len(payload) - size)) for _ in range(2))
    changed = bytearray(payload)
    changed[one : one + size], changed[other : other + size] = payload[other : other + size], payload[one : one + size]
    return bytes(changed)


def _found_once(_payload: bytes, chance: random.Random) -> bytes:
    """An input that fuzzing keeps, as the file that it stands for."""
    from fuzzing.target import CORPUS, FINDINGS, kept
    from fuzzing.targets import office, pdf

    built: dict[str, Callable[[bytes], bytes]] = {"markup": bytes, "office": office.built, "pdf": pdf.built}
    name = chance.choice(sorted(built))
    files = kept(CORPUS, name) + kept(FINDINGS, name)
    return built[name](chance.choice(files).read_bytes()) if files else b"nothing"


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flipped, _truncated, _spliced, _restructured, _moved, _found_once),
)
_WEIGHTS = (20, 15, 15, 40, 5, 5)


def write_batch(seed: int, first: int, count: int, folder: Path) -> dict[str, object]:
    """Write documents ``first`` and following into ``folder``; the truths of the sound ones by their hash."""
    truths = {}
    for number in range(first, first + count):
        payload, suffix, truth = document(seed, number)
        (folder / f"{number:07}{suffix}").write_bytes(payload)
        if truth is not None:
            truths[sha256(payload).hexdigest()] = truth
    return truths


def _import(folder: Path, archive: Path, workers: int | None, log: Path) -> tuple[int, list[tuple[int, int]]]:
    """Import ``folder``; exit status, and pairs (documents read in all, megabytes of the command)."""
    before = _read(archive)
    samples: list[tuple[int, int]] = []
    command = [sys.executable, "-m", "nianbao", "import", str(folder), "--archive", str(archive)]
    command += ["--workers", str(workers)] if workers else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=output, stderr=output, start_new_session=True
        )
        while process.poll() is None:
            try:
                resident = _RESIDENT.findall(Path(f"/proc/{process.pid}/status").read_text())
            except OSError:
                resident = []
            if resident:
                samples.append((_read(archive) - before, int(resident[0]) // 1000))
            time.sleep(1 / _SAMPLES_PER_SECOND)
    return process.returncode, samples


def _read(archive: Path) -> int:
    try:
        with sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT count(*) FROM _extractions").fetchone()[0])
    except sqlite3.Error:
        return 0


def _note(passed: Passed, archive: Path, files: dict[str, str], truths: dict[str, object]) -> None:
    """Count what became of the batch's documents: ``files`` are their names by hash."""
    from archive.packing import unpack
    from benchmarks.corpus.scoring import score
    from benchmarks.corpus.truth import Truth
    from parsers.extract import Refusal

    with sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True) as connection:
        reports = dict(connection.execute("SELECT sha256, report FROM _extractions").fetchall())
        refusals = {
            one: (why, what) for one, why, what in connection.execute("SELECT sha256, reason, detail FROM refusals")
        }
    outcomes = Counter(passed.outcomes)
    for digest, name in files.items():
        packed = reports.get(digest)
        if packed is not None:
            outcomes["report"] += 1
        elif digest in refusals:
            outcomes[refusals[digest][0]] += 1
        else:
            passed.unanswered += 1
        truth = truths.get(digest)
        if not isinstance(truth, Truth):
            continue
        outcome = unpack(packed) if packed is not None else Refusal(*refusals.get(digest, ("unanswered", "")))
        scored = score(outcome, truth)
        passed.sound += 1
        passed.sound_cells += scored.cells
        passed.wrong += scored.wrong
        passed.null += scored.null - scored.lossy_null
        passed.details += [f"{name}: {line}" for line in scored.details if line.startswith("WRONG")][:3]
    passed.outcomes = dict(outcomes)


def run_batch(passed: Passed, folder: Path, count: int, workers: int | None) -> None:
    """Make, import and count one batch."""
    files_folder, archive = folder / "batch", folder / "archive.db"
    shutil.rmtree(files_folder, ignore_errors=True)
    files_folder.mkdir(parents=True)
    truths = write_batch(passed.seed, passed.documents, count, files_folder)
    files = {sha256(path.read_bytes()).hexdigest(): path.name for path in sorted(files_folder.iterdir())}
    log = folder / "import.log"
    start = log.stat().st_size if log.exists() else 0
    began = time.perf_counter()
    status, samples = _import(files_folder, archive, workers, log)
    passed.seconds += time.perf_counter() - began
    said = log.read_bytes()[start:].decode("utf-8", "replace")
    # 1 is the status of a command that refused documents, as it must here.
    if status not in (0, 1) or "Traceback" in said:
        passed.crashes.append(f"batch {passed.batches}: exit status {status}: {said[-300:]}")
    early = [size for read, size in samples if read <= count // 4]
    # A short batch may be over before anybody looks again.
    late = [size for read, size in samples if read > count // 4] or [size for _, size in samples[-1:]]
    passed.memory.append((max(early, default=0), max(late, default=0)))
    _note(passed, archive, files, truths)
    passed.batches += 1
    passed.documents += count


def load(folder: Path, seed: int) -> Passed:
    """Where a soak in ``folder`` stands; a new one if there is none of this seed."""
    path = folder / _STATE
    if not path.exists():
        return Passed(seed)
    data = json.loads(path.read_text("utf-8"))
    if data["seed"] != seed:
        raise click.ClickException(f"{path} belongs to seed {data['seed']}; remove the folder or give that seed")
    data["memory"] = [tuple(pair) for pair in data["memory"]]
    return Passed(**data)


def save(passed: Passed, folder: Path) -> None:
    """Keep where a soak stands."""
    path = folder / _STATE
    path.with_suffix(".new").write_text(json.dumps(asdict(passed), ensure_ascii=False), "utf-8")
    path.with_suffix(".new").replace(path)


def lines(passed: Passed) -> Iterator[str]:
    """What there is to say of a soak."""
    yield f"documents {passed.documents:,} in {passed.batches} batches, {passed.seconds:,.0f} s"
    yield f"crashes of the command {len(passed.crashes)}, documents without an answer {passed.unanswered}"
    yield (
        f"sound documents {passed.sound:,} with {passed.sound_cells:,} cells: "
        f"{passed.wrong} wrong, {passed.null} absent"
    )
    if passed.memory:
        early, late = max(one for one, _ in passed.memory), max(other for _, other in passed.memory)
        first, last = passed.memory[0][1], passed.memory[-1][1]
        yield f"memory of the command: {early} MB in the first quarter of batches, {late} MB after it"
        yield f"memory of the first batch {first} MB, of the last {last} MB ({last / max(1, first):.2f})"
    for reason, count in Counter(passed.outcomes).most_common():
        yield f"  {reason:<20} {count:>8,}"
    yield from passed.crashes
    yield from passed.details[:20]


@click.command()
@click.option("--documents", type=click.IntRange(min=1), default=100_000, show_default=True, help="In all.")
@click.option("--batch", type=click.IntRange(min=20), default=5000, show_default=True, help="Documents of one command.")
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Reading processes; one a processor if not given.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True)
def main(documents: int, batch: int, seed: int, workers: int | None, folder: Path) -> None:
    """Import damaged documents until DOCUMENTS have passed; exit status 1 if anything that must hold did not."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    passed = load(folder, seed)
    while passed.documents < documents:
        run_batch(passed, folder, min(batch, documents - passed.documents), workers)
        save(passed, folder)
        rate = passed.documents / max(1.0, passed.seconds)
        click.echo(
            f"{passed.documents:,} documents, {rate:.1f} a second, {len(passed.crashes)} crashes, "
            f"{passed.wrong} wrong, "
            f"memory {passed.memory[-1]} MB"
        )
    for line in lines(passed):
        click.echo(line)
    if passed.crashes or passed.wrong or passed.unanswered:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
