"""What a target of fuzzing is, and how an input is put through it."""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "fuzzing" / "corpus"
"""What is kept of each target's inputs: those that together reach all code that was reached."""
FINDINGS = ROOT / "fuzzing" / "findings"
"""Inputs that once broke something, by target; their names say what."""
SLOW_SECONDS = 5.0
"""Processor time above which one input is a finding, coverage being recorded; inputs are small."""

Mutate = Callable[[bytes, int, random.Random], bytes | None]


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of foreign input.

    ``check`` does with an input what the program does and raises for whatever must not be: an error
    that is none of those documented, or an outcome that breaks a promise. ``seeds`` yields sound inputs to
    begin with. ``mutate`` changes an input by its grammar; it gets the input, the longest size and a source
    of chance, and returns None where it has nothing to change.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    mutate: Mutate
    longest: int = 24_000


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that broke something: a short name for the kind of fault, and the traceback or time."""

    kind: str
    detail: str
    data: bytes


def run(target: Target, data: bytes, slow: float = SLOW_SECONDS) -> Finding | None:
    """Put ``data`` through ``target``; what it breaks, if anything."""
    began = time.process_time()
    try:
        target.check(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    # What native code raises when it gives up is no Exception.
    except BaseException as error:
        return Finding(_kind(error), "".join(traceback.format_exception(error))[-6000:], data)
    spent = time.process_time() - began
    return Finding("slow", f"{spent:.1f} s of processor time", data) if spent > slow else None


def _kind(error: BaseException) -> str:
    """A name for the fault: the error and the place of our own code where it came up."""
    while isinstance(error, AssertionError) and error.__cause__ is not None:
        error = error.__cause__
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    own = [frame for frame in frames if "/fuzzing/" not in frame.filename] or frames
    if isinstance(error, AssertionError):
        own = [frame for frame in frames if frame.name != "promise"] or frames
    place = f"{Path(own[-1].filename).stem}-{own[-1].name}-{own[-1].lineno}" if own else "elsewhere"
    return f"{type(error).__name__}-{place}".replace("<", "").replace(">", "")


def _is_own(file: str) -> bool:
    path = Path(file)
    return ROOT in path.parents and ".venv" not in path.parts


def digest(data: bytes) -> str:
    """The name of the file that keeps ``data``."""
    return hashlib.sha256(data).hexdigest()[:16]


def kept(folder: Path, name: str) -> list[Path]:
    """The files of the target ``name`` in ``folder``, in a fixed order."""
    return sorted(path for path in (folder / name).glob("*") if path.is_file() and not path.name.endswith(".txt"))
