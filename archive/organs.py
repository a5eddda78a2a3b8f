"""Which organ a report is of: an identity that lasts across runs, and what is known of its place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import tldextract

from archive.store import Archive, web_host
from parsers.divisions import level_of, province_of
from parsers.organs import classify, named_city, normalise_name

_GOVERNMENT = ".gov.cn"
_OWN_LEVEL = re.compile(r"市(?!场|容|政(?![府务协研法数]))|区(?!域|划|块)|县(?!域)|旗|州|盟|省")
_DISTRICT_FIRST = re.compile(r"[\u4e00-\u9fff]{2,6}?区")


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

    def organ(self, name: str, url: str | None, portal: Portal | None) -> tuple[Organ, str | None]:
        """Return the organ ``name`` as published on ``portal``, and the id of the portal of its own area.

        A city's report also stands on its districts' portals and the other way round: named in
        full, the organ is the same there, and belongs to the portal whose area its name states.
        """
        name = full_name(normalise_name(name), portal)
        owner = self._owner(name, portal)
        return identify(name, url, owner), owner.id if owner else None

    def _owner(self, name: str, portal: Portal | None) -> Portal | None:
        if portal is None or not portal.city:
            return portal
        areas = {
            _area(other): other for other in self._by_id.values() if other.city and other.province == portal.province
        }
        fitting = max((area for area in areas if name.startswith(area)), key=len, default=None)
        # An organ of an area without a portal is known by the portal that shows it, not placed by it.
        return areas[fitting] if fitting else replace(portal, division_code=None, city=None, county=None)

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


def full_name(name: str, portal: Portal | None) -> str:
    """Return ``name`` with the places before it that its own portal takes for granted.

    民政局 or 区民政局 on the portal of 云汀市青砚区 is 云汀市青砚区民政局, and the bare name of an area
    stands for its government. The names of counties and of cities are complete without the
    city above them; those of districts are not.
    """
    if portal is None or not portal.city:
        return name
    city, county = portal.city, portal.county or ""
    own = _area(portal)
    if name in (city, county, city + county):
        return f"{city if name == city else own}人民政府"
    if name.startswith((city, own)):
        return name
    if county:
        if name.startswith(county):
            return own + name.removeprefix(county)
        rest = _without_own_level(name, own)
        level, _kind = classify(rest)
        return own + rest if level in (None, "township") and named_city(rest) is None else name
    rest = _without_own_level(name, own)
    level, _kind = classify(rest)
    if named_city(rest) is None and (level is None or _DISTRICT_FIRST.match(rest)):
        return city + rest
    return name


def _without_own_level(name: str, own: str) -> str:
    """教育局 of 市教育局 on the portal of a 市; 市场监督管理局 keeps its 市."""
    return name[1:] if name[:1] == own[-1] and _OWN_LEVEL.match(name) else name


def _area(portal: Portal) -> str:
    """Name of a portal's area as organs bear it."""
    city, county = portal.city or "", portal.county or ""
    return city + county if not county or county.endswith("区") else county


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
