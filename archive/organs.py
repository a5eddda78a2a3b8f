"""Which organ a report is of: an identity that lasts across runs, and what is known of its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import tldextract

from archive.store import Archive, web_host
from parsers.divisions import level_of, province_of
from parsers.organs import classify, named_city, normalise_name

_GOVERNMENT = ".gov.cn"


@dataclass(frozen=True, slots=True)
class Portal:
    """A registered portal as far as it tells of the organs on it."""

    id: str
    start_url: str | None
    division_code: str | None
    province: str | None
    city: str | None
    county: str | None


class Portals:
    """The registered portals of an archive, read once."""

    def __init__(self, archive: Archive) -> None:
        rows = archive.db.conn.execute(
            "SELECT p.id, p.start_url, p.division_code, l.province, l.city, l.county FROM portals p "
            "LEFT JOIN _portal_places l ON l.portal_id = p.id ORDER BY p.id"
        ).fetchall()
        self._by_id = {row[0]: Portal(*row) for row in rows}
        self._by_host: dict[str, list[Portal]] = {}
        for portal in self._by_id.values():
            host = web_host(portal.start_url) if portal.start_url else None
            if host:
                self._by_host.setdefault(host.removeprefix("www."), []).append(portal)

    def get(self, portal_id: str | None) -> Portal | None:
        """Return a portal by id."""
        return self._by_id.get(portal_id) if portal_id else None

    def of_url(self, url: str) -> Portal | None:
        """Return the one portal whose host is that of ``url``, hosts under it not counted.

        Where several share the host, the one whose start folder is the longest above ``url``.
        """
        host = web_host(url)
        portals = self._by_host.get(host.removeprefix("www."), []) if host else []
        if len(portals) == 1:
            return portals[0]
        above = [portal for portal in portals if _path(url).startswith(_folder(portal))]
        best = max(above, key=lambda portal: len(_folder(portal)), default=None)
        if best is None or [_folder(portal) for portal in above].count(_folder(best)) > 1:
            return None
        return best

    def owner(self, name: str, portal: Portal | None) -> Portal | None:
        """Return the portal in whose area the organ ``name`` (in full) lies, as far as names tell.

        A city's report also stands on its districts' portals and the other way round. Where no
        registered portal is that of the organ's area, ``portal`` without what is not in the name.
        """
        if portal is None or not portal.city:
            return portal
        areas = {
            f"{other.city}{other.county or ''}": other
            for other in self._by_id.values()
            if other.city and other.province == portal.province
        }
        fitting = max((area for area in areas if name.startswith(area)), key=len, default=None)
        if fitting is None or len(fitting) < len(portal.city):
            return replace(portal, division_code=None, city=None, county=None)
        return areas[fitting]

    def trusts(self, url: str) -> bool:
        """Return whether ``url`` is on a government host or on a registered portal's."""
        host = web_host(url)
        if host is None:
            return False
        return host.partition(":")[0].endswith(_GOVERNMENT) or any(
            host == trusted or host.endswith("." + trusted) for trusted in self._by_host
        )


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ as the archive's ``organs`` table has it, ``portal_id`` apart."""

    id: str
    name: str
    division_code: str | None
    province: str | None
    city: str | None
    county: str | None
    level: str | None
    kind: str

    def row(self) -> dict[str, Any]:
        """Return the columns."""
        return {field: getattr(self, field) for field in self.__slots__}


def identify(name: str, url: str | None, portal: Portal | None) -> Organ:
    """Return the organ ``name`` as published on ``portal`` or, failing that, on the domain of ``url``.

    The same name within the same area is the same organ; ``division_code`` and the places
    are those of the portal, in whose area the organ lies.
    """
    name = normalise_name(name)
    code = portal.division_code if portal else None
    context = code or (portal.id if portal else None) or _domain(url) or ""
    if portal and portal.city:
        # Named in full, an organ is the same on every portal of its province.
        name = full_name(name, portal)
        context = portal.province or (code or "")[:2]
    level, kind = classify(name)
    if level is None and portal is not None and _is_of_portal(name, portal):
        level = level_of(code)
    return Organ(
        id=hashlib.sha256(f"{context}|{name}".encode()).hexdigest()[:12],
        name=name,
        division_code=code,
        province=(portal.province if portal else None) or province_of(code),
        city=portal.city if portal else None,
        county=portal.county if portal else None,
        level=level,
        kind=kind,
    )


def full_name(name: str, portal: Portal) -> str:
    """Return ``name`` with the places before it that its own portal takes for granted.

    民政局 or 区民政局 on the portal of 云汀市青砚区 is 云汀市青砚区民政局; the bare name of the
    portal's own area stands for its government.
    """
    city, county = portal.city or "", portal.county or ""
    within = name.removeprefix(portal.province) if portal.province else name
    rest = within.removeprefix(city)
    if rest in ("", county) and within:
        return f"{city}{rest}人民政府"
    if rest == within and not rest.startswith(county or "\0"):
        # Only the portal's own level may be left out: 市教育局 on a city's, 区民政局 on a district's.
        own = county or city
        rest = county + (rest[1:] if rest[:1] == own[-1] else rest)
    return city + rest


def trusted_host(archive: Archive, url: str) -> bool:
    """Return whether ``url`` is on a host under gov.cn or on (or under) a registered portal's host."""
    return Portals(archive).trusts(url)


@cache
def _suffixes() -> tldextract.TLDExtract:
    # The list that comes with the library; fetching a newer one would make ids depend on the day.
    return tldextract.TLDExtract(suffix_list_urls=(), include_psl_private_domains=False, cache_dir=None)


def _domain(url: str | None) -> str | None:
    host = web_host(url) if url else None
    if host is None:
        return None
    return _suffixes()(host.partition(":")[0]).top_domain_under_public_suffix or host


def _is_of_portal(name: str, portal: Portal) -> bool:
    # Portals also list organs of the levels below: a 市 on a province's portal may be a city or a county.
    city = named_city(name)
    if city is None:
        return True
    return level_of(portal.division_code) != "province" and portal.city in (None, city)


def _path(url: str) -> str:
    return urlsplit(url).path or "/"


def _folder(portal: Portal) -> str:
    return _path(portal.start_url or "").rpartition("/")[0] + "/"
