"""The clock is set back: before a command, by minutes or by days, or while it is at work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Stage, Workload, finish, query

_LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
_STEPS = {"5 minutes": "-300", "2 days": "-172800"}
_HALF = 0.5


def cases(stage: Stage, folder: Path, _seed: int, _moments: int) -> Iterator[Case]:
    """Each command with a clock that is behind, and with one that is set back half-way."""
    library = next((path for path in _LIBRARIES if Path(path).exists()), None)
    if library is None:
        print("clock: left out, libfaketime is not installed")
        return
    for workload in WORKLOADS:
        for step, seconds in _STEPS.items():
            if stage.is_due(workload):
                yield _behind(stage, folder, workload, step, {"LD_PRELOAD": library, "FAKETIME": f"{seconds}s"})
        if stage.is_due(workload):
            yield _set_back(stage, folder, workload, library)


def _behind(stage: Stage, folder: Path, workload: Workload, step: str, environment: dict[str, str]) -> Case:
    stage.fresh(workload, folder)
    case = Case(f"clock {step} back", workload.command, workload.name)
    environment["DONT_FAKE_MONOTONIC"] = "1"
    case.take("meanwhile", finish(stage.start_apart(folder, *workload.arguments, environment=environment)))
    return _rightly(stage, folder, workload, case)


def _set_back(stage: Stage, folder: Path, workload: Workload, library: str) -> Case:
    stage.fresh(workload, folder)
    case = Case("clock set back meanwhile", workload.command, f"{workload.name}, by a day")
    offset = folder.with_name("clock")
    offset.write_text("+0s\n", "ascii")
    environment = {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    running = stage.start_apart(folder, *workload.arguments, environment=environment)
    time.sleep(stage.undisturbed(workload).done.seconds * _HALF)
    aside = offset.with_suffix(".new")
    aside.write_text("-86400s\n", "ascii")
    aside.replace(offset)
    case.take("meanwhile", finish(running))
    return _rightly(stage, folder, workload, case)


def _rightly(stage: Stage, folder: Path, workload: Workload, case: Case) -> Case:
    """Run with the right clock and compare; no capture may be dated before one that came earlier."""
    case.completed = case.take("next run", stage.run(folder, *workload.arguments))
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    moments = [row[0] for row in query(folder / "archive.db", "SELECT fetched_at FROM captures ORDER BY id")]
    if moments != sorted(moments):
        case.losses.append("captures are dated before earlier ones")
    starts = [row[0] for row in query(folder / "archive.db", "SELECT started_at FROM runs ORDER BY rowid")]
    if starts != sorted(starts):
        case.losses.append("runs are dated before earlier ones")
    return case
