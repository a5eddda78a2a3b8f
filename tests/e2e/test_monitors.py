"""Crawls that fall short are told at their end, by status, and to those named in the configuration."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.crawler import lanxi
from tests.crawler.portal_server import PortalServer
from tests.e2e import program
from tests.nianbao.notify.receivers import PASSWORD, USER, Hook, MailServer, mail_server, web_server

CRAWL = ("crawl", "--portals", "portals.toml")
COLUMN = "/xxgk/zfxxgk/nianbao/"


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with PortalServer(lanxi.pages()) as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server("starttls", tmp_path) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, portal: PortalServer, hook: Hook, mail: MailServer) -> Path:
    """A working folder with a portal file and a configuration that tells by all ways."""
    (tmp_path / "portals.toml").write_text(
        f'[[portal]]\nid = "lanxi"\nname = "岚溪县人民政府"\nstart = ["{portal.url}/"]\ndelay = 0\n'
    )
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "nianbao.toml").write_text(
        f"""
        [notify]
        [[notify.file]]
        path = "health.jsonl"
        [[notify.file]]
        path = "health.log"
        format = "text"
        [notify.mail]
        to = ["ops@example.org"]
        host = "127.0.0.1"
        port = {mail.port}
        user = "{USER}"
        password_file = "password"
        ca_file = "ca.pem"
        [[notify.webhook]]
        url = "{hook.url}"
        proxy = false
        [[notify.webhook]]
        url = "{hook.url}&chat"
        kind = "wecom"
        proxy = false
        """
    )
    return tmp_path


def _told(folder: Path) -> list[dict[str, Any]]:
    file = folder / "health.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _status(folder: Path, status: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(program.run(folder, "status", "--json", status=status).stdout)
    assert data["failing"] == bool(status)
    return data


def _monitors(data: dict[str, Any]) -> set[str]:
    return {v["monitor"] for portal in data["portals"] for v in portal["verdicts"] if v["severity"] == "error"}


def test_a_crawl_that_goes_well_says_so_and_tells_nobody(folder: Path, hook: Hook, mail: MailServer) -> None:
    done = program.run(folder, *CRAWL)
    assert "All well: 1 portals" in done.stdout
    assert "All well: 1 portals" in program.run(folder, "status").stdout
    assert (_told(folder), hook.posts, mail.mails) == ([], [], [])
    assert _status(folder, 0)["portals"][0]["failures"] == 0


@pytest.mark.parametrize("kind", ["blocked", "partial", "gone"])
def test_what_befalls_a_portal_is_told_by_every_way(
    folder: Path, portal: PortalServer, hook: Hook, mail: MailServer, kind: str
) -> None:
    program.run(folder, *CRAWL)
    if kind == "blocked":
        portal.statuses = dict.fromkeys(portal.pages, 412)
        reason, monitors = "blocked:412", {"fell_short"}
    elif kind == "partial":
        portal.statuses = {lanxi.report_path(2020): 500}
        reason, monitors = "partial:http:500", {"fell_short"}
    else:
        # The portal was rebuilt: the home page leads to an empty column.
        portal.pages = {
            "/": lanxi.page(f'<a href="{COLUMN}">政府信息公开年报</a>'),
            COLUMN: lanxi.page('<div class="CurrChnlCls">政府信息公开年报</div><table></table>'),
        }
        reason, monitors = None, {"fell_short", "none_found"}
    done = program.run(folder, *CRAWL, status=1)
    data = _status(folder, 1)
    assert _monitors(data) == monitors
    assert "Needs attention: 1 of 1 portals" in done.stdout
    (health,) = data["portals"]
    if reason:
        assert health["reason"] == reason
    (message,) = _told(folder)
    (told,) = message["failing"]
    # What the run told is what status says.
    assert told == health
    assert told["id"] == "lanxi"
    assert all(verdict["action"] for verdict in told["verdicts"])
    (sent,) = mail.mails
    assert sent["Subject"] == message["subject"] == "Nianbao: 1 of 1 portals need attention"
    text = sent.get_content()
    for part in ("岚溪县人民政府 (lanxi)", health["reason"], told["verdicts"][0]["action"]):
        assert part in " ".join(text.split()), part
    (plain, chat) = (body for _path, _query, body in hook.posts)
    assert plain["failing"] == [told]
    assert "岚溪县人民政府" in chat["text"]["content"]
    assert message["subject"] in (folder / "health.log").read_text("utf-8")
    assert PASSWORD not in done.stdout + done.stderr + json.dumps(plain)
    assert "s3cret" not in done.stdout + done.stderr


def test_the_same_failure_is_told_once_and_its_end_too(folder: Path, portal: PortalServer) -> None:
    program.run(folder, *CRAWL)
    portal.statuses = dict.fromkeys(portal.pages, 412)
    for _ in range(2):
        program.run(folder, *CRAWL, status=1)
    assert len(_told(folder)) == 1
    assert _status(folder, 1)["portals"][0]["failures"] == 2
    program.run(folder, "notify")
    assert len(_told(folder)) == 1
    portal.statuses = {}
    program.run(folder, *CRAWL)
    assert [portal["id"] for portal in _told(folder)[-1]["recovered"]] == ["lanxi"]
    _status(folder, 0)


def test_a_message_that_cannot_be_sent_is_said_and_sent_later(
    folder: Path, portal: PortalServer, hook: Hook, mail: MailServer
) -> None:
    portal.statuses = dict.fromkeys(portal.pages, 412)
    hook.status = 500
    mail.refused = {"ops@example.org"}
    done = program.run(folder, *CRAWL, status=1)
    assert "could not be told: e-mail by 127.0.0.1" in done.stderr
    assert "could not be told: webhook (json) at 127.0.0.1: answered 500" in done.stderr
    assert len(_told(folder)) == 1
    hook.status, mail.refused = 200, set()
    program.run(folder, "notify")
    assert (len(mail.mails), len(hook.posts), len(_told(folder))) == (1, 4, 1)


def test_a_crawl_that_goes_well_but_cannot_say_so_exits_with_1(folder: Path, hook: Hook) -> None:
    config = folder / "nianbao.toml"
    config.write_text(config.read_text().replace("[notify]\n", "[notify]\nheartbeat_days = 7\n"))
    hook.status = 503
    done = program.run(folder, *CRAWL, status=1)
    assert "All well: 1 portals" in done.stdout
    assert done.stderr.count("could not be told") == 2
    assert _told(folder)[0]["subject"] == "Nianbao: all 1 portals are well"


def test_a_trial_message_and_one_of_a_scheduler(folder: Path, hook: Hook, mail: MailServer) -> None:
    program.run(folder, "notify", "--test")
    program.run(folder, "notify", "--message", "nianbao-crawl.service failed")
    assert [sent["Subject"] for sent in mail.mails][1] == "Nianbao: nianbao-crawl.service failed"
    assert [body["message"] for _path, _query, body in hook.posts if "message" in body][
        1
    ] == "nianbao-crawl.service failed"
    hook.status = 404
    done = program.run(folder, "notify", "--test", status=1)
    assert "answered 404" in done.stderr


def test_configurations_that_cannot_be_used_stop_the_crawl_before_it_begins(folder: Path, portal: PortalServer) -> None:
    (folder / "nianbao.toml").write_text('[notify]\nmial = "a@b.c"\n')
    for command in (CRAWL, ("status",), ("notify",)):
        done = program.run(folder, *command, status=1)
        assert "nianbao.toml: [notify] has no key “mial”" in program.one_line(done.stderr)
    assert portal.log == []
    (folder / "nianbao.toml").unlink()
    assert "nobody to tell" in program.one_line(program.run(folder, "notify", status=1).stderr)
    both = program.run(folder, "notify", "--test", "--message", "x", status=2)
    assert "either --test or --message" in both.stderr


def test_status_judges_the_portals_named(folder: Path, portal: PortalServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
        (folder / "two.toml").write_text(
            (folder / "portals.toml").read_text()
            + f'[[portal]]\nid = "closed"\nname = "无"\nstart = ["http://127.0.0.1:{closed}/"]\ndelay = 0\n'
        )
        program.run(folder, "crawl", "--portals", "two.toml", status=1)
    assert "failed:connection" in program.run(folder, "status", status=1).stdout
    program.run(folder, "status", "lanxi")
    program.run(folder, "status", "--portals", "portals.toml")
    program.run(folder, "status", "closed", status=1)
    assert "knows no portal nowhere" in program.one_line(program.run(folder, "status", "nowhere", status=1).stderr)
    # A crawl of one portal does not answer for the others.
    program.run(folder, *CRAWL)


def test_a_killed_crawl_is_told_by_status_until_the_next_one(folder: Path, portal: PortalServer) -> None:
    portal.pause = 0.1
    process = program.start(folder, *CRAWL)
    while len(portal.log) < 8:
        assert process.poll() is None
    # From now on it goes nowhere.
    portal.pause = 60.0
    running = _status_while_running(folder)
    program.kill(process)
    program.wait_until_gone(process.pid)
    assert running["writing"].endswith(f"Z, pid {process.pid}")
    assert running["verdicts"] == []
    assert [verdict["monitor"] for verdict in _status(folder, 1)["verdicts"]] == ["killed"]
    portal.pause = 0.0
    program.run(folder, *CRAWL)
    _status(folder, 0)
    # Told when the next one began, and again when it ended well.
    told = [[verdict["monitor"] for verdict in message["crawls"]] for message in _told(folder)]
    assert told == [["killed"], []]


def test_a_crawl_that_cannot_run_is_told(folder: Path, portal: PortalServer) -> None:
    (folder / "portals.toml").write_text("[[portal]]\n")
    done = program.run(folder, *CRAWL, status=1)
    assert [message["message"] for message in _told(folder)] == [
        f"The crawl could not be run: {program.one_line(done.stderr)}"
    ]
    program.run(folder, "crawl", "--nonsense", status=2)
    assert len(_told(folder)) == 1


def _status_while_running(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(program.run(folder, "status", "--json").stdout)
    return data


def test_a_schedule_that_has_stopped_is_told(folder: Path) -> None:
    program.run(folder, *CRAWL)
    before = (datetime.now(UTC) - timedelta(days=11)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with sqlite3.connect(folder / "archive.db") as connection:
        connection.execute("UPDATE runs SET started_at = ?", (before,))
    connection.close()
    assert [verdict["monitor"] for verdict in _status(folder, 1)["verdicts"]] == ["stale"]


def test_a_crawl_that_comes_too_soon_leaves_at_once(folder: Path, portal: PortalServer) -> None:
    portal.pause = 0.1
    first = program.start(folder, *CRAWL)
    while len(portal.log) < 3:
        assert first.poll() is None
        time.sleep(0.01)
    # However long the second takes to begin, the first is still at it.
    portal.pause = 5
    second = program.run(folder, *CRAWL, status=1)
    told = program.one_line(second.stderr)
    assert told.startswith("another nianbao command (since 20")
    assert f"Z, pid {first.pid}) is writing archive.db" in told
    assert first.poll() is None
    portal.pause = 0
    assert program.finish(first).returncode == 0
    assert program.query(folder, "SELECT count(*) FROM runs") == [(1,)]
