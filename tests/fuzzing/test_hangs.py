"""What takes too long is ended by its time at work, not by the clock of a busy machine."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_INPUT = """
import time
from fuzzing import hangs

def endless():
    while True:
        pass

hangs.prepare()
with hangs.bounded(at_work=1, waiting={waiting}):
    {what}
print("over")
"""


def _run(what: str, waiting: float) -> subprocess.CompletedProcess[str]:
    code = _INPUT.format(what=what, waiting=waiting)
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_endless_input_is_ended_and_says_where_it_stood() -> None:
    ended = _run("endless()", 600)
    assert ended.returncode == -signal.SIGXCPU
    assert "in endless" in ended.stderr


def test_an_input_that_a_busy_machine_lets_wait_is_not_ended() -> None:
    assert _run("time.sleep(3)", 600).stdout == "over\n"


def test_an_input_that_waits_for_ever_is_ended_by_the_clock() -> None:
    ended = _run("time.sleep(600)", 0.5)
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
