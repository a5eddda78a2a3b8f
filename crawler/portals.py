"""Portal files: which portals there are and how each is to be crawled."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.settings import user_agent

MAX_DELAY = 3600.0
MAX_TIMEOUT = 3600.0
LEGACY_TLS = "legacy"
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")
_BEIJING = timezone(timedelta(hours=8))
UNTHROTTLED_CONCURRENCY = 8
_FEW = 20
# Keys whose values are seconds, with the least and the most.
_SECONDS = {"delay": (0.0, MAX_DELAY), "timeout": (1.0, MAX_TIMEOUT)}


class PortalFileError(ValueError):
    """A portal file cannot be used; the message names file, entry and remedy."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One government portal.

    ``start`` are the URLs discovery begins at. ``delay`` is in seconds between requests to
    one host: None leaves Scrapy's AutoThrottle in charge, 0 turns all throttling off.
    ``division`` is the six-digit code of GB/T 2260, ``cms`` the name of a family in
    :mod:`crawler.cms` for pages that show none. ``hours`` ("22:00-06:00", time of Beijing) are
    those in which the portal may be asked; outside of them a crawl waits for the next run.
    ``tls`` is "legacy" for a portal whose server knows only outdated TLS. ``timeout`` are the seconds
    that an answer may take, from connecting to its last byte, in place of the usual 60: more for a
    slow server with large files, less for one that often hangs. ``note`` is a remark for
    people, such as why a host outside gov.cn stands here.
    """

    id: str
    name: str
    start: tuple[str, ...]
    division: str | None = None
    organ: str | None = None
    cms: str | None = None
    delay: float | None = None
    province: str | None = None
    city: str | None = None
    county: str | None = None
    contact: str | None = None
    last_verified: str | None = None
    hours: str | None = None
    tls: str | None = None
    note: str | None = None
    timeout: float | None = None

    def may_be_asked(self, now: datetime) -> bool:
        """Whether ``now`` (with time zone) lies within ``hours``."""
        match = _HOURS.fullmatch(self.hours or "")
        if match is None:
            return True
        begin, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
        clock = now.astimezone(_BEIJING).time()
        return begin <= clock < end if begin <= end else clock >= begin or clock < end

    def settings(self) -> dict[str, Any]:
        """Scrapy settings in which this portal differs from :mod:`crawler.settings`."""
        changed: dict[str, Any] = {}
        if self.contact:
            changed["USER_AGENT"] = user_agent(self.contact)
        if self.timeout is not None:
            changed["DOWNLOAD_TIMEOUT"] = self.timeout
        if self.tls == LEGACY_TLS:
            changed |= {
                "DOWNLOADER_CLIENTCONTEXTFACTORY": "crawler.tls.LegacyContextFactory",
                "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.0",
            }
        if self.delay == 0:
            changed |= {
                "DOWNLOAD_DELAY": 0,
                "AUTOTHROTTLE_ENABLED": False,
                "CONCURRENT_REQUESTS_PER_DOMAIN": UNTHROTTLED_CONCURRENCY,
            }
        elif self.delay is not None:
            changed |= {
                "DOWNLOAD_DELAY": self.delay,
                "DOWNLOAD_DELAY_JITTER": 0,
                "AUTOTHROTTLE_START_DELAY": self.delay,
                "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            }
        return changed


def load(path: Path) -> list[Portal]:
    """Read the portals of the TOML file at ``path``.

    Raises :class:`PortalFileError` if the file cannot be read or an entry is not valid.
    """
    return parse(read(path), str(path))


def read(path: Path) -> str:
    """The text of the portal file at ``path``; raises :class:`PortalFileError` if it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise PortalFileError(f"{path}: cannot be read ({reason}); give the path of a TOML file") from error


def builtin_path() -> Path:
    """Where the registry that comes with Nianbao stands."""
    return Path(__file__).with_name("portals.toml")


def builtin() -> list[Portal]:
    """The registry that comes with Nianbao."""
    return parse(read(builtin_path()), "crawler/portals.toml")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a portal file: in its entry ``number`` (from 1), at ``key``; None where it has no such."""

    message: str
    number: int | None = None
    key: str | None = None


def parse(text: str, source: str) -> list[Portal]:
    """Read portals from TOML ``text``; ``source`` names it in messages.

    Raises :class:`PortalFileError` for the first fault.
    """
    entries, portals, faults = examine(text)
    for fault in faults:
        where = source
        if fault.number is not None:
            entry = entries[fault.number - 1]
            portal_id = entry.get("id") if isinstance(entry, dict) else None
            named = f" (“{portal_id}”)" if isinstance(portal_id, str) and portal_id.isprintable() else ""
            where = f"{source}: portal {fault.number}{named}"
        raise PortalFileError(f"{where}: {fault.message}")
    return list(portals.values())


def examine(text: str) -> tuple[list[object], dict[int, Portal], list[Fault]]:
    """The entries of TOML ``text``, the portals of those that can be used by their numbers, and every fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [], {}, [Fault(f"not valid TOML: {error}")]
    known = "a portal file holds [[portal]] tables"
    faults = [Fault(f"unknown table “{key}”; {known}", key=key) for key in data if key != "portal"]
    entries = data.get("portal")
    if not isinstance(entries, list) or not entries:
        return [], {}, [*faults, Fault("no [[portal]] table; add one with id, name and start")]
    portals: dict[int, Portal] = {}
    seen: set[str] = set()
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            faults.append(Fault("not a table; write [[portal]] above its keys", number))
            continue
        found = [Fault(message, number, key) for key, message in _faults(entry)]
        if not found:
            portal = _portal(entry)
            if portal.id in seen:
                found.append(Fault(f"two portals have the id “{portal.id}”; ids must be unique", number, "id"))
            else:
                portals[number] = portal
            seen.add(portal.id)
        faults += found
    return entries, portals, faults


def select(portals: Iterable[Portal], ids: Iterable[str], source: str) -> list[Portal]:
    """Those of ``portals`` named by ``ids``, in that order; all of them if none is named.

    Raises :class:`PortalFileError` for an id that is not there.
    """
    known = {portal.id: portal for portal in portals}
    chosen = list(ids)
    for portal_id in chosen:
        if portal_id not in known:
            raise PortalFileError(f"{source}: no portal “{portal_id}”; {_alike(portal_id, sorted(known))}")
    return [known[portal_id] for portal_id in chosen] if chosen else list(known.values())


def _alike(portal_id: str, known: list[str]) -> str:
    if len(known) <= _FEW:
        return f"known are: {', '.join(known)}"
    alike = [one for one in known if portal_id in one] or difflib.get_close_matches(portal_id, known)
    listed = f"alike are: {', '.join(alike[:_FEW])}; " if alike else ""
    return f"{listed}“nianbao portals” lists all {len(known)}"


def _portal(entry: dict[str, Any]) -> Portal:
    """The portal of an entry without faults."""
    values = dict(entry)
    values["start"] = (entry["start"],) if isinstance(entry["start"], str) else tuple(entry["start"])
    values |= {key: float(values[key]) for key in _SECONDS.keys() & values.keys()}
    return Portal(**values)


def _faults(entry: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    """(Key, what is wrong with it) for everything that makes ``entry`` unusable."""
    known = {field.name for field in fields(Portal)}
    for key in entry:
        if key not in known:
            yield key, f"unknown key “{key}”; known are: {', '.join(sorted(known))}"
    for key in ("id", "name", "start"):
        if not entry.get(key):
            yield key, f"“{key}” is missing; every portal needs id, name and start"
    for key, value in entry.items():
        if key not in known or (key in ("id", "name", "start") and not value):
            continue
        if key == "start":
            start = [value] if isinstance(value, str) else value
            if not isinstance(start, list) or not all(isinstance(url, str) and _is_web_url(url) for url in start):
                yield key, '“start” must be http(s) URLs, such as ["https://www.example.gov.cn/"]'
        elif key in _SECONDS:
            least, most = _SECONDS[key]
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                yield key, f"“{key}” must be seconds from {least:.0f} to {most:.0f}"
        elif not (isinstance(value, str) and value.isprintable()):
            yield key, f"“{key}” must be one line of text; put it in quotes"
        elif key == "hours" and not _HOURS.fullmatch(value):
            yield key, '“hours” must be a span such as "22:00-06:00"'
        elif key == "tls" and value != LEGACY_TLS:
            yield key, f'“tls” can only be "{LEGACY_TLS}"'
        elif key == "id" and any(character.isspace() or character in "/\\" for character in value):
            yield key, "“id” must have no spaces or slashes"


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
