"""The GitHub workflow: its shape, and its shell steps run one after the other on a portal in a repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.crawler.portal_server import PortalServer
from tests.deploy.conftest import DEPLOY, ROOT, command, environment

FILE = DEPLOY / "github" / "crawl.yml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(FILE.read_text())
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["crawl"]["steps"]
# What GitHub runs a step without `shell` with.
SHELL = ["bash", "-e"]


def test_it_is_scheduled_by_season_and_runs_alone() -> None:
    # YAML 1.1 reads the key `on` as true.
    assert [entry["cron"] for entry in WORKFLOW[True]["schedule"]] == ["37 18 * 1-4 *", "37 18 * 5-12 0"]
    assert WORKFLOW["concurrency"] == {"group": "nianbao-crawl", "cancel-in-progress": False}
    assert WORKFLOW["permissions"] == {
        "contents": "write",
        "issues": "write",
        "actions": "read",
        "pages": "write",
        "id-token": "write",
    }


def test_nothing_is_pasted_into_shell() -> None:
    assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_every_action_has_a_version_and_every_file_is_there() -> None:
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)
    for name in re.findall(r"\.nianbao/(\S+\.lock)", FILE.read_text()):
        assert (ROOT / name).is_file()
    assert sum("uses" in step for step in STEPS) == 6


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed: apt-get install shellcheck"
)
@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step["name"])
def test_shellcheck_finds_nothing(step: dict[str, Any], tmp_path: Path) -> None:
    # SC2016: what stands in single quotes is not meant to be expanded.
    (tmp_path / "step.sh").write_text(step["run"])
    arguments = ["shellcheck", "--shell=bash", "--exclude=SC2016", str(tmp_path / "step.sh")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


class Runner:
    """Runs the shell steps as GitHub does, each run in a fresh clone; ``gh`` is a stand-in that keeps what it is told.

    The stand-in keeps one artefact and one issue.
    """

    def __init__(self, folder: Path, commands: Path, portal_file: str) -> None:
        self.folder, self.commands = folder, commands
        self.origin, self.artefact, self.issue = folder / "origin.git", folder / "artefact", folder / "issue"
        command(
            commands,
            "gh",
            f"""
            echo "$*" >> "{folder}/gh.log"
            case "$1 $2" in
                "api repos/me/data/actions/artifacts?name=archive&per_page=1") [ ! -d "{self.artefact}" ] || echo 77 ;;
                "run download") [ "$3" = 77 ] && cp -R "{self.artefact}/." "$7" ;;
                "issue list") [ ! -f "{self.issue}" ] || echo 5 ;;
                "issue create") cat "$8" > "{self.issue}" ;;
                "issue comment") [ "$3" = 5 ] && cat "$5" >> "{self.issue}" ;;
                "issue close") [ "$3" = 5 ] && rm "{self.issue}" ;;
                "label create") ;;
                *) echo "gh: not foreseen: $*" >&2; exit 1 ;;
            esac
            """,
        )
        self._git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        first = folder / "first"
        self._git("clone", "--quiet", str(self.origin), str(first))
        (first / "portals.toml").write_text(portal_file)
        (first / ".gitignore").write_text(".nianbao/\nstate/\npages/\n")
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        self._git("-C", str(first), "checkout", "--quiet", "-B", "main")
        self._git("-C", str(first), "add", ".")
        self._git("-C", str(first), *identity, "commit", "--quiet", "-m", "Portals")
        self._git("-C", str(first), "push", "--quiet", "origin", "main")
        self._number = 0

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self) -> tuple[bool, str, Path]:
        """(whether the run is green, what it printed, its working folder)."""
        self._number += 1
        work = self.folder / f"work{self._number}"
        self._git("clone", "--quiet", str(self.origin), str(work))
        output, summary = work / ".git" / "output", work / ".git" / "summary"
        output.touch()
        green, printed = True, ""
        for step in STEPS:
            if step.get("uses", "").startswith("actions/upload-artifact") and green:
                shutil.rmtree(self.artefact, ignore_errors=True)
                shutil.copytree(work / "state", self.artefact)
            if "run" not in step or step["name"] == "install" or not (green or step.get("if") == "always()"):
                continue
            outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
            own = {
                name: value.replace("${{ steps.crawl.outputs.status }}", outputs.get("status", ""))
                for name, value in step.get("env", {}).items()
            }
            given = {
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_REPOSITORY": "me/data",
                "GITHUB_SERVER_URL": "https://git.example",
                "GITHUB_RUN_ID": "99",
                "RUNNER_TEMP": str(self.folder),
            }
            (work / ".git" / "step.sh").write_text(step["run"])
            done = subprocess.run(
                [*SHELL, str(work / ".git" / "step.sh")],
                cwd=work,
                env=environment(self.commands, **given, **own),
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
            printed += done.stdout + done.stderr
            green = green and done.returncode == 0
        return green, printed, work

    def commits(self) -> list[str]:
        """Subjects of the commits in the repository, the newest first."""
        return self._git("-C", str(self.origin), "log", "--format=%s", "main").splitlines()

    def committed(self, path: str) -> str:
        """A file as it stands in the repository."""
        return self._git("-C", str(self.origin), "show", f"main:{path}")


@pytest.fixture
def runner(tmp_path: Path, commands: Path, portal_file: str) -> Runner:
    return Runner(tmp_path, commands, portal_file)


@pytest.mark.e2e
def test_a_year_of_runs(runner: Runner, portal: PortalServer) -> None:
    green, printed, work = runner.run()
    assert green, printed
    assert "everything is crawled anew" in printed
    assert len(runner.commits()) == 2
    assert runner.commits()[0].startswith("Crawl of 20")
    assert len(runner.committed("data/captures.csv").splitlines()) > 10
    assert json.loads(runner.committed("data/status.json"))["failing"] is False
    assert "reports.csv" in (work / "pages" / "index.html").read_text()
    assert (work / "pages" / "datapackage.json").is_file()

    # The archive came along, so nothing is fetched anew and nothing is committed.
    asked = len(portal.asked(200))
    green, printed, work = runner.run()
    assert green, printed
    assert "nothing has changed" in printed
    assert (work / "state" / "captures").is_dir()
    assert len(runner.commits()) == 2
    assert len(portal.asked(200)) - asked <= 1

    # The portal is blocked: red, an issue, and everything found before is still published.
    portal.statuses = dict.fromkeys(portal.pages, 412)
    for _ in range(2):
        green, printed, work = runner.run()
        assert not green
        assert "::error::the crawl fell short" in printed
        assert (work / "pages" / "reports.csv").read_text() == runner.committed("data/reports.csv")
    issue = runner.issue.read_text()
    assert issue.count("The crawl of 20") == 2
    assert "https://git.example/me/data/actions/runs/99" in issue
    assert "blocked:412" in issue
    assert "blocked:412" in (work / ".git" / "summary").read_text()

    # Well again: the issue is closed.
    portal.statuses = {}
    green, printed, work = runner.run()
    assert green, printed
    assert not runner.issue.exists()


@pytest.mark.e2e
def test_a_crawl_that_cannot_be_run_is_red_and_commits_nothing(runner: Runner) -> None:
    command(runner.commands, "nianbao", "exit 2")
    green, _printed, work = runner.run()
    assert not green
    assert len(runner.commits()) == 1
    assert not runner.artefact.exists()
    assert "The crawl of 20" in runner.issue.read_text()
    assert not (work / "data").exists()
