"""Runs crawls in a process of their own: a reactor cannot be started twice in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def start(archive: Path, portals: list[dict[str, Any]]) -> subprocess.Popen[str]:
    """Start a crawl of ``portals`` into ``archive``."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crawler.crawl_process", str(archive), json.dumps(portals)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def crawl(archive: Path, portals: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Crawl ``portals`` into ``archive`` and return the results by portal id."""
    process = start(archive, portals)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return {result["portal_id"]: result for result in json.loads(output)}


def portal(portal_id: str, start: str, **more: Any) -> dict[str, Any]:
    """A portal without throttling, as :func:`crawl` takes it."""
    return {"id": portal_id, "name": "岚溪县人民政府", "start": [start], "delay": 0, **more}


def _main() -> None:
    from archive.store import Archive
    from crawler.portals import Portal
    from crawler.run import crawl as run

    archive = Archive.open(Path(sys.argv[1]))
    portals = [Portal(**{**entry, "start": tuple(entry["start"])}) for entry in json.loads(sys.argv[2])]
    run_id = archive.begin_run("test")
    results = run(archive, portals, run_id)
    archive.finish_run(run_id)
    print(json.dumps([asdict(result) for result in results]))


if __name__ == "__main__":
    _main()
