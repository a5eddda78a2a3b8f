"""A clock that is set back: what is captured later is never dated earlier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from archive import times
from archive.errors import ArchiveError
from archive.store import Archive
from archive.times import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class System:
    """The system's clocks, set by hand; counts as both modules that :mod:`archive.times` asks."""

    def __init__(self, moment: datetime) -> None:
        self.moment, self.ticks = moment, 0.0

    def pass_seconds(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.ticks += seconds

    def monotonic(self) -> float:
        return self.ticks


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    found = System(NOON)
    shown = SimpleNamespace(now=lambda _zone: found.moment, min=datetime.min, fromisoformat=datetime.fromisoformat)
    monkeypatch.setattr(times, "datetime", shown)
    monkeypatch.setattr(times, "time", found)
    monkeypatch.setattr(times, "_clock", Clock())
    return found


def test_a_clock_set_back_meanwhile_goes_on_at_its_own_pace(system: System) -> None:
    assert times.now() == "2026-03-01T12:00:00Z"
    system.moment -= timedelta(days=1)
    system.pass_seconds(5)
    assert times.now() == "2026-03-01T12:00:05Z"
    system.pass_seconds(10)
    assert times.now() == "2026-03-01T12:00:15Z"
    system.moment = NOON + timedelta(minutes=1)
    assert times.now() == "2026-03-01T12:01:00Z"


def test_minutes_behind_the_last_run_are_made_up_for_and_said(
    archive: Archive, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    archive.finish_run(archive.begin_run("crawl"))
    assert caplog.messages == []
    system.moment -= timedelta(minutes=50)
    times._clock = Clock()
    run_id = archive.begin_run("crawl")
    (message,) = caplog.messages
    assert "2026-03-01T12:00:00Z" in message
    system.pass_seconds(7)
    archive.finish_run(run_id)
    assert archive.db.conn.execute("SELECT started_at, finished_at FROM runs ORDER BY rowid DESC").fetchone() == (
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:07Z",
    )


def test_captures_of_a_run_that_was_killed_count(archive: Archive, system: System) -> None:
    run_id = archive.begin_run("crawl")
    system.pass_seconds(1000)
    about = {"fetched_at": times.now(), "portal_id": "yunxi", "http_status": 200}
    archive.record_capture(run_id, "http://www.yunxi.example/a", b"a", **about)
    system.moment -= timedelta(seconds=900)
    times._clock = Clock()
    archive.begin_run("crawl")
    assert times.now() == about["fetched_at"]


def test_a_stated_time_of_an_imported_file_is_no_clock(archive: Archive, system: System) -> None:
    run_id = archive.begin_run("import")
    archive.record_capture(run_id, None, b"a", fetched_at="2031-01-01T00:00:00Z")
    archive.finish_run(run_id)
    archive.begin_run("import")
    assert times.now() == "2026-03-01T12:00:00Z"


def test_days_behind_the_last_run_is_refused_with_the_remedy(
    archive: Archive, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.finish_run(archive.begin_run("crawl"))
    system.moment -= timedelta(days=2)
    times._clock = Clock()
    with pytest.raises(ArchiveError, match=r"2026-02-27T12:00:00Z.*archive\.db.*2026-03-01T12:00:00Z: set the clock"):
        archive.begin_run("crawl")
    assert archive.db.conn.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    monkeypatch.setenv("NIANBAO_DESPITE_CLOCK", "1")
    archive.begin_run("crawl")
    assert times.now() == "2026-03-01T12:00:00Z"
