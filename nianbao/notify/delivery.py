"""Which channel is told what, and when: what changed or failed, once, and again when it lasts."""

from __future__ import annotations

from datetime import UTC, datetime

from archive import notices, times
from archive.health import ERROR, Health, PortalHealth, Verdict
from archive.notices import Notice
from archive.store import Archive
from nianbao.notify.channels import Channel
from nianbao.notify.config import Config
from nianbao.notify.errors import DeliveryError
from nianbao.notify.message import Message, of_health

_CRAWLS = ""
_ANYTHING = "*"
# Schedules begin a little earlier on some days than on others.
_EARLY = 0.5


def tell(archive: Archive, health: Health, config: Config, now: datetime | None = None) -> list[str]:
    """Tell every channel what it has not been told of ``health``; return what could not be delivered.

    A channel that fails is told everything again the next time. The caller holds the write lock.
    """
    now = now or datetime.now(UTC)
    failures = []
    for channel in config.channels:
        told = notices.load(archive, channel.key)
        message, states = _news(archive, health, config, told, now)
        if message is None:
            continue
        try:
            channel.send(message)
        except DeliveryError as error:
            failures.append(str(error))
        else:
            notices.save(archive, channel.key, {**states, _ANYTHING: ""})
    return failures


def send(message: Message, channels: tuple[Channel, ...]) -> list[str]:
    """Send ``message`` by every channel; return what could not be delivered."""
    failures = []
    for channel in channels:
        try:
            channel.send(message)
        except DeliveryError as error:
            failures.append(str(error))
    return failures


def _news(
    archive: Archive, health: Health, config: Config, told: dict[str, Notice], now: datetime
) -> tuple[Message | None, dict[str, str]]:
    """The message that is due, if any, and the states that it tells."""
    states = {portal.portal_id: _state_of(portal, config.after_crawls) for portal in health.portals}
    states[_CRAWLS] = _state(health.verdicts)
    due = {
        subject: state
        for subject, state in states.items()
        if _is_news(state, told.get(subject), config.remind_days, now)
    }
    failing = [portal for portal in health.portals if due.get(portal.portal_id)]
    recovered = [portal for portal in health.portals if due.get(portal.portal_id) == ""]
    if not due and not _is_time_for_heartbeat(health, config, told, now):
        return None, {}
    message = of_health(
        health,
        failing,
        recovered,
        crawls=_CRAWLS in due,
        archive=str(archive.path),
        at=times.normalise(now.isoformat()),
        language=config.language,
    )
    return message, due


def _is_news(state: str, before: Notice | None, remind_days: int, now: datetime) -> bool:
    if before is None or not before.state:
        return bool(state)
    return state != before.state or _days_since(before.told_at, now) >= remind_days - _EARLY


def _is_time_for_heartbeat(health: Health, config: Config, told: dict[str, Notice], now: datetime) -> bool:
    if config.heartbeat_days is None or health.failing:
        return False
    last = told.get(_ANYTHING)
    return last is None or _days_since(last.told_at, now) >= config.heartbeat_days - _EARLY


def _state_of(portal: PortalHealth, after_crawls: int) -> str:
    patient = portal.failures < after_crawls
    return _state([verdict for verdict in portal.verdicts if not (patient and verdict.monitor == "fell_short")])


def _state(verdicts: tuple[Verdict, ...] | list[Verdict]) -> str:
    """What is wrong, as far as another message is worth it: not which of its ways a server fails in."""
    found = []
    for verdict in verdicts:
        if verdict.severity != ERROR:
            continue
        status, reason = verdict.values.get("status"), verdict.values.get("reason")
        detail = status if status == "failed" else reason or status
        found.append(f"{verdict.monitor}:{detail}" if detail else verdict.monitor)
    return " ".join(sorted(found))


def _days_since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds() / 86400
