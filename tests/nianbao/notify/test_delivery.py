"""Messages come when something changed or failed, not every day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import notices
from archive.health import ERROR, WARNING, Health, PortalHealth, Season, Verdict
from archive.store import Archive
from nianbao.notify.channels import Channel
from nianbao.notify.config import Config
from nianbao.notify.delivery import tell
from nianbao.notify.errors import DeliveryError
from nianbao.notify.message import Message


@dataclass
class Ear(Channel):
    name: str = "ear"
    heard: list[Message] = field(default_factory=list)
    deaf: bool = False

    @property
    def key(self) -> str:
        return self.name

    def send(self, message: Message) -> None:
        if self.deaf:
            raise DeliveryError("the ear is deaf")
        self.heard.append(message)


def _portal(
    portal_id: str, *verdicts: Verdict, status: str = "ok", reason: str | None = None, failures: int = 0
) -> PortalHealth:
    return PortalHealth(
        portal_id, f"{portal_id}县人民政府", status, reason, "2026-02-20T06:00:00Z", "2026-02-18T06:00:00Z", failures,
        {"found": 3}, Season(2025, 0, 0, ()), verdicts,
    )  # fmt: skip


def _short(portal_id: str = "a", reason: str = "blocked:412", failures: int = 1) -> PortalHealth:
    status = reason.partition(":")[0]
    verdict = Verdict("fell_short", ERROR, {"status": status, "reason": reason})
    return _portal(portal_id, verdict, status=status, reason=reason, failures=failures)


class Days:
    """Tells ``ear`` of one day after the other."""

    def __init__(self, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive, self.ear, self.now = archive, Ear(), datetime.now(UTC)
        monkeypatch.setattr(notices.times, "now", lambda: notices.times.normalise(self.now.isoformat()))

    def next(
        self, *portals: PortalHealth, crawls: tuple[Verdict, ...] = (), days: float = 1, **config: object
    ) -> Message | None:
        """The message of the next day, None if there was none."""
        self.now += timedelta(days=days)
        before = len(self.ear.heard)
        self.failures = tell(
            self.archive,
            Health(portals, crawls),
            Config(channels=(self.ear,), **config),
            self.now,  # type: ignore[arg-type]
        )
        heard = self.ear.heard[before:]
        assert len(heard) <= 1
        return heard[0] if heard else None


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with Archive.open(tmp_path / "archive.db") as archive:
        yield Days(archive, monkeypatch)


def test_nothing_is_said_where_all_is_well(days: Days) -> None:
    assert days.next(_portal("a"), _portal("b")) is None
    assert days.next(_portal("a", Verdict("waiting", WARNING, {"reason": "partial:hours"}))) is None


def test_a_failure_is_told_once_and_again_when_it_lasts_and_when_it_is_over(days: Days) -> None:
    message = days.next(_short(failures=1), _portal("b"))
    assert message is not None
    assert message.subject == "Nianbao: 1 of 2 portals need attention"
    for part in (
        "a县人民政府",
        "(a)",
        "blocked:412",
        "a browser's proof",
        "What to do: wait a day",
        "2026-02-18",
        str(days.archive.path),
    ):
        assert part in message.text, part
    assert "b县" not in message.text
    for _ in range(6):
        assert days.next(_short(failures=2), _portal("b")) is None
    reminder = days.next(_short(failures=8), _portal("b"))
    assert reminder is not None
    assert "8 crawls in a row" in reminder.text
    over = days.next(_portal("a"), _portal("b"))
    assert over is not None
    assert (over.subject, "Well again: a县人民政府 (a)" in over.text) == ("Nianbao: 1 portals are well again", True)
    assert days.next(_portal("a"), _portal("b")) is None


def test_another_reason_is_news_another_way_of_being_down_is_not(days: Days) -> None:
    assert days.next(_short(reason="failed:timeout")) is not None
    assert days.next(_short(reason="failed:connection")) is None
    assert days.next(_short(reason="partial:declared_total")) is not None
    assert days.next(_short(reason="partial:declared_pages")) is not None


def test_only_what_is_new_is_told(days: Days) -> None:
    days.next(_short("a"), _portal("b"))
    message = days.next(_short("a"), _short("b"))
    assert message is not None
    assert [portal["id"] for portal in message.data["failing"]] == ["b"]
    assert message.subject == "Nianbao: 2 of 2 portals need attention"


def test_what_a_channel_did_not_get_it_is_told_the_next_time(days: Days) -> None:
    days.ear.deaf = True
    assert days.next(_short()) is None
    assert days.failures == ["the ear is deaf"]
    days.ear.deaf = False
    assert days.next(_short()) is not None
    assert days.failures == []


def test_one_deaf_channel_does_not_silence_the_others(days: Days) -> None:
    deaf, good = Ear("deaf", deaf=True), Ear("good")
    failures = tell(days.archive, Health((_short(),), ()), Config(channels=(deaf, good)), days.now)
    assert (failures, len(good.heard)) == (["the ear is deaf"], 1)


def test_patience(days: Days) -> None:
    assert days.next(_short(failures=1), after_crawls=2) is None
    assert days.next(_portal("a"), after_crawls=2) is None
    assert days.next(_short(failures=1), after_crawls=2) is None
    assert days.next(_short(failures=2), after_crawls=2) is not None


def test_a_heartbeat_where_it_is_wanted_and_all_is_well(days: Days) -> None:
    message = days.next(_portal("a"), heartbeat_days=3)
    assert message is not None
    assert message.subject == "Nianbao: all 1 portals are well"
    assert [days.next(_portal("a"), heartbeat_days=3) is None for _ in range(3)] == [True, True, False]
    assert days.next(_short(), heartbeat_days=3) is not None
    assert days.next(_short(), days=4, heartbeat_days=3) is None


def test_weekly_crawls_remind_weekly_though_they_begin_at_another_minute(days: Days) -> None:
    days.next(_short())
    assert days.next(_short(failures=2), days=6.99) is not None


def test_crawls_that_do_not_end(days: Days) -> None:
    killed = Verdict("killed", ERROR, {"since": "2026-02-19T06:00:00Z"})
    message = days.next(_portal("a"), crawls=(killed,), language="zh")
    assert message is not None
    assert message.subject == "年报库：抓取任务需要处理"
    assert "2026-02-19T06:00:00Z 开始的抓取没有正常结束" in message.text
    assert message.data["crawls"][0]["monitor"] == "killed"
    assert days.next(_portal("a"), crawls=(killed,)) is None
    # Well again, which says nothing of portals that are known to fail.
    assert days.next(_short(), crawls=(killed,)) is not None
    message = days.next(_short())
    assert message is not None
    assert message.subject == "Nianbao: crawls begin and end again as they should"


def test_chinese(days: Days) -> None:
    message = days.next(_short(), language="zh")
    assert message is not None
    assert message.subject == "年报库：1 个门户中有 1 个需要处理"
    assert "处理：停一天再试" in message.text


def test_very_many_portals_are_cut_short_for_people_not_for_programs(days: Days) -> None:
    message = days.next(*(_short(f"p{number:03}") for number in range(100)))
    assert message is not None
    assert "… and 60 more; nianbao status shows all" in message.text
    assert len(message.data["failing"]) == 100
