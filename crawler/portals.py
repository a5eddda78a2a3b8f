"""Portal files: which portals there are and how each is to be crawled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta, timezone
from importlib import resources
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
    slow server with large files, less for one that often hangs.
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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise PortalFileError(f"{path}: cannot be read ({reason}); give the path of a TOML file") from error
    return parse(text, str(path))


def builtin() -> list[Portal]:
    """The registry that comes with Nianbao."""
    file = resources.files("crawler").joinpath("portals.toml")
    return parse(file.read_text(encoding="utf-8"), "crawler/portals.toml")


def parse(text: str, source: str) -> list[Portal]:
    """Read portals from TOML ``text``; ``source`` names it in messages.

    Raises :class:`PortalFileError`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PortalFileError(f"{source}: not valid TOML: {error}") from error
    for key in data:
        if key != "portal":
            raise PortalFileError(f"{source}: unknown table “{key}”; a portal file holds [[portal]] tables")
    entries = data.get("portal")
    if not isinstance(entries, list) or not entries:
        raise PortalFileError(f"{source}: no [[portal]] table; add one with id, name and start")
    portals = [_portal(entry, f"{source}: portal {number}") for number, entry in enumerate(entries, 1)]
    seen: set[str] = set()
    for portal in portals:
        if portal.id in seen:
            raise PortalFileError(f"{source}: two portals have the id “{portal.id}”; ids must be unique")
        seen.add(portal.id)
    return portals


def select(portals: Iterable[Portal], ids: Iterable[str], source: str) -> list[Portal]:
    """Those of ``portals`` named by ``ids``, in that order; all of them if none is named.

    Raises :class:`PortalFileError` for an id that is not there.
    """
    known = {portal.id: portal for portal in portals}
    chosen = list(ids)
    for portal_id in chosen:
        if portal_id not in known:
            raise PortalFileError(f"{source}: no portal “{portal_id}”; known are: {', '.join(sorted(known))}")
    return [known[portal_id] for portal_id in chosen] if chosen else list(known.values())


def _portal(entry: object, where: str) -> Portal:
    if not isinstance(entry, dict):
        raise PortalFileError(f"{where}: not a table; write [[portal]] above its keys")
    where = f"{where} (“{entry['id']}”)" if isinstance(entry.get("id"), str) else where
    known = {field.name for field in fields(Portal)}
    for key in entry:
        if key not in known:
            raise PortalFileError(f"{where}: unknown key “{key}”; known are: {', '.join(sorted(known))}")
    for key in ("id", "name", "start"):
        if not entry.get(key):
            raise PortalFileError(f"{where}: “{key}” is missing; every portal needs id, name and start")
    values = dict(entry)
    start = [values["start"]] if isinstance(values["start"], str) else values["start"]
    if not isinstance(start, list) or not all(isinstance(url, str) and _is_web_url(url) for url in start):
        raise PortalFileError(f'{where}: “start” must be http(s) URLs, such as ["https://www.example.gov.cn/"]')
    values["start"] = tuple(start)
    for key, value in values.items():
        if key == "delay":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_DELAY:
                raise PortalFileError(f"{where}: “delay” must be seconds from 0 to {MAX_DELAY:.0f}")
            values[key] = float(value)
        elif key == "timeout":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= MAX_TIMEOUT:
                raise PortalFileError(f"{where}: “timeout” must be seconds from 1 to {MAX_TIMEOUT:.0f}")
            values[key] = float(value)
        elif key != "start" and not (isinstance(value, str) and value.isprintable()):
            raise PortalFileError(f"{where}: “{key}” must be one line of text; put it in quotes")
    if "hours" in values and not _HOURS.fullmatch(values["hours"]):
        raise PortalFileError(f'{where}: “hours” must be a span such as "22:00-06:00"')
    if values.get("tls", LEGACY_TLS) != LEGACY_TLS:
        raise PortalFileError(f'{where}: “tls” can only be "{LEGACY_TLS}"')
    if any(character.isspace() or character in "/\\" for character in values["id"]):
        raise PortalFileError(f"{where}: “id” must have no spaces or slashes")
    return Portal(**values)


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
