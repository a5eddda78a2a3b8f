"""What is wrong in a portal file: everything, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from crawler import cms, portals, urls
from crawler.hosts import GOVERNMENT_SUFFIX, HostRules, is_public, literal_address
from crawler.portals import Fault, Portal
from parsers import divisions
from parsers.divisions import Division
from parsers.hosts import host_and_port

_HEADER = re.compile(r"\s*\[\[\s*portal\s*\]\]")
_KEY = re.compile(r"""\s*(?P<quote>["']?)(?P<key>[\w-]+)(?P=quote)\s*=""")
_TABLE = re.compile(r"""\s*\[+\s*["']?(?P<key>[\w-]+)""")
_TOML_LINE = re.compile(r"at line (\d+)")
_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class EntryFault:
    """A fault at ``line`` of a portal file, in the entry ``portal_id`` if its id can be told."""

    line: int
    portal_id: str | None
    message: str


def findings(text: str, *, allow_private: bool = False) -> list[EntryFault]:
    """Every fault of a portal file's ``text``, by line.

    Stricter than what a crawl needs to read the file: division codes, names, hosts and dates are
    looked at too. A private address is a fault unless ``allow_private``.
    """
    entries, readable, faults = portals.examine(text)
    faults = [*faults, *_of_entries(readable, allow_private=allow_private)]
    lines = _Lines(text)
    found = []
    for fault in faults:
        entry = entries[fault.number - 1] if fault.number else None
        portal_id = entry.get("id") if isinstance(entry, dict) else None
        shown = portal_id if isinstance(portal_id, str) and portal_id.isprintable() else None
        found.append(EntryFault(lines.of(fault), shown, fault.message))
    return sorted(found, key=lambda finding: finding.line)


class _Lines:
    """Where the entries and keys of a portal file stand."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._headers = [number for number, line in enumerate(self._lines, 1) if _HEADER.match(line)]

    def of(self, fault: Fault) -> int:
        """The line of what is wrong: of its key, else of its entry, else of the file."""
        if fault.number is None:
            stated = _TOML_LINE.search(fault.message)
            if stated:
                return int(stated[1])
            return next((number for number, line in enumerate(self._lines, 1) if _names(line, fault.key)), 1)
        if fault.number > len(self._headers):
            # Written as an array of inline tables.
            return next((number for number, line in enumerate(self._lines, 1) if _names(line, "portal")), 1)
        begin = self._headers[fault.number - 1]
        end = next((header for header in self._headers if header > begin), len(self._lines) + 1)
        keys = range(begin + 1, end)
        return next((number for number in keys if _names(self._lines[number - 1], fault.key)), begin)


def _names(line: str, key: str | None) -> bool:
    match = _KEY.match(line) or _TABLE.match(line)
    return bool(key and match and match["key"] == key)


def _of_entries(readable: dict[int, Portal], *, allow_private: bool) -> Iterator[Fault]:
    starts: dict[str, str] = {}
    for number, portal in readable.items():
        for key, message in _of_portal(portal, allow_private=allow_private):
            yield Fault(message, number, key)
        for url in portal.start:
            place = urls.key(url)
            if other := starts.get(place):
                whose = "twice in this entry" if other == portal.id else f"that of portal “{other}” too"
                yield Fault(f"the start {url} is {whose}; keep one of them", number, "start")
            starts.setdefault(place, portal.id)


def _of_portal(portal: Portal, *, allow_private: bool) -> Iterator[tuple[str, str]]:
    for url in portal.start:
        if message := _of_address(url, portal, allow_private=allow_private):
            yield "start", message
    if portal.division:
        yield from _of_division(portal, portal.division)
    if portal.cms and cms.named(portal.cms) is None:
        names = ", ".join(sorted(family.name for family in cms.families()))
        yield "cms", f"unknown family “{portal.cms}” in cms; known are: {names}"
    if portal.last_verified and (message := _of_date(portal.last_verified)):
        yield "last_verified", message


def _of_address(url: str, portal: Portal, *, allow_private: bool) -> str | None:
    place = host_and_port(url)
    if place is None or "@" in urlsplit(url).netloc:
        return f"the start {url} has a host that browsers read otherwise; write scheme, host and path only"
    if urlsplit(url).fragment:
        return f"the start {url} has a fragment, which is never sent; leave out what follows #"
    host = place[0]
    address = literal_address(host)
    is_local = not is_public(address) if address else "." not in host or host.endswith(_LOCAL)
    if is_local:
        said = "is a private address, which no portal of the internet has"
        return None if allow_private else f"the start {url} {said}; if it is meant, say --allow-private"
    if portal.note or (address is not None and allow_private):
        return None
    if address:
        return f"the start {url} is an address without a name; give the name, or say why in “note”"
    if not HostRules([url]).is_government(url):
        return f"the start {url} is not under {GOVERNMENT_SUFFIX}; if it is the body's own, say so in “note”"
    return None


def _of_division(portal: Portal, code: str) -> Iterator[tuple[str, str]]:
    division = divisions.by_code(code) if re.fullmatch(r"\d{6}", code) else None
    if division is None:
        yield "division", f"unknown division “{code}”; it must be a six-digit code of GB/T 2260 (parsers/divisions.tsv)"
        return
    if division.until is not None:
        heir = divisions.successor(division)
        now = f"; what followed it is {heir.name} ({heir.code})" if heir else ""
        yield "division", f"{division.name} ({code}) stood until {division.until} only{now}"
        return
    if message := _of_name(portal.name, division):
        yield "name", message
    for key, wanted in places(division).items():
        given = getattr(portal, key)
        if given and given != wanted:
            stands = f"{division.name} ({code}) lies in {wanted}" if wanted else f"{division.name} ({code}) has none"
            yield key, f"“{key}” is {given}, but {stands}; leave the key out, the division tells it"


def places(division: Division) -> dict[str, str | None]:
    """The province, city and county that a division is or lies in."""
    return {
        "province": division.province.name,
        "city": division.city.name if division.city else None,
        "county": division.name if division.level == "county" else None,
    }


def _of_name(name: str, division: Division) -> str | None:
    named = divisions.read_prefix(name)
    if named:
        if any(prefix.division.code == division.code for prefix in named):
            return None
        said = " or ".join(f"{prefix.division.name} ({prefix.division.code})" for prefix in named)
        return f"the name {name} is one of {said}, the division is {division.name} ({division.code})"
    if name.startswith((division.short, division.full_name)):
        return None
    return f"the name {name} does not begin with its division, {division.full_name} ({division.code})"


def _of_date(value: str) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return f"“last_verified” is {value}; it must be a date such as 2026-01-31, or empty"
    # Tomorrow already, in Beijing.
    if day > datetime.now(UTC).date() + timedelta(days=1):
        return f"“last_verified” is {value}, which is still to come"
    return None
