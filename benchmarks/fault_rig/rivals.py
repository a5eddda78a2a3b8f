"""Two commands at once: every pair of those that write, and readers while one writes."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from archive.lock import holder
from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Stage, Workload, finish

_REPAIR = Workload("repair", "verify", ("verify", "--repair"), "altered", 2, reads=False)
_WAIT_SECONDS = 900
_PAGES = ("/", "/archive/reports", "/archive/search?q=%E4%BF%A1%E8%AE%BF")


def cases(stage: Stage, folder: Path, _seed: int, _moments: int) -> Iterator[Case]:
    """Each ordered pair, the second begun while the first is at work."""
    first = [workload for workload in WORKLOADS if workload.name != "crawl"]
    for one in first:
        for other in (*first, _REPAIR):
            if stage.is_due(one):
                yield _pair(stage, folder, one, other)
    for workload in WORKLOADS:
        if stage.is_due(workload):
            yield _served(stage, folder, workload)


def _pair(stage: Stage, folder: Path, one: Workload, other: Workload) -> Case:
    stage.fresh(one, folder)
    case = Case("two at once", one.command, f"{one.name} with {other.name}")
    running = stage.start_apart(folder, *one.arguments)
    _wait_until_at_work(running, folder, one)
    case.take("the second", finish(stage.start_apart(folder, *other.arguments)))
    case.completed = case.take("the first", finish(running))
    # Alone, the second completes.
    case.take("the second again", stage.run(folder, *other.arguments))
    alone = other.name in (one.name, "repair") or other.command in ("parse", "check")
    judge(case, folder, stage.before(one), stage.undisturbed(one) if alone and one.command != "publish" else None)
    return case


def _wait_until_at_work(running: subprocess.Popen[str], folder: Path, workload: Workload) -> None:
    lock = folder / ("site/.lock" if workload.command == "publish" else "archive.db.lock")
    deadline = time.monotonic() + _WAIT_SECONDS
    while running.poll() is None and holder(lock) is None:
        assert time.monotonic() < deadline, f"{workload.name} never began"
        time.sleep(0.005)


def _served(stage: Stage, folder: Path, workload: Workload) -> Case:
    """The site is read, and the archive's state asked for, while a command writes."""
    stage.fresh(workload, folder)
    case = Case("read meanwhile", workload.command, workload.name)
    port = _free_port()
    site = stage.start_apart(folder, "serve", "--port", str(port))
    try:
        _wait_for_site(port)
        running = stage.start_apart(folder, *workload.arguments)
        while running.poll() is None:
            case.unexplained += [f"{page}: {told}" for page in _PAGES if (told := _ask(port, page)) != "200"]
        case.completed = case.take("the command", finish(running))
        case.take("status", finish(stage.start_apart(folder, "status")), (0, 1))
    finally:
        site.terminate()
        site.communicate()
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    return case


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for_site(port: int) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while _ask(port, "/") != "200":
        assert time.monotonic() < deadline, "the site does not begin"
        time.sleep(0.2)


def _ask(port: int, page: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=60) as answer:
            answer.read()
            return str(answer.status)
    except (urllib.error.URLError, OSError) as error:
        return str(error)
