"""What cannot be written, cannot be read, or is not there: captures, the database, the whole disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.fault_rig import mounts
from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Stage


@contextmanager
def _away(path: Path) -> Iterator[None]:
    aside = path.with_name(f"{path.name} aside")
    path.rename(aside)
    try:
        yield
    finally:
        assert not path.exists(), f"{path} was made anew"
        aside.rename(path)


@contextmanager
def _in_the_way(path: Path) -> Iterator[None]:
    """A folder where a file ought to be: reading it fails as reading from a broken disk does."""
    aside = path.with_name(f"{path.name} aside")
    path.rename(aside)
    path.mkdir()
    try:
        yield
    finally:
        path.rmdir()
        aside.rename(path)


def _first_warc(folder: Path) -> Path:
    return min((folder / "captures").glob("*.warc.gz"))


HINDRANCES: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "captures read-only": lambda folder: mounts.read_only(folder / "captures"),
    "archive.db read-only": lambda folder: mounts.read_only(folder / "archive.db"),
    "disk read-only": mounts.read_only,
    "captures missing": lambda folder: _away(folder / "captures"),
    "WARC file missing": lambda folder: _away(_first_warc(folder)),
    "WARC unreadable": lambda folder: _in_the_way(_first_warc(folder)),
}


def cases(stage: Stage, folder: Path, seed: int, _moments: int) -> Iterator[Case]:
    """Each command under each hindrance, and once more without."""
    for fault, hindrance in HINDRANCES.items():
        for workload in WORKLOADS:
            if not stage.is_due(workload):
                continue
            stage.fresh(workload, folder)
            case = Case(fault, workload.command, f"{workload.name} {seed}")
            try:
                with hindrance(folder):
                    case.take("meanwhile", stage.run(folder, *workload.arguments))
            except AssertionError as error:
                case.losses.append(str(error))
                yield case
                continue
            case.completed = case.take("next run", stage.run(folder, *workload.arguments))
            judge(case, folder, stage.before(workload), stage.undisturbed(workload))
            yield case
