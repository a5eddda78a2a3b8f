"""Crawls of simulated portals that are killed at a seeded moment and continued, set against undisturbed ones."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.store import Archive
from sample.portals.server import PortalServer
from tests.e2e import program

SEED = 20260301
SITES = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11o", "S12")
# A busy machine must not make a document one that cannot be read in time.
CRAWL = ("crawl", "--portals", "portals.toml", "--workers", "1", "--timeout", "300")
SECONDS = 300
_VISITS = 1000
_FAST = 1e6
"""The sites' limits on requests are not what is tried here."""
_NEVER_THE_SAME = ("S10", "S12")
_SESSION = re.compile(r"(?:;jsessionid|[?&]sid)=\w+")
# Some pages have a session's number in their links, so that no two answers are the same: captures by address.
_OF_CONTENT = {
    "captures": "DISTINCT portal_id, url, sha256 IS NULL",
    "portals": "id, name, start_url, division_code, cms, status, status_reason",
}
# Killed while documents are read, a crawl is over: the next one finds nothing new, and explores less in vain.
_LAST_RUN = (
    "SELECT portal_id, status, reason, listed, found, changed, vanished FROM portal_runs"
    " WHERE run_id = (SELECT max(id) FROM runs)"
)


@dataclass(frozen=True)
class Undisturbed:
    """A crawl that nobody disturbed: its archive's content, how long it took, and what was sent how often.

    ``first`` and ``last`` are when the portal was first and last asked, in seconds since the start.
    """

    site: str
    dump: dict[str, list[tuple[Any, ...]]]
    seconds: float
    first: float
    last: float
    status: int
    asked: Counter[tuple[str, int]]


@dataclass
class Killed:
    """What became of a crawl killed ``after`` seconds; ``faults`` is empty where all is as it must be.

    ``kept`` are the captures that stood in the archive at that moment, ``again`` the documents
    that had to be fetched once more.
    """

    site: str
    after: float
    kept: int
    captures: int
    again: int
    faults: list[str] = field(default_factory=list)


def undisturbed(site: str, folder: Path) -> Undisturbed:
    """Crawl ``site`` into ``folder`` to the end."""
    with serve(site, folder) as server:
        began = time.monotonic()
        done = program.finish(program.start(folder, *CRAWL, proxy=server.proxy_url), SECONDS)
        seconds = time.monotonic() - began
        assert done.returncode in (0, 1), done.stderr
        first, last = (server.log[index].time - began for index in (0, -1))
        return Undisturbed(site, content(folder), seconds, first, last, done.returncode, _asked(server, site))


def killed(whole: Undisturbed, folder: Path, share: float, *, fetching: bool) -> Killed:
    """Crawl as ``whole`` did, kill the command after ``share`` of its time, let another go on, and compare.

    With ``fetching`` it is the share of the time in which the portal was asked; documents are read after that.
    """
    with serve(whole.site, folder) as server:
        after = whole.first + (whole.last - whole.first) * share if fetching else whole.seconds * share
        while not _kill_after(folder, after, server):
            # The machine has become faster: afresh, and sooner.
            after *= 0.7
            for path in folder.iterdir():
                if path.name != "portals.toml":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            server.log.clear()
        kept = _count(folder)
        done = program.finish(program.start(folder, *CRAWL, proxy=server.proxy_url), SECONDS)
        asked = _asked(server, whole.site)
    size = "0" if whole.site in _NEVER_THE_SAME else "d.bytes"
    query = f"SELECT DISTINCT c.url, {size} FROM captures c JOIN documents d ON d.sha256 = c.sha256"
    documents = Counter({(url, size): whole.asked[url, size] for url, size in program.query(folder, query)})
    more = {place[0]: asked[place] - before for place, before in documents.items() if asked[place] > before}
    found = Killed(whole.site, after, kept, _count(folder), len(more))
    if done.returncode != whole.status:
        found.faults.append(f"exit status {done.returncode}, not {whole.status}: {done.stderr[-300:]}")
    found.faults += [f"fetched {count} times more: {url}" for url, count in more.items() if count > 1]
    dump = content(folder)
    before = whole.dump
    if whole.site in _NEVER_THE_SAME:
        before, dump = _without_hashes(before), _without_hashes(dump)
    for table, rows in program.differences(before, dump).items():
        found.faults.append(f"{table} differs: {str(rows[:2])[:300]}")
    found.faults += list(_damage(folder))
    return found


def moments(count: int) -> list[tuple[str, float, bool]]:
    """``count`` seeded moments over the sites in turn, as shares of an undisturbed crawl's time.

    Two of three lie where pages are fetched (True), the others anywhere.
    """
    rng = random.Random(SEED)
    turns = itertools.islice(itertools.cycle(SITES), count)
    return [(site, rng.uniform(0.05, 0.97), rng.random() < 2 / 3) for site in turns]


def serve(site: str, folder: Path, port: int = 0) -> PortalServer:
    """One site whose pages show the same count of visits each time, with its portal file in ``folder``."""
    server = PortalServer([site], speed=_FAST, port=port)
    server.visits = itertools.repeat(_VISITS)
    portals = server.portal_file(folder / "portals.toml")
    portals.write_text(re.sub(r"(?m)^delay = .*$", "delay = 0", portals.read_text("utf-8")), "utf-8")
    return server


def _kill_after(folder: Path, seconds: float, server: PortalServer) -> bool:
    process = program.start(folder, *CRAWL, proxy=server.proxy_url)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        program.kill(process)
        program.wait_until_gone(process.pid)
        return True
    program.finish(process)
    return False


def _count(folder: Path) -> int:
    if not (folder / "archive.db").exists():
        return 0
    try:
        return int(program.query(folder, "SELECT count(*) FROM captures")[0][0])
    except program.sqlite3.OperationalError:
        # Killed before there were tables.
        return 0


def _asked(server: PortalServer, site: str) -> Counter[tuple[str, int]]:
    """How often each address was answered with a body of each size, 0 where no two bodies are the same.

    A page that asks for a code stands at the address of a document without being one.
    """
    sized = site not in _NEVER_THE_SAME
    return Counter((entry.url, entry.sent if sized else 0) for entry in server.log if entry.status == 200)


def content(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The public tables of the archive in ``folder``, moments and the ids of runs left out."""
    found = program.dump(folder)
    for table, columns in _OF_CONTENT.items():
        found[table] = sorted(program.query(folder, f"SELECT {columns} FROM {table}"), key=repr)
    found["portal_runs"] = program.query(folder, _LAST_RUN)
    return found


def _without_hashes(dump: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """``dump`` without the hashes of documents and the numbers of sessions; hashes of contents stay."""
    hashes = {row[1] for row in dump["versions"]} | {row[0] for row in dump["refusals"]}
    return {
        table: [
            tuple(
                "" if value in hashes else _SESSION.sub("", value) if isinstance(value, str) else value for value in row
            )
            for row in rows
        ]
        for table, rows in dump.items()
    }


def _damage(folder: Path) -> Iterator[str]:
    """What is not sound in the database or the WARC files in ``folder``."""
    if (told := program.query(folder, "PRAGMA integrity_check")) != [("ok",)]:
        yield f"integrity: {told}"
    if told := program.query(folder, "PRAGMA foreign_key_check"):
        yield f"foreign keys: {told[:3]}"
    with Archive.read_only(folder / "archive.db") as archive:
        for sha256, warc, offset in program.query(folder, "SELECT sha256, warc, offset FROM documents"):
            try:
                archive.payload(sha256)
            except Exception as error:
                yield f"{warc} at {offset}: {error}"
    for path in sorted((folder / "captures").glob("*.warc.gz")):
        ends = program.query(folder, "SELECT max(offset + length) FROM documents WHERE warc = ?", path.name)[0][0] or 0
        read = 0
        with path.open("rb") as file:
            records = ArchiveIterator(file, check_digests="raise")
            try:
                for record in records:
                    record.raw_stream.read()
                    read = records.get_record_offset() + records.get_record_length()
            except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
                # Only what was being written at the end, of which the database knows nothing, may be torn.
                if read < ends:
                    yield f"{path.name} from {read}: {error}"
