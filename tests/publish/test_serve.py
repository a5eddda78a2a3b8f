import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from nianbao.cli import main
from publish import connection
from publish.errors import SiteError
from publish.serve import build_app, serve


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"no archive at .*nowhere\.db"):
        build_app(tmp_path / "nowhere.db")


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to look at its header" * 30)
    with pytest.raises(SiteError, match="cannot be read as an archive"):
        build_app(text)
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("create table t (x)")
    with pytest.raises(SiteError, match="it is no archive, or one of another version"):
        build_app(other)


def test_a_busy_port_is_named(archive_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SiteError, match=f"port {port} on 127.0.0.1 is in use"):
            serve(archive_path, port=port)


def test_an_address_of_another_machine_is_named(archive_path: Path) -> None:
    with pytest.raises(SiteError, match=r"cannot listen on 192\.0\.2\.1"):
        serve(archive_path, host="192.0.2.1", port=0)


def test_without_limits_nothing_is_served(archive_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlimited:
        pass

    monkeypatch.setattr(connection.sqlite3, "Connection", Unlimited)
    with pytest.raises(SiteError, match="setlimit"):
        build_app(archive_path)


@pytest.mark.e2e
@pytest.mark.parametrize("workers", [1, 2])
def test_serves_over_http(archive_path: Path, workers: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys; from pathlib import Path; from publish.serve import serve; "
        "serve(Path(sys.argv[1]), port=int(sys.argv[2]), workers=int(sys.argv[3]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    command = [sys.executable, "-c", code, str(archive_path), str(port), str(workers)]
    server = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                response = httpx.get(f"http://127.0.0.1:{port}/archive/reports.json?_shape=array", timeout=10)
                break
            except httpx.TransportError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        assert len(response.json()) == 3
        csv = httpx.get(f"http://127.0.0.1:{port}/-/export/archive/reports.csv", timeout=10)
        assert csv.content.startswith(b"\xef\xbb\xbf")
        answering = _children(server.pid)
        assert len(answering) >= (workers if workers > 1 else 0)
        # The processes start, and on a busy machine wake, at different times.
        while workers > 1 and len(_connections_held(port, answering)) < workers:
            assert time.monotonic() < deadline, "one process takes all connections"
            time.sleep(0.2)
    finally:
        server.terminate()
        assert server.wait(60) is not None
    deadline = time.monotonic() + 20
    while any(_children(server.pid)) or any(Path(f"/proc/{child}").exists() for child in answering):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _connections_held(port: int, processes: list[str]) -> list[int]:
    """How many of the connections of readers who come together each of the processes keeps, but for none."""
    before = {process: _sockets(process) for process in processes}
    readers = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(24)]
    try:
        for reader in readers:
            reader.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        for reader in readers:
            assert reader.recv(15).startswith(b"HTTP/1.1 200")
        held = [_sockets(process) - before[process] for process in processes]
    finally:
        for reader in readers:
            reader.close()
    return [count for count in held if count > 1]


def _sockets(process: str) -> int:
    count = 0
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            count += str(file.readlink()).startswith("socket:")
    return count


def _children(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []


def test_a_contact_that_is_none_is_wrong_usage(archive_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", "--archive", str(archive_path), "--contact", "javascript:alert(1)"])
    assert result.exit_code == 2
    assert "neither an e-mail address" in result.output
