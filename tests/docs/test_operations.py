"""docs/operations.md holds true: its tables, its messages, its configuration, and its commands, word for word."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nianbao.notify.config import parse
from tests.crawler import lanxi
from tests.crawler.portal_server import PortalServer
from tests.e2e import program
from tests.nianbao.notify.receivers import web_server
from tools.operations import renewed

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_LOG = TEXT.partition("## Reading the log")[2].partition("## Reason codes")[0]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_its_tables_are_those_of_the_data() -> None:
    assert renewed(TEXT) == TEXT, "run make operations"


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        if path:
            there = (ROOT / "docs" / path).read_text(encoding="utf-8")
            assert not anchor or anchor in _anchors(there), target
        else:
            assert anchor in _anchors(TEXT), target


def test_files_that_it_names_are_there() -> None:
    named = {name.rstrip(".") for name in re.findall(r"(?<![\w/])(?:deploy|crawler)/[\w./*-]+", TEXT)}
    assert len(named) >= 8
    for name in named:
        assert list(ROOT.glob(name.rstrip("/"))), name


def test_its_configuration_is_taken() -> None:
    (text,) = _blocks("toml")
    given = {"NIANBAO_SMTP_PASSWORD": "x", "NIANBAO_WEBHOOK": "https://example.org/x"}
    assert len(parse(text, "nianbao.toml", Path(), given).channels) == 3


def _logged() -> set[str]:
    """Format strings of what the crawl logs."""
    found = set()
    for folder in ("archive", "cluster", "crawler"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and ast.unparse(node.func.value) == "logger"
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(str(node.args[0].value))
    return found


def test_every_line_that_a_crawl_logs_is_explained() -> None:
    formats = _logged() - {"%s"}
    assert len(formats) >= 7
    for text in formats:
        for part in re.split(r"%\w", text):
            words = part.strip(" :;,")
            assert len(words) < 4 or words in _LOG, text


def test_every_line_that_is_explained_is_printed() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("archive", "cluster", "crawler", "nianbao", "publish")
        for path in (ROOT / folder).rglob("*.py")
    )
    rows = re.findall(r"^\| (`.*?) \|", _LOG, re.MULTILINE)
    assert len(rows) >= 18
    for row in rows:
        for span in re.findall(r"`([^`]+)`", row):
            if ":4" in span:
                continue  # a reason code, which the tables explain
            for part in re.split(r"…|\d+ of \d+|\d+|[:;,()]", span):
                words = part.strip(" :;,()")
                assert len(words) < 4 or words in sources, span


COMMANDS = [
    line.removeprefix("$ ") for block in _blocks("console") for line in block.splitlines() if line.startswith("$ ")
]


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed: apt-get install sqlite3")
def test_its_commands_do_what_it_says_one_after_the_other(tmp_path: Path) -> None:
    assert len(COMMANDS) >= 20
    with PortalServer(lanxi.pages()) as portal, web_server() as hook:
        (tmp_path / "portals.toml").write_text(
            f'[[portal]]\nid = "lanxi"\nname = "岚溪县人民政府"\nstart = ["{portal.url}/"]\ndelay = 0\n'
        )
        (tmp_path / "nianbao.toml").write_text(f'[[notify.webhook]]\nurl = "{hook.url}"\nproxy = false\n')
        # One shell for all, as the reader has; each command must end well.
        nianbao = f'nianbao() {{ PYTHONPATH="{ROOT}" "{sys.executable}" -m nianbao "$@"; }}\n'
        script = nianbao + "set -eu\n" + "".join(f"{line}\n" for line in COMMANDS)
        done = subprocess.run(
            ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert portal.agents == {agent for agent in portal.agents if "(+mailto:ops@example.org)" in agent} != set()
        assert len(hook.posts) == 1
    whole = program.dump(tmp_path)
    assert whole["versions"]
    for copy in ("backup", "elsewhere"):
        # The copies were made at different times of the story: only what crawls say of themselves differs.
        assert program.differences(whole, program.dump(tmp_path / copy)) == {}
        program.run(tmp_path, "parse", "--archive", f"{copy}/archive.db")
