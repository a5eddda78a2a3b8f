"""The commands on which faults are tried: small archives to begin with, and what an undisturbed run makes of them."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.compare import public_dump
from archive.notes import path_for
from archive.store import Archive
from benchmarks.fault_rig.zygote import Forked, Zygote
from publish.publication import current
from sample.server import SampleServer
from tests.e2e.files import write_reports
from tests.e2e.program import ROOT, Dump

SECONDS = 1800
_LAST_WORDS_SECONDS = 10
_VISITS = 1000
_NOTES = 6
_FILES = 15
_CRAWL = ("crawl", "qingyan", "--portals", "portals.toml", "--timeout", "300")


@dataclass(frozen=True, slots=True)
class Workload:
    """A command on a small archive.

    ``start`` names the archive that it begins with: ``imported`` (a few files), ``crawled`` (one
    crawl) or ``altered`` (crawled again after the portals changed something). ``phase`` is the state in
    which the portals are meanwhile. ``reads`` where documents are read in a pool of processes.
    """

    name: str
    command: str
    arguments: tuple[str, ...]
    start: str
    phase: int
    reads: bool


WORKLOADS = (
    Workload("crawl", "crawl", _CRAWL, "imported", 1, reads=True),
    Workload("crawl again", "crawl", _CRAWL, "crawled", 2, reads=False),
    Workload("import", "import", ("import", "files", "--timeout", "300"), "altered", 2, reads=True),
    Workload("parse", "parse", ("parse", "--timeout", "300"), "altered", 2, reads=True),
    Workload("check", "check", ("check", "--all"), "altered", 2, reads=False),
    Workload("publish", "publish", ("publish", "site"), "altered", 2, reads=False),
)
COMMANDS = ("crawl", "import", "parse", "check", "publish")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended; ``seconds`` is how long it took."""

    status: int
    output: str
    errors: str
    seconds: float

    @property
    def last_line(self) -> str:
        """What it said last of what went wrong."""
        lines = [line for line in self.errors.splitlines() if line.strip()]
        return lines[-1] if lines else ""


@dataclass(frozen=True, slots=True)
class Content:
    """What must not be lost of an archive.

    ``dump`` are the public rows without their moments, ``site`` those of what is published, if anything is.
    ``captures``, ``versions`` and ``changes`` have their moments; ``notes`` are the editors' notes as
    they stand in the database, ``notes_file`` in their own file.
    """

    dump: Dump
    coverage: list[tuple[Any, ...]]
    captures: list[tuple[Any, ...]]
    versions: list[tuple[Any, ...]]
    changes: list[tuple[Any, ...]]
    notes: list[tuple[Any, ...]]
    notes_file: bytes
    site: Dump | None


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What an undisturbed run of a workload gives, and how many seconds it takes."""

    seconds: float
    content: Content


class Stage:
    """The archives that workloads begin with, and the portals that they crawl.

    What is begun with, and what undisturbed runs gave, stands below ``top`` and is used again if it is there.

    Of all cases but the first ``after`` those of ``commands`` are due, of these one ``part`` of so many.
    """

    def __init__(
        self, top: Path, commands: Sequence[str] = COMMANDS, part: tuple[int, int] = (1, 1), after: int = 0
    ) -> None:
        self.top = top
        self._commands = commands
        self._part = part
        self._after = after
        self._counted = 0
        self.server = SampleServer()
        self.server.visits = itertools.repeat(_VISITS)
        self._known: dict[str, Undisturbed] = {}
        self._before: dict[str, Content] = {}
        self._zygote = Zygote()
        self._port = 0
        self._phase: int | None = None

    def __enter__(self) -> Stage:
        self.server.__enter__()
        return self

    def __exit__(self, *about: Any) -> None:
        self._zygote.close()
        self.server.__exit__(*about)

    def is_due(self, workload: Workload) -> bool:
        """Whether the next case, on ``workload``, is among those that were asked for."""
        self._counted += 1
        number, of = self._part
        in_part = self._counted > self._after and self._counted % of == number % of
        return in_part and workload.command in self._commands

    def stop_serving(self) -> None:
        """Let nothing answer any more where the portals are."""
        self._port = self.server.port
        self.server.__exit__(None, None, None)

    def serve_again(self, phase: int) -> None:
        """Start the portals anew at the same place after they were stopped."""
        self.server = SampleServer(port=self._port)
        self.server.visits = itertools.repeat(_VISITS)
        self.server.__enter__()
        self._phase = None
        self._set_phase(phase)

    def _set_phase(self, phase: int) -> None:
        """Let the portals be as in ``phase``; making their files takes as long as a command."""
        if phase != self._phase:
            self.server.set_phase(phase)
            self._phase = phase

    def start(self, name: str) -> Path:
        """The folder of the archive ``name`` to begin with, made where it is not there yet."""
        folder = self.top / f"start {name}"
        ready = folder.with_suffix(".ready")
        if not ready.exists():
            if folder.exists():
                shutil.rmtree(folder)
            {"imported": self._import, "crawled": self._crawl, "altered": self._alter}[name](folder)
            ready.touch()
        return folder

    def before(self, workload: Workload) -> Content:
        """What the archive holds that ``workload`` begins with."""
        if workload.start not in self._before:
            self._before[workload.start] = content(self.start(workload.start))
        return self._before[workload.start]

    def fresh(self, workload: Workload, folder: Path) -> Path:
        """Put what ``workload`` begins with into ``folder``, whatever was there."""
        source = self.start(workload.start)
        empty(folder)
        shutil.copytree(source, folder, dirs_exist_ok=True, symlinks=True)
        self._set_phase(workload.phase)
        return folder

    def undisturbed(self, workload: Workload) -> Undisturbed:
        """What ``workload`` gives where nobody disturbs it."""
        if workload.name not in self._known:
            folder = self.top / f"whole {workload.name}"
            took = folder.with_suffix(".seconds")
            if not took.exists():
                self.fresh(workload, folder)
                done = self.run(folder, *workload.arguments)
                assert done.status == 0, done.errors
                took.write_text(f"{done.seconds}\n", "ascii")
            self._set_phase(workload.phase)
            self._known[workload.name] = Undisturbed(float(took.read_text("ascii")), content(folder))
        return self._known[workload.name]

    def run(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run ``nianbao`` with ``arguments`` in ``folder`` to its end."""
        return finish(self.popen(folder, *arguments, environment=environment))

    def popen(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Forked:
        """Start ``nianbao`` with ``arguments`` in ``folder``; one at a time."""
        proxy = self.server.proxy_url
        more = {"http_proxy": proxy, "https_proxy": proxy, **(environment or {})}
        return self._zygote.start(folder, arguments, more)

    def start_apart(self, folder: Path, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        """Start ``nianbao`` as a user does, beside whatever else runs."""
        return start(folder, *arguments, proxy=self.server.proxy_url, **how)

    def _import(self, folder: Path) -> None:
        self._fill(folder)
        self._must(folder, "import", "files")
        self._write_notes(folder)
        shutil.rmtree(folder / "files")

    def _crawl(self, folder: Path) -> None:
        self._fill(folder)
        self._set_phase(1)
        self._must(folder, *_CRAWL)
        self._write_notes(folder)

    def _alter(self, folder: Path) -> None:
        shutil.copytree(self.start("crawled"), folder)
        self._set_phase(2)
        self._must(folder, *_CRAWL)
        self._write_notes(folder)
        self._must(folder, "publish", "site")

    def _fill(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.server.portal_file(folder / "portals.toml")
        write_reports(folder / "files", _FILES)

    def _must(self, folder: Path, *arguments: str) -> None:
        done = self.run(folder, *arguments)
        assert done.status == 0, done.errors

    def _write_notes(self, folder: Path) -> None:
        """Let an editor note something of a few findings, and of some that no longer exist."""
        ids = [row[0] for row in query(folder / "archive.db", "SELECT id FROM findings ORDER BY id LIMIT ?", _NOTES)]
        ids += [f"{number:016x}" for number in range(_NOTES - len(ids))]
        lines = [
            f"{one},confirmed,电话核实过，见{number}号记录,2026-03-0{number + 1}" for number, one in enumerate(ids)
        ]
        path_for(folder / "archive.db").write_text("\n".join(["finding_id,state,note,date", *lines]) + "\n", "utf-8")
        self._must(folder, "check")


def start(
    folder: Path,
    *arguments: str,
    proxy: str | None = None,
    prefix: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start ``nianbao`` in ``folder`` as leader of a process group, with ``prefix`` before the command line."""
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    inherited |= {"PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
    inherited |= {"http_proxy": proxy, "https_proxy": proxy} if proxy else {}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "nianbao", *arguments],
        cwd=folder,
        env=inherited | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str] | Forked) -> Done:
    """Wait for a started command; one that never ends is stopped, and its errors say where it stood.

    They also say how long it was at work: one that hangs is told from one that a busy machine let wait.
    """
    began = time.monotonic()
    try:
        output, errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        at_work = _seconds_at_work(process.pid)
        # Python says on this signal where each thread stands.
        process.send_signal(signal.SIGABRT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_WORDS_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        errors = errors.partition("\n\nExtension modules:")[0]
        errors += f"\nstill running after {SECONDS} seconds, {at_work:.0f} of them at work"
    assert process.returncode is not None
    return Done(process.returncode, output, errors, time.monotonic() - began)


def _seconds_at_work(pid: int) -> float:
    """Processor time that a process and the children it waited for have had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def content(folder: Path) -> Content:
    """What must not be lost of the archive in ``folder``."""
    path = folder / "archive.db"
    with Archive.read_only(path) as archive:
        dump = public_dump(archive)
        archive.db.close()
    return Content(
        dump=dump,
        coverage=query(path, "SELECT organ_id, year, state FROM coverage ORDER BY 1, 2"),
        captures=query(path, "SELECT portal_id, url, sha256, http_status, fetched_at FROM captures ORDER BY id"),
        versions=query(path, "SELECT report_id, document_sha256, content_sha256, first_captured_at FROM versions"),
        changes=query(path, "SELECT * FROM changes"),
        notes=query(path, "SELECT * FROM finding_notes ORDER BY 1"),
        notes_file=path_for(path).read_bytes(),
        site=_published(folder / "site"),
    )


def _published(folder: Path) -> Dump | None:
    if not folder.exists():
        return None
    with Archive.read_only(current(folder)) as archive:
        return public_dump(archive)


def query(path: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Rows that ``sql`` gives on the database ``path``, which is not changed."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, parameters).fetchall()


def empty(folder: Path) -> None:
    """Leave ``folder`` there, with nothing in it."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
