import os

import pytest

from archive import capacity


@pytest.mark.parametrize(
    ("processors", "memory", "workers"),
    [(8, 64_000, 8), (8, 4_000, 2), (2, 1_000, 1), (1, 64_000, 1)],
)
def test_as_many_workers_as_processors_and_memory_allow(monkeypatch, processors, memory, workers):
    monkeypatch.setattr(capacity, "usable_processors", lambda: processors)
    monkeypatch.setattr(capacity, "available_memory", lambda: memory * 10**6)
    assert capacity.default_workers(1_500_000_000) == workers


def test_a_container_limits_memory(monkeypatch, tmp_path):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(capacity, "_CGROUP_LIMITS", (limit,))
    limit.write_text("max\n")
    whole = capacity.available_memory()
    assert whole > 10**8
    limit.write_text("100000000\n")
    assert capacity.available_memory() == 10**8


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no processor affinity")
def test_processors_are_those_allowed():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert capacity.usable_processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)
