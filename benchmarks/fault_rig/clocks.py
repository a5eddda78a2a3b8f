"""The clock is set back: before a command, by minutes or by days, or while it is at work."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Done, Stage, Workload, finish, query
from tests.e2e.program import ROOT

# What every process of the command begins with: a clock that is behind, or is set back once a file appears.
_SHIFTED = """
import datetime, os, threading, time
import time_machine

def back(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    time_machine.travel(now - datetime.timedelta(seconds=seconds), tick=True).start()

def watch(mark, seconds):
    while not os.path.exists(mark):
        time.sleep(0.02)
    back(seconds)

mark, seconds = os.environ.get("FAULTS_CLOCK_MARK"), float(os.environ["FAULTS_CLOCK_BACK"])
if mark is None:
    back(seconds)
else:
    threading.Thread(target=watch, args=(mark, seconds), daemon=True).start()
"""
_DAY = 86400
_STEPS = {"5 minutes": 300, "2 days": 2 * _DAY}
_HALF = 0.5


def cases(stage: Stage, folder: Path, _seed: int, _moments: int) -> Iterator[Case]:
    """Each command with a clock that is behind, and with one that is set back half-way."""
    if importlib.util.find_spec("time_machine") is None:
        click.echo("clock: left out, time-machine is not installed (pip install 'nianbao[bench]')")
        return
    before = stage.top / "clock"
    before.mkdir(exist_ok=True)
    (before / "sitecustomize.py").write_text(_SHIFTED, "utf-8")
    for workload in WORKLOADS:
        for step, seconds in _STEPS.items():
            if stage.is_due(workload):
                yield _behind(stage, folder, workload, step, {"FAULTS_CLOCK_BACK": str(seconds)})
        if stage.is_due(workload):
            yield _set_back(stage, folder, workload, before / "mark")


def _behind(stage: Stage, folder: Path, workload: Workload, step: str, environment: dict[str, str]) -> Case:
    stage.fresh(workload, folder)
    case = Case(f"clock {step} back", workload.command, workload.name)
    case.take("meanwhile", _run(stage, folder, workload, environment))
    return _rightly(stage, folder, workload, case)


def _set_back(stage: Stage, folder: Path, workload: Workload, mark: Path) -> Case:
    stage.fresh(workload, folder)
    case = Case("clock set back meanwhile", workload.command, f"{workload.name}, by a day")
    mark.unlink(missing_ok=True)
    soon = threading.Timer(stage.undisturbed(workload).seconds * _HALF, mark.touch)
    soon.start()
    environment = {"FAULTS_CLOCK_BACK": str(_DAY), "FAULTS_CLOCK_MARK": str(mark)}
    case.take("meanwhile", _run(stage, folder, workload, environment))
    soon.cancel()
    return _rightly(stage, folder, workload, case)


def _run(stage: Stage, folder: Path, workload: Workload, environment: dict[str, str]) -> Done:
    path = os.pathsep.join((str(stage.top / "clock"), str(ROOT)))
    return finish(stage.start_apart(folder, *workload.arguments, environment={**environment, "PYTHONPATH": path}))


def _rightly(stage: Stage, folder: Path, workload: Workload, case: Case) -> Case:
    """Run with the right clock and compare; no capture may be dated before one that came earlier."""
    case.completed = case.take("next run", stage.run(folder, *workload.arguments))
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    # Of two pages fetched at the same time, either may be noted first.
    moments = query(folder / "archive.db", "SELECT url, fetched_at FROM captures ORDER BY url, id")
    if moments != sorted(moments):
        case.losses.append("captures are dated before earlier ones")
    starts = [row[0] for row in query(folder / "archive.db", "SELECT started_at FROM runs ORDER BY rowid")]
    if starts != sorted(starts):
        case.losses.append("runs are dated before earlier ones")
    return case
