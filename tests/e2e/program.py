"""Runs the command line as its users do: in a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archive import packing
from archive.compare import public_dump
from archive.store import Archive

ROOT = Path(__file__).parents[2]
SECONDS = 120
Dump = dict[str, list[tuple[Any, ...]]]


def start(
    folder: Path, *arguments: str | Path, proxy: str | None = None, before: Path | None = None
) -> subprocess.Popen[str]:
    """Start ``nianbao`` with ``arguments`` in ``folder``, as the leader of a process group of its own.

    Python looks for modules in the folder ``before`` first.
    """
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in (before, ROOT) if path)
    if proxy:
        environment |= {"http_proxy": proxy, "https_proxy": proxy}
    return subprocess.Popen(
        [sys.executable, "-m", "nianbao", *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
    """Wait for a started command. A traceback on stderr fails the test, whatever the exit status."""
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    assert "Traceback" not in errors, errors
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def run(
    folder: Path, *arguments: str | Path, proxy: str | None = None, before: Path | None = None, status: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, which must be with exit ``status``."""
    done = finish(start(folder, *arguments, proxy=proxy, before=before))
    assert done.returncode == status, f"exit status {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}"
    return done


def kill(process: subprocess.Popen[str]) -> None:
    """End the command itself with SIGKILL; its helpers must notice on their own."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS)


def members(group: int) -> list[str]:
    """Names of the processes alive in a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = stat.read_text().rpartition(") ")
        except OSError:
            continue
        state, _parent, own_group = fields.split()[:3]
        if int(own_group) == group and state != "Z":
            found.append(name)
    return found


def wait_until_gone(group: int, seconds: float = 30) -> None:
    """Wait for all processes of a group to end; AssertionError if they do not."""
    deadline = time.monotonic() + seconds
    while alive := members(group):
        assert time.monotonic() < deadline, f"still running: {alive}"
        time.sleep(0.05)


def dump(folder: Path) -> Dump:
    """The public content of the archive in ``folder``."""
    with Archive.read_only(folder / "archive.db") as archive:
        return public_dump(archive)


def query(folder: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Rows that ``sql`` gives on the archive in ``folder``."""
    connection = sqlite3.connect(f"{(folder / 'archive.db').as_uri()}?mode=ro", uri=True)
    packing.register(connection)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def one_line(errors: str) -> str:
    """The one line that ``errors`` must be, without the word that begins it."""
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    return lines[0].removeprefix("Error: ")


def differences(before: Dump, after: Dump, tables: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Rows that only one of two dumps has, by table; of all tables unless some are named."""
    return {
        table: rows
        for table in tables or before
        if (rows := sorted(set(before[table]) ^ set(after[table]), key=repr)) or len(before[table]) != len(after[table])
    }
