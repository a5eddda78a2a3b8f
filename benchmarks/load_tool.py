"""Load by ``wrk``, which asks for the addresses of a list in turn from so many connections."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

_SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("LOAD_PATHS")) do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, requests)
  local failed = summary.errors
  io.write(string.format(
    '\\n@{"requests": %d, "seconds": %f, "p50": %f, "p95": %f, "longest": %f, "failed": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency.max / 1e3, failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
"""
_LONGEST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Load:
    """What so many readers saw: requests answered, and milliseconds until an answer was complete."""

    requests: int
    seconds: float
    p50: float
    p95: float
    longest: float
    failed: int


def require_tool() -> None:
    """Raise ClickException where wrk is not installed."""
    if shutil.which("wrk") is None:
        raise click.ClickException(
            "the load tool wrk is needed: apt-get install wrk (Debian, Ubuntu), dnf install wrk (Fedora), "
            "brew install wrk (macOS)"
        )


def load(address: str, paths: list[str], readers: int, seconds: float) -> Load:
    """Ask for ``paths`` below ``address`` in turn, ``readers`` at once, for ``seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        script, listed = Path(folder) / "load.lua", Path(folder) / "paths"
        script.write_text(_SCRIPT)
        listed.write_text("\n".join(paths) + "\n", "utf-8")
        done = subprocess.run(
            ["wrk", "-t1", f"-c{readers}", f"-d{max(1, round(seconds))}s", f"--timeout={_LONGEST_SECONDS}s",
             "-s", str(script), address],
            env={"LOAD_PATHS": str(listed), "PATH": "/usr/bin:/usr/local/bin:/opt/homebrew/bin"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    lines = [line[1:] for line in done.stdout.splitlines() if line.startswith("@")]
    if done.returncode or not lines:
        raise click.ClickException(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    return Load(**json.loads(lines[0]))
