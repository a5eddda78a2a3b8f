"""What the tests of deployments share: a small portal on loopback, and the program on the PATH."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawler import lanxi
from tests.crawler.portal_server import PortalServer

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with PortalServer(lanxi.pages()) as running:
        yield running


@pytest.fixture
def portal_file(portal: PortalServer) -> str:
    """The text of a portal file with that portal."""
    return f'[[portal]]\nid = "lanxi"\nname = "岚溪县人民政府"\nstart = ["{portal.url}/"]\ndelay = 0\n'


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder of commands with ``nianbao`` in it, to be put before the PATH."""
    folder = tmp_path / "commands"
    folder.mkdir()
    command(folder, "nianbao", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m nianbao "$@"')
    return folder


def command(folder: Path, name: str, script: str) -> None:
    """Write the shell ``script`` as command ``name``."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def environment(commands: Path, **more: str) -> dict[str, str]:
    """The environment of a test without proxies, with ``commands`` first on the PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "PATH": f"{commands}{os.pathsep}{kept['PATH']}", **more}
