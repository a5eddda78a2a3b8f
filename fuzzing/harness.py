"""Drives one target with atheris until its time is over; ``fuzzing/__main__.py`` starts it in a process of its own.

An exception does not end the process: it is written to the folder of findings, one of each kind, and fuzzing goes
on. What ends it all the same, a fault in native code, a hang or too much memory, libFuzzer writes there itself.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

from fuzzing.target import Finding, Target, digest, run

_STRUCTURED = 0.6
"""How often an input is changed by its grammar, not byte by byte."""


def main(name: str, findings: Path, arguments: list[str]) -> None:
    """Fuzz the target ``name``; ``arguments`` are libFuzzer's own."""
    # What is imported in here is rewritten to record its coverage, so it must come after the packages are named.
    modules = _modules(name)
    with atheris.instrument_imports(include=list(modules), enable_loader_override=False):
        from fuzzing.targets import all_targets

        target = all_targets()[name]
    findings.mkdir(parents=True, exist_ok=True)
    known = {path.name.rpartition(".")[0] for path in findings.glob("*.txt")}

    def check(data: bytes) -> None:
        found = run(target, data)
        if found is not None and found.kind not in known:
            known.add(found.kind)
            _write(findings, found)

    atheris.Setup(
        [sys.argv[0], *arguments],
        check,
        custom_mutator=lambda data, longest, seed: _mutated(target, data, longest, seed),
    )
    atheris.Fuzz()


def _modules(name: str) -> tuple[str, ...]:
    """The packages whose coverage guides a target, known before any of them is imported."""
    return {
        "markup": ("parsers", "checks", "email"),
        "office": ("parsers", "checks"),
        "pdf": ("parsers", "checks", "pdfplumber"),
        "packages": ("parsers", "archive", "zipfile", "warcio"),
        "portals": ("crawler", "parsers"),
        "search": ("archive", "publish"),
    }[name]


def _mutated(target: Target, data: bytes, longest: int, seed: int) -> bytes:
    chance = random.Random(seed)
    if chance.random() < _STRUCTURED:
        try:
            changed = target.mutate(data, longest, chance)
        except RecursionError:
            changed = None
        if changed is not None:
            return changed
    return bytes(atheris.Mutate(data, longest))


def _write(folder: Path, found: Finding) -> None:
    (folder / f"{found.kind}.bin").write_bytes(found.data)
    (folder / f"{found.kind}.txt").write_text(f"{digest(found.data)}\n{found.detail}\n", "utf-8", errors="replace")
    print(f"FINDING {found.kind}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
