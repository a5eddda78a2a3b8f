"""The systemd units: what systemd itself says of them, and the shell commands in them."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from tests.deploy.conftest import DEPLOY, command, environment

UNITS = DEPLOY / "systemd"
pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: apt-get install systemd"
)


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would stand on a machine where the program and its user are."""
    folder = tmp_path / "units"
    folder.mkdir()
    program = tmp_path / "nianbao"
    command(tmp_path, "nianbao", "true")
    for path in UNITS.iterdir():
        text = path.read_text().replace("/opt/nianbao/bin/nianbao", str(program))
        text = re.sub(r"^(User|Group)=nianbao$", r"\1=daemon", text, flags=re.MULTILINE)
        (folder / path.name).write_text(text)
    shutil.copy(folder / "nianbao-notify@.service", folder / "nianbao-notify@nianbao-crawl.service.service")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "nianbao-crawl.service",
        "nianbao-crawl.timer",
        "nianbao-serve.service",
        "nianbao-publish.service",
        "nianbao-notify@nianbao-crawl.service.service",
    ],
)
def test_systemd_finds_nothing_to_complain_of(units: Path, name: str) -> None:
    done = _analyze("verify", units / name)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_does_complain_of_what_is_wrong(units: Path) -> None:
    broken = units / "nianbao-crawl.service"
    broken.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/no/such/nianbao", broken.read_text(), flags=re.MULTILINE))
    done = _analyze("verify", broken)
    assert done.returncode
    assert "/no/such/nianbao" in done.stderr


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("nianbao-crawl", 3.0),
        ("nianbao-serve", 2.0),
        ("nianbao-publish", 3.0),
        ("nianbao-notify@nianbao-crawl.service", 2.5),
    ],
)
def test_little_is_exposed(units: Path, name: str, most: float) -> None:
    done = _analyze("security", "--offline=true", units / f"{name}.service")
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= most


def _times() -> list[str]:
    text = (UNITS / "nianbao-crawl.timer").read_text()
    return re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE)


def _elapses(calendar: str, since: str, count: int) -> list[datetime]:
    done = _analyze("calendar", f"--iterations={count}", f"--base-time={since} 00:00:00 UTC", calendar)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC|\(in UTC\): \w+ (\S+ \S+) UTC", done.stdout)
    return [datetime.fromisoformat(first or second) for first, second in found]


def test_the_timer_is_daily_in_the_season_and_weekly_else() -> None:
    daily, weekly = _times()
    season = _elapses(daily, "2027-01-01", 130)
    assert len({moment.date() for moment in season[:119]}) == 119
    # 02:30 in Beijing is 18:30 of the day before in UTC.
    assert {(moment.hour, moment.minute) for moment in season} == {(18, 30)}
    assert (season[118].date().isoformat(), season[119].year) == ("2027-04-29", 2027)
    assert season[119].date().isoformat() == "2027-12-31"
    rest = _elapses(weekly, "2027-05-01", 40)
    in_year = [moment for moment in rest if moment.year == 2027]
    assert {moment.weekday() for moment in rest} == {6}
    assert (in_year[0].date().isoformat(), in_year[-1].date().isoformat()) == ("2027-05-02", "2027-12-26")
    assert {(later - earlier).days for earlier, later in itertools.pairwise(in_year)} == {7}


@pytest.mark.parametrize(("how", "told"), [("exited", False), ("killed", True), ("dumped", True)])
def test_only_a_unit_that_was_killed_is_told_of(tmp_path: Path, how: str, told: bool) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    command(commands, "nianbao", 'printf "%s\\n" "$@" > told')
    text = (UNITS / "nianbao-notify@.service").read_text()
    script = re.search(r"^ExecStart=/bin/sh -c '(.*)'$", text, re.MULTILINE)
    assert script
    # What systemd makes of it: $$ is a dollar sign.
    shell = script[1].replace("$$", "$").replace("/opt/nianbao/bin/", "")
    told_of = {"MONITOR_EXIT_CODE": how, "MONITOR_UNIT": "nianbao-crawl.service", "MONITOR_SERVICE_RESULT": "oom-kill"}
    subprocess.run(["/bin/sh", "-c", shell], cwd=tmp_path, env=environment(commands, **told_of), check=True, timeout=30)
    file = tmp_path / "told"
    assert file.exists() == told
    if told:
        assert file.read_text().splitlines()[-1] == (
            "nianbao-crawl.service: oom-kill; see journalctl -u nianbao-crawl.service"
        )


@pytest.mark.parametrize(("result", "told"), [("success", False), ("exit-code", True), ("oom-kill", True)])
def test_a_publication_that_failed_is_told_of(tmp_path: Path, result: str, told: bool) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    command(commands, "nianbao", 'printf "%s\\n" "$@" > told')
    text = (UNITS / "nianbao-publish.service").read_text()
    script = re.search(r"^ExecStopPost=/bin/sh -c '(.*)'$", text, re.MULTILINE)
    assert script
    shell = script[1].replace("$$", "$").replace("/opt/nianbao/bin/", "")
    subprocess.run(
        ["/bin/sh", "-c", shell], cwd=tmp_path, env=environment(commands, SERVICE_RESULT=result), check=True, timeout=30
    )
    file = tmp_path / "told"
    assert file.exists() == told
    if told:
        assert file.read_text().splitlines()[-1].startswith(f"nianbao-publish: {result}; the site shows")


def test_what_is_published_is_what_is_served() -> None:
    publish, serve = ((UNITS / f"nianbao-{name}.service").read_text() for name in ("publish", "serve"))
    (folder,) = re.findall(r"^ExecStart=\S+ publish (\S+) ", publish, re.MULTILINE)
    assert f"serve --published {folder} " in serve
    crawl = (UNITS / "nianbao-crawl.service").read_text()
    assert [line.partition("=")[0] for line in crawl.splitlines() if "nianbao-publish.service" in line] == [
        "OnSuccess",
        "OnFailure",
    ]


def test_what_the_units_refer_to_is_there() -> None:
    text = "".join(path.read_text() for path in UNITS.iterdir())
    assert set(re.findall(r"nianbao-\w+@?", text)) >= {"nianbao-notify@", "nianbao-crawl"}
    for line in re.findall(r"^On(?:Failure|Success)=(.*)$", text, re.MULTILINE):
        for name in line.split():
            assert (UNITS / name.replace("%n.service", "")).with_suffix(".service").is_file()
    assert (UNITS / "nianbao-crawl.timer").read_text().count("Persistent=true") == 1
