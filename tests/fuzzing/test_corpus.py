"""The kept inputs of every target, and all that once were findings, without atheris."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzzing.target import CORPUS, FINDINGS, SLOW_SECONDS, kept, run
from fuzzing.targets import all_targets

_TARGETS = sorted(all_targets())
# Kept inputs are chosen among those that fuzzing made slow to read, on a machine that may be busy.
_SLOW = 2 * SLOW_SECONDS
_MEMORY = 2_000_000_000


@pytest.fixture(autouse=True)
def limited_memory() -> Iterator[None]:
    """Some of what was found used up all memory there is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize("name", _TARGETS)
def test_every_target_has_a_corpus(name: str) -> None:
    assert len(kept(CORPUS, name)) >= 20


@pytest.mark.parametrize("name", _TARGETS)
def test_nothing_that_is_kept_breaks_a_promise(name: str) -> None:
    target = all_targets()[name]
    broken = [
        (path.name, found.detail) for path in kept(CORPUS, name) if (found := run(target, path.read_bytes(), _SLOW))
    ]
    assert not broken


@pytest.mark.parametrize(
    ("name", "file"),
    [(name, path) for name in _TARGETS for path in kept(FINDINGS, name)],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_was_found_once_is_mended(name: str, file: Path) -> None:
    found = run(all_targets()[name], file.read_bytes(), _SLOW)
    assert found is None, found.detail
