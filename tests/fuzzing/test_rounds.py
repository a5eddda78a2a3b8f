"""What a round of fuzzing is said to have done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzzing import __main__ as command
from fuzzing.target import Target
from fuzzing.targets import all_targets

_LOG = """INFO: Instrumenting parsers.report
#2      INITED cov: 1500 ft: 5000 corp: 1/12b exec/s: 0 rss: 180Mb
#512    pulse  cov: 1809 ft: 6648 corp: 360/368Kb lim: 16000 exec/s: 7 rss: 187Mb
Done 700 runs in 100 second(s)
"""


def test_loading_the_program_is_no_fuzzing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fuzz(_target: Target, _arguments: list[str], log: Path) -> int:
        log.parent.mkdir(parents=True)
        log.write_text(_LOG, "utf-8")
        return 0

    monkeypatch.setattr(command, "WORK", tmp_path)
    monkeypatch.setattr(command, "_libfuzzer", fuzz)
    one = command._round(all_targets()["search"], 100)
    assert (one.executions, one.seconds, one.coverage, one.features) == (700, 100, 1809, 6648)
    assert json.loads((tmp_path / "runs.jsonl").read_text("utf-8"))["executions"] == 700
