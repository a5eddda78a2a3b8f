"""Drives one target with atheris until its time is over; ``fuzzing/__main__.py`` starts it in a process of its own.

An exception does not end the process: it is written to the folder of findings, one of each kind, and fuzzing goes
on. What ends it all the same is a fault in native code, a hang, or too much memory; the input that was being read is
then found in the file ``current``.
"""

from __future__ import annotations

import itertools
import mmap
import random
import shlex
import signal
import sys
from pathlib import Path

import atheris

from fuzzing import hangs
from fuzzing.target import Finding, Target, digest, run

_STRUCTURED = 0.6
"""How often an input is changed by its grammar, not byte by byte."""
_SIZE = 4
_PACKAGES = {
    "markup": ("parsers", "checks", "email"),
    "office": ("parsers", "checks"),
    "packages": ("parsers", "archive", "zipfile", "warcio"),
    "pdf": ("parsers", "checks", "pdfplumber"),
    "portals": ("crawler", "parsers.normalise"),
    "search": ("archive.search", "publish"),
}
"""The packages whose coverage guides a target; named here, as none of them may be imported before."""


def main(name: str, findings: Path, arguments: list[str]) -> None:
    """Fuzz the target ``name``; ``arguments`` are libFuzzer's own."""
    # What is imported in here is rewritten to record its coverage, so it must come after the packages are named.
    with atheris.instrument_imports(include=list(_PACKAGES[name]), enable_loader_override=False):
        from fuzzing.targets import all_targets

        target = all_targets()[name]
        # Some modules are imported only when they are needed.
        for data in itertools.islice(target.seeds(), 5):
            run(target, data)
    findings.mkdir(parents=True, exist_ok=True)
    current = _Current(findings.parent / "current", target.longest * 2)
    hangs.prepare()
    known = {path.name.rpartition(".")[0] for path in findings.glob("*.txt")}

    def check(data: bytes) -> None:
        current.write(data)
        with hangs.bounded():
            found = run(target, data)
        if found is not None and found.kind not in known:
            known.add(found.kind)
            _write(findings, found)

    # To merge, libFuzzer starts itself again by what it takes for its name.
    command = shlex.join([sys.executable, "-m", "fuzzing.harness", name, str(findings)])
    atheris.Setup(
        [command, *arguments],
        check,
        custom_mutator=lambda data, longest, seed: _mutated(target, data, longest, seed),
    )
    # Both libFuzzer and atheris set alarms, whose handlers get lost in long runs; the clock above does without.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    atheris.Fuzz()


class _Current:
    """The input being read, in a file that outlives the process, whatever ends it."""

    def __init__(self, path: Path, longest: int) -> None:
        path.write_bytes(bytes(longest + _SIZE))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), longest + _SIZE)

    def write(self, data: bytes) -> None:
        """Keep ``data`` until the next input."""
        self._memory[:_SIZE] = len(data).to_bytes(_SIZE, "big")
        self._memory[_SIZE : _SIZE + len(data)] = data


def _mutated(target: Target, data: bytes, longest: int, seed: int) -> bytes:
    chance = random.Random(seed)
    if chance.random() < _STRUCTURED:
        try:
            changed = target.mutate(data, longest, chance)
        except Exception as error:
            # atheris would wait for ever.
            print(f"MUTATION {type(error).__name__}: {error}", file=sys.stderr, flush=True)
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
