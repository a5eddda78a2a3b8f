"""The crontab: its syntax, when its lines are due, and the very commands that they run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.crawler.portal_server import PortalServer
from tests.deploy.conftest import DEPLOY, command, environment

CRONTAB = DEPLOY / "cron" / "nianbao.crontab"
_SCHEDULED = re.compile(r"^(\S+ \S+ \S+ \S+ \S+)\s+(.*)$")


def _lines() -> list[tuple[str, str]]:
    """(schedule, command) of each line that runs something."""
    found = []
    for line in CRONTAB.read_text().splitlines():
        if line and not line.startswith("#") and not re.match(r"^\w+=", line):
            match = _SCHEDULED.match(line)
            assert match, line
            found.append((match[1], match[2]))
    return found


def _run(shell: str, folder: Path, commands: Path, **more: str) -> subprocess.CompletedProcess[str]:
    shell = shell.replace("/var/lib/nianbao", str(folder)).replace("/etc/nianbao", str(folder))
    return subprocess.run(
        ["/bin/sh", "-c", shell],
        env=environment(commands, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(shutil.which("crontab") is None, reason="crontab is not installed: apt-get install cron")
def test_cron_takes_it() -> None:
    done = subprocess.run(["crontab", "-n", str(CRONTAB)], capture_output=True, text=True, timeout=30, check=False)
    if "invalid option" in done.stderr or "usage" in done.stderr:
        pytest.skip("this cron has no -n to check a crontab with")
    assert done.returncode == 0, done.stderr


def test_every_month_has_its_line() -> None:
    schedules = [schedule for schedule, _command in _lines()]
    assert schedules == ["30 2 * 1-4 *", "30 2 * 5-12 1"]
    # cron would take a percent sign for the end of the command.
    assert "%" not in "".join(command for _schedule, command in _lines())


@pytest.mark.e2e
def test_the_lines_crawl_and_keep_the_log(
    tmp_path: Path, commands: Path, portal: PortalServer, portal_file: str
) -> None:
    (tmp_path / "portals.toml").write_text(portal_file)
    first, second = (shell for _schedule, shell in _lines())
    assert _run(first, tmp_path, commands).returncode == 0
    log = (tmp_path / "crawl.log").read_text()
    assert "All well: 1 portals" in log
    published = tmp_path / "published" / "current"
    before = published.readlink()
    portal.statuses = dict.fromkeys(portal.pages, 412)
    # A crawl that falls short has told of it itself; cron has nothing to add.
    done = _run(second, tmp_path, commands)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Needs attention: 1 of 1 portals" in (tmp_path / "crawl.log").read_text().removeprefix(log)
    assert published.readlink() != before


@pytest.mark.parametrize(("status", "told"), [(0, False), (1, False), (2, False), (137, True)])
def test_a_killed_crawl_is_told(tmp_path: Path, status: int, told: bool) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    command(
        commands,
        "nianbao",
        f'[ "$1" = crawl ] && exit {status}; [ "$1" = publish ] && exit 0; printf "%s\\n" "$@" > told',
    )
    for _schedule, shell in _lines():
        (tmp_path / "told").unlink(missing_ok=True)
        _run(shell, tmp_path, commands)
        assert (tmp_path / "told").exists() == told
        if told:
            assert (tmp_path / "told").read_text() == "notify\n--message\nthe crawl was killed (exit status 137)\n"


def test_a_publication_that_failed_is_told(tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    command(commands, "nianbao", '[ "$1" = crawl ] && exit 0; [ "$1" = publish ] && exit 1; echo "$*" > told')
    for _schedule, shell in _lines():
        (tmp_path / "told").unlink(missing_ok=True)
        _run(shell, tmp_path, commands)
        assert (tmp_path / "told").read_text() == "notify --message publishing failed; see crawl.log\n"


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed: apt-get install logrotate")
def test_logrotate_moves_the_log_away(tmp_path: Path) -> None:
    text = (DEPLOY / "cron" / "nianbao.logrotate").read_text().replace("/var/lib/nianbao", str(tmp_path / "data"))
    # The user nianbao is not on this machine.
    (tmp_path / "rotate").write_text(
        "".join(line for line in text.splitlines(True) if " su " not in f" {line.strip()} ")
    )
    (tmp_path / "rotate").chmod(0o644)
    (tmp_path / "data").mkdir(mode=0o755)
    for name in ("crawl.log", "health.jsonl"):
        (tmp_path / "data" / name).write_text("a line\n")
    arguments = ["logrotate", "--force", "--state", str(tmp_path / "state"), str(tmp_path / "rotate")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["crawl.log.1", "health.jsonl.1"]
