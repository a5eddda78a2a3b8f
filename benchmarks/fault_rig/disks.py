"""The disk fills up while a command runs, its temporary files included; later there is room again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fault_rig import mounts
from benchmarks.fault_rig.verdict import Case, judge, kept
from benchmarks.fault_rig.workloads import WORKLOADS, Stage, Workload, content, finish

_PLENTY = 512 * 1024 * 1024
_LOOK_SECONDS = 0.02
_SIZES = 5


def cases(stage: Stage, folder: Path, seed: int, _moments: int) -> Iterator[Case]:
    """Each command on disks with from no room at all to almost enough."""
    for workload in WORKLOADS:
        if not stage.is_due(workload):
            continue
        before, peak = _need(stage, folder, workload)
        rng = random.Random(f"{seed}/{workload.name}")
        shares = [0.0, *((number + rng.random()) / _SIZES for number in range(_SIZES))]
        for share in shares:
            size = before + round((peak - before) * share)
            with mounts.disk(folder, _PLENTY):
                stage.fresh(workload, folder)
                yield _filled(stage, folder, workload, size, f"{workload.name} {share:.0%} of {peak - before} bytes")


def _need(stage: Stage, folder: Path, workload: Workload) -> tuple[int, int]:
    """Bytes taken before a command runs, and at most while it does."""
    with mounts.disk(folder, _PLENTY):
        stage.fresh(workload, folder)
        before = peak = mounts.used(folder)
        process = stage.popen(folder, *workload.arguments, environment=_temporary(folder))
        while process.poll() is None:
            peak = max(peak, mounts.used(folder))
            time.sleep(_LOOK_SECONDS)
        assert finish(process).status == 0
    return before, peak


def _temporary(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return {"TMPDIR": str(folder / "tmp")}


def _filled(stage: Stage, folder: Path, workload: Workload, size: int, seed: str) -> Case:
    case = Case("disk full", workload.command, seed)
    environment = _temporary(folder)
    mounts.resize(folder, size)
    statuses = (0,) if size > 0 else ()
    case.take("on a small disk", stage.run(folder, *workload.arguments, environment=environment), statuses)
    mounts.resize(folder, _PLENTY)
    case.losses += [f"at once: {loss}" for loss in kept(folder, stage.before(workload), content(folder))]
    case.completed = case.take("with room", stage.run(folder, *workload.arguments, environment=environment))
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    return case
