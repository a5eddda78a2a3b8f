"""What the fault matrix itself promises: a command that hangs is told from one that a busy machine let wait."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from benchmarks.fault_rig import workloads, zygote


def test_a_command_that_hangs_says_where_it_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workloads, "SECONDS", 0)
    portals = tmp_path / "portals.toml"
    os.mkfifo(portals)
    command = workloads.start(tmp_path, "crawl", "--portals", portals.name)
    # Opening it for writing waits until the command reads, of which there will be no end.
    with portals.open("w"):
        done = workloads.finish(command)
    assert done.status != 0
    assert "crawler/portals.py" in done.errors
    assert "still running after 0 seconds" in done.last_line


def test_a_command_that_is_over_before_its_number_is_read_is_not_waited_for() -> None:
    receiver, sender = os.pipe()
    os.write(sender, b"4711\n0\n")
    assert zygote._line(receiver) == b"4711\n"
    assert select.select([receiver], [], [], 0)[0]
    assert zygote.Forked(4711, receiver, Path("nowhere")).poll() == 0
    os.close(sender)
    with pytest.raises(AssertionError, match="has ended"):
        zygote._line(receiver)
    os.close(receiver)
