"""The network goes away: in the midst of a crawl, and altogether for commands that need none."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Stage, Workload, finish

_CUTS = 4
_WAIT_SECONDS = 900
_SHORTFALLS = (0, 1)


def cases(stage: Stage, folder: Path, seed: int, _moments: int) -> Iterator[Case]:
    """A crawl's portals stop answering after a seeded number of requests; the others run without any network."""
    for workload in WORKLOADS:
        if workload.command == "crawl":
            asked = _requests(stage, folder, workload)
            for number in range(_CUTS):
                if stage.is_due(workload):
                    share = (number + random.Random(f"{seed}/{workload.name}/{number}").random()) / _CUTS
                    yield _cut(stage, folder, workload, int(asked * share))
        elif stage.is_due(workload):
            yield _without(stage, folder, workload)


def _requests(stage: Stage, folder: Path, workload: Workload) -> int:
    stage.fresh(workload, folder)
    before = len(stage.server.log)
    stage.run(folder, *workload.arguments)
    return len(stage.server.log) - before


def _cut(stage: Stage, folder: Path, workload: Workload, after: int) -> Case:
    stage.fresh(workload, folder)
    case = Case("network cut", workload.command, f"{workload.name} after {after} requests")
    seen = len(stage.server.log)
    running = stage.popen(folder, *workload.arguments)
    deadline = time.monotonic() + _WAIT_SECONDS
    while running.poll() is None and len(stage.server.log) - seen < after:
        assert time.monotonic() < deadline, "the crawl never asked"
        time.sleep(0.002)
    stage.stop_serving()
    done = finish(running)
    # A portal that fell short is named with its reason code in the summary.
    if case.take("meanwhile", done, _SHORTFALLS) and done.status and "partial:" not in done.output + done.errors:
        if "failed:" in done.output:
            case.explained += 1
        else:
            case.unexplained.append(f"no reason code: {done.output[-300:]!r}")
    stage.serve_again(workload.phase)
    case.completed = case.take("next run", stage.run(folder, *workload.arguments))
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    return case


def _without(stage: Stage, folder: Path, workload: Workload) -> Case:
    stage.fresh(workload, folder)
    case = Case("no network", workload.command, workload.name)
    done = finish(stage.start_apart(folder, *workload.arguments, prefix=("unshare", "--net")))
    case.completed = case.take("without", done)
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    return case
