"""Crawling and reading by a real Dask cluster on loopback, against the same on one machine."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from archive.verification.verify import verify
from tests.cluster.local import LocalCluster, children, wait_for
from tests.cluster.rows import rows
from tests.crawler import lanxi
from tests.crawler.portal_server import PortalServer
from tests.crawler.portals.kills import content
from tests.e2e import program

pytestmark = pytest.mark.e2e
# Many processes start here, which takes a busy machine long.
_SECONDS = 400


@pytest.fixture(scope="module")
def portal() -> Iterator[PortalServer]:
    with PortalServer({}) as running:
        yield running


@pytest.fixture(scope="module")
def neighbour() -> Iterator[PortalServer]:
    with PortalServer({}) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """TLS as docs/scaling.md says it is set up: for every cluster and command of these tests."""
    folder = tmp_path_factory.mktemp("tls")
    text = (program.ROOT / "docs" / "scaling.md").read_text("utf-8").partition("### Security")[2]
    commands = re.findall(r"^    (openssl .*?[^\\])$", text, re.MULTILINE | re.DOTALL)
    assert len(commands) == 3
    for command in commands:
        subprocess.run(["sh", "-ec", command], cwd=folder, check=True, timeout=60, capture_output=True)
    settings = dict(re.findall(r"^    (DASK_\w+)=(\S+)$", text, re.MULTILINE))
    assert len(settings) == 4
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            for role in ("SCHEDULER", "WORKER", "CLIENT"):
                setting = name.replace("SCHEDULER", role)
                patch.setenv(setting, value.replace("/etc/nianbao/tls", str(folder)))
        yield


@pytest.fixture(scope="module")
def one(
    tmp_path_factory: pytest.TempPathFactory, _certificates: None, portal: PortalServer, neighbour: PortalServer
) -> Path:
    """The folder in which one machine crawled three portals, the first and the last of them on one host."""
    for server in (portal, neighbour):
        server.pages, server.pause = lanxi.pages(), 0.0
    folder = _folder(tmp_path_factory.mktemp("one"), "one", portal, neighbour, portal)
    _run(folder, *_crawl(folder))
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, _certificates: None) -> Iterator[LocalCluster]:
    with LocalCluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        yield running


@pytest.fixture(autouse=True)
def _afresh(one: Path, portal: PortalServer, neighbour: PortalServer) -> None:
    for server in (portal, neighbour):
        server.pages, server.pause = lanxi.pages(), 0.0
        server.log.clear()


def _run(
    folder: Path, *arguments: str, before: Path | None = None, status: int = 0
) -> subprocess.CompletedProcess[str]:
    done = program.finish(program.start(folder, *arguments, before=before), _SECONDS)
    assert done.returncode == status, f"exit status {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}"
    return done


def _crawl(folder: Path, cluster: LocalCluster | None = None, *more: str) -> tuple[str, ...]:
    machines = ("--cluster", cluster.address) if cluster else ("--workers", "1")
    return ("crawl", "--portals", str(folder / "portals.toml"), *machines, *more)


def _folder(top: Path, name: str, *servers: PortalServer) -> Path:
    folder = top / name
    folder.mkdir()
    tables = [
        f'[[portal]]\nid = "p{number}"\nname = "岚溪县人民政府"\nstart = ["{server.url}/"]\ndelay = 0\n'
        for number, server in enumerate(servers)
    ]
    (folder / "portals.toml").write_text("\n".join(tables), "utf-8")
    return folder


def _alter(server: PortalServer) -> None:
    """One report is altered, one is gone."""
    altered, gone = lanxi.report_path(2020), lanxi.report_path(2016)
    server.pages[altered] = bytes(server.pages[altered]).replace("各项工作".encode(), "多项工作".encode())
    del server.pages[gone]


def test_same_rows_as_one_machine(
    tmp_path: Path, one: Path, portal: PortalServer, neighbour: PortalServer, cluster: LocalCluster
) -> None:
    single = tmp_path / "single"
    shutil.copytree(one, single)
    many = _folder(tmp_path, "many", portal, neighbour, portal)
    _run(many, *_crawl(many, cluster))
    assert program.differences(rows(single), rows(many)) == {}
    # Portals on one host are crawled one after the other, whichever workers do it.
    begun = [place for place, (path, _status) in enumerate(portal.log) if path == "/robots.txt"]
    assert len(begun) == 2
    assert sorted(portal.log[: begun[1]]) == sorted(portal.log[begun[1] :])
    _alter(portal)
    asked = {}
    for folder, machines in ((single, None), (many, cluster)):
        portal.log.clear()
        _run(folder, *_crawl(folder, machines))
        asked[folder] = sorted(portal.log)
    assert program.differences(rows(single), rows(many)) == {}
    # A crawl begins at what the one before learned, and asks for what changed only.
    assert asked[single] == asked[many]
    assert {status for _path, status in asked[many]} == {200, 304, 404}
    before = rows(many)
    _run(many, "parse", "--cluster", cluster.address)
    assert program.differences(before, rows(many)) == {}
    with Archive.open(many / "archive.db") as archive:
        assert verify(archive).faults == []
    # Nothing of the work stays behind but what belongs to the archive.
    left = {path.name for path in many.rglob("*") if path.is_file() and path.parent.name != "captures"}
    assert left == {"archive.db", "archive.db.lock", "portals.toml"}


def test_what_a_killed_worker_had_begun_is_taken_over(
    tmp_path: Path, one: Path, portal: PortalServer, neighbour: PortalServer
) -> None:
    many = _folder(tmp_path, "many", portal, neighbour, portal)
    (tmp_path / "cluster").mkdir()
    portal.pause = 0.1
    with LocalCluster(tmp_path / "cluster", 2, threads=1) as cluster:
        portal.log.clear()
        command = program.start(many, *_crawl(many, cluster))
        wait_for(lambda: len(portal.log) > 10)
        at_work = [worker for worker in cluster.workers if "cluster.crawling_process" in children(worker)]
        for worker in at_work[:1]:
            worker.kill()
        done = program.finish(command, _SECONDS)
    assert done.returncode == 0, done.stderr
    assert at_work
    assert program.differences(rows(one), rows(many)) == {}


def test_a_stopped_crawl_goes_on_where_it_was(
    tmp_path: Path, one: Path, portal: PortalServer, neighbour: PortalServer, cluster: LocalCluster
) -> None:
    many = _folder(tmp_path, "many", portal, neighbour, portal)
    neighbour.pause = 0.2
    command = program.start(many, *_crawl(many, cluster))
    wait_for(lambda: len(neighbour.log) > 8)
    # However busy the machine is, there is still something to be stopped.
    neighbour.pause = 3.0
    command.send_signal(signal.SIGTERM)
    done = program.finish(command, _SECONDS)
    assert done.returncode == 1
    assert "interrupted" in done.stdout
    kept = program.query(many, "SELECT count(*) FROM captures")[0][0]
    assert kept > 0
    neighbour.pause = 0.0
    asked = len(neighbour.log)
    _run(many, *_crawl(many, cluster))
    assert program.differences(content(one), content(many), ("captures", "reports", "versions", "organs")) == {}
    again = [path for path, status in neighbour.log[asked:] if status == 200 and path != "/robots.txt"]
    assert not set(again) & {path for path, status in neighbour.log[: asked - 16] if status == 200} - {"/robots.txt"}


def test_what_workers_finish_for_a_killed_command_is_taken_in(
    tmp_path: Path, one: Path, portal: PortalServer, neighbour: PortalServer, cluster: LocalCluster
) -> None:
    many = _folder(tmp_path, "many", portal, neighbour, portal)
    neighbour.pause = 0.1
    command = program.start(many, *_crawl(many, cluster))
    wait_for(lambda: len(neighbour.log) > 8)
    program.kill(command)
    # The same command at once: no host may be asked by two.
    _run(many, *_crawl(many, cluster))
    # Taken in at once, or before a second crawl: nothing was fetched again that a worker had kept.
    assert program.differences(rows(one), rows(many), ("documents", "reports", "versions", "organs")) == {}
    fetched = [path for path, status in neighbour.log if status == 200 and path != "/robots.txt"]
    assert len(fetched) == len(set(fetched))


def test_what_keeps_a_cluster_from_working_is_one_line(
    tmp_path: Path, portal: PortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "3s")
    folder = _folder(tmp_path, "many", portal)
    (tmp_path / "cluster").mkdir()
    crawl = ("crawl", "--portals", "portals.toml")

    def told(*arguments: str) -> str:
        return program.one_line(_run(folder, *crawl, *arguments, status=1).stderr)

    assert "no Dask scheduler answers at tls://127.0.0.1:9" in told("--cluster", "tls://127.0.0.1:9")
    assert _run(folder, *crawl, "--storage", "x", status=2).stderr.endswith("--storage goes with --cluster\n")
    assert "encryption required by Dask configuration" in told("--cluster", "tcp://127.0.0.1:9")
    with LocalCluster(tmp_path / "cluster", 0) as cluster:
        assert "has no workers: start some with 'dask worker" in told("--cluster", cluster.address)
        at = ("--cluster", cluster.address)
        cluster.workers.append(cluster.add_worker())
        assert re.search(r"cannot write cluster/probes/\w+ to /proc/none: ", told(*at, "--storage", "/proc/none"))
        assert "pip install 'nianbao[s3]'" in told(*at, "--storage", "gcs://bucket/folder")
        assert portal.log == []
        assert not (folder / "archive.db").exists()
        portal.pause = 0.2
        command = program.start(folder, *crawl, *at)
        wait_for(lambda: len(portal.log) > 5)
        cluster.scheduler.kill()
        done = program.finish(command, _SECONDS)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        f"Error: the scheduler at {cluster.address} is gone: start it anew; the same command then goes on from here"
    )
    assert program.query(folder, "PRAGMA integrity_check") == [("ok",)]


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, portal: PortalServer) -> None:
    folder = _folder(tmp_path, "many", portal)
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "distributed.py").write_text("raise ModuleNotFoundError(name='distributed')\n")
    arguments = ("crawl", "--portals", "portals.toml", "--cluster", "tcp://127.0.0.1:9")
    done = _run(folder, *arguments, before=tmp_path / "absent", status=1)
    told = "--cluster needs the package distributed: pip install 'nianbao[distributed]'"
    assert program.one_line(done.stderr) == told
