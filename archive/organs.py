"""Identity and place of the organs that report.

The same name stands for different organs in different places, so an organ is its name
within a context: the portal's division, else the portal, else the government's domain.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

import tldextract
from sqlite_utils import Database

from parsers.normalise import squeeze
from parsers.organs import classify

_extract_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class PortalPlace:
    """What is known of a portal's place: its hosts, division code and names."""

    id: str
    hosts: tuple[str, ...]
    division_code: str | None
    province: str | None
    city: str | None
    county: str | None


@dataclass(frozen=True, slots=True)
class Organ:
    """A row of the table ``organs``."""

    id: str
    name: str
    division_code: str | None
    province: str | None
    city: str | None
    county: str | None
    level: str | None
    kind: str
    portal_id: str | None


@cache
def _provinces() -> dict[str, str]:
    data = tomllib.loads(resources.files("archive").joinpath("divisions.toml").read_text("utf-8"))
    return dict(data["provinces"])


class Places:
    """The portals of an archive, to place organs and to vouch for hosts."""

    def __init__(self, db: Database) -> None:
        self._portals = {
            row[0]: PortalPlace(
                row[0], tuple(_host(url) for url in json.loads(row[2] or "[]")), row[1], row[3], row[4], row[5]
            )
            for row in db.conn.execute(
                "SELECT p.id, p.division_code, l.start_urls, l.province, l.city, l.county"
                " FROM portals p LEFT JOIN _portal_places l ON l.portal_id = p.id"
            )
        }

    def portal_of(self, url: str, portal_id: str | None) -> PortalPlace | None:
        """The portal that a capture came from, else the one to whose host its address belongs."""
        if portal_id in self._portals:
            return self._portals[portal_id]
        host = _host(url)
        fitting = [
            portal for portal in self._portals.values() if host and any(_within(host, own) for own in portal.hosts)
        ]
        return max(fitting, key=lambda portal: max(len(own) for own in portal.hosts), default=None)

    def trusted(self, url: str) -> bool:
        """Whether an address belongs to a registered portal."""
        return self.portal_of(url, None) is not None

    def organ(self, name: str, url: str, portal_id: str | None) -> Organ:
        """Place an organ named in a document captured at ``url``."""
        name = squeeze(name)
        portal = self.portal_of(url, portal_id)
        code = portal.division_code if portal else None
        context = (code or portal.id) if portal else _domain(url)
        if portal and portal.city:
            # Named in full, an organ is the same on every portal of its province.
            name = full_name(name, portal)
            context = portal.province or (code or "")[:2]
        level, kind = classify(name)
        return Organ(
            id=hashlib.sha256(f"{context}|{name}".encode()).hexdigest()[:12],
            name=name,
            division_code=code,
            province=(portal.province if portal else None) or _provinces().get((code or "")[:2]),
            city=portal.city if portal else None,
            county=portal.county if portal else None,
            level=level or _level_of(code),
            kind=kind,
            portal_id=portal.id if portal else None,
        )


def full_name(name: str, portal: PortalPlace) -> str:
    """The name with the places before it that its own portal takes for granted.

    民政局 or 区民政局 on the portal of 云汀市青砚区 is 云汀市青砚区民政局; the bare name of the
    portal's own area stands for its government.
    """
    city, county = portal.city or "", portal.county or ""
    own = county or city
    rest = name.removeprefix(portal.province or "\0").removeprefix(city)
    if rest in ("", county) and name != portal.province:
        return f"{city}{rest}人民政府"
    if county and not rest.startswith(county) and rest == name:
        rest = county + (rest[1:] if rest[0] == own[-1] else rest)
    elif not county and rest == name and rest[0] == own[-1]:
        rest = rest[1:]
    return city + rest


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _within(host: str, own: str) -> bool:
    base = own.removeprefix("www.")
    return bool(base) and (host in (own, base) or host.endswith("." + base))


def _domain(url: str) -> str:
    """Registrable domain of an address; the host where it has none, '' for a local file."""
    host = _host(url)
    return _extract_domain(host).top_domain_under_public_suffix or host if host else ""


def _level_of(code: str | None) -> str | None:
    if not code or len(code) < 6:
        return None
    if code == "000000":
        return "national"
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"
