"""SIGKILL at seeded moments: the command itself, its whole process group, or one of its reading processes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import COMMANDS, WORKLOADS, Stage, Workload, finish
from benchmarks.fault_rig.zygote import Forked
from tests.e2e import program

SOONER = 0.8
_MARGIN = 0.03


def cases(stage: Stage, folder: Path, seed: int, moments: int) -> Iterator[Case]:
    """``moments`` kills for each command, spread over the command's whole time."""
    for number in range(moments):
        for command in COMMANDS:
            workloads = [workload for workload in WORKLOADS if workload.command == command]
            workload = workloads[number % len(workloads)]
            ways = ("command", "group", "worker") if workload.reads else ("command", "group")
            way = ways[number // len(workloads) % len(ways)]
            # Of equal parts of the command's time, each is met in turn.
            share = (number + random.Random(f"{seed}/{command}/{number}").random()) / moments
            if stage.is_due(workload):
                yield killed(stage, folder, workload, way, share, f"{seed}/{number}")


def killed(stage: Stage, folder: Path, workload: Workload, way: str, share: float, seed: str) -> Case:
    """Kill ``workload`` after ``share`` of its time, run it again and compare."""
    whole = stage.undisturbed(workload)
    case = Case(f"kill {way}", workload.command, f"{workload.name} {seed} at {share:.0%}")
    seconds = whole.seconds * (_MARGIN + (1 - 2 * _MARGIN) * share)
    while not _kill(stage, folder, workload, way, seconds, case):
        seconds *= SOONER
    again = stage.run(folder, *workload.arguments)
    case.completed = case.take("next run", again)
    judge(case, folder, stage.before(workload), whole)
    return case


def _kill(stage: Stage, folder: Path, workload: Workload, way: str, seconds: float, case: Case) -> bool:
    """Start from afresh and kill; False where it was over before."""
    stage.fresh(workload, folder)
    process = stage.popen(folder, *workload.arguments)
    if way == "worker":
        return _kill_worker(process, seconds, case)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        if way == "group":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        try:
            program.wait_until_gone(process.pid)
        except AssertionError as error:
            case.unexplained.append(str(error))
            os.killpg(process.pid, signal.SIGKILL)
        return True
    finish(process)
    return False


def _kill_worker(process: Forked, seconds: float, case: Case) -> bool:
    """Kill one reading process at the moment, or as soon as there is one; the command must go on."""
    moment = time.monotonic() + seconds
    while process.poll() is None:
        workers = _workers(process.pid) if time.monotonic() >= moment else []
        if workers:
            os.kill(workers[0], signal.SIGKILL)
            case.take("the command itself", finish(process))
            return True
        time.sleep(0.01)
    finish(process)
    return False


def _workers(group: int) -> list[int]:
    """The reading processes of a command: the children of its fork server."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, parent, own_group = _place(stat.read_text())
        except OSError:
            continue
        if own_group == group:
            parents[pid] = parent
    return sorted(pid for pid, parent in parents.items() if parents.get(parent) == group)


def _place(stat: str) -> tuple[int, int, int]:
    """Process, parent and group of a line of /proc/PID/stat."""
    before, _, fields = stat.rpartition(") ")
    _state, parent, group = fields.split()[:3]
    return int(before.split(" ", 1)[0]), int(parent), int(group)
