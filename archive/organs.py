"""Which organ a report is of: an identity that lasts across runs, and what is known of its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

import tldextract

from archive.places import Evidence, Located, completed, locate, official_rest
from archive.store import Archive, web_host
from parsers import divisions
from parsers.divisions import Division, level_of, province_of
from parsers.organs import classify, level_word, named_city, normalise_name, without_level_word

_GOVERNMENT = ".gov.cn"
_PLACES = re.compile(r"(?:\w{1,8}(?:省|自治区))?(?:\w{1,10}?(?:市|州|盟|地区))?(?:\w{1,10}?(?:县|区|旗|市))?")
_DISTRICT_FIRST = re.compile(r"[\u4e00-\u9fff]{2,6}?区")


# Every few documents the portals are read again; those of the whole country are three thousand.
_host = lru_cache(maxsize=16_384)(web_host)


@dataclass(frozen=True, slots=True)
class Portal:
    """A registered portal as far as it tells of the organs on it."""

    id: str
    start_url: str | None
    division_code: str | None
    province: str | None
    city: str | None
    county: str | None

    @property
    def division(self) -> Division | None:
        """The division whose portal it is, None where none is registered or known."""
        return divisions.by_code(self.division_code)


class Portals:
    """The registered portals of an archive, read once."""

    def __init__(self, archive: Archive) -> None:
        rows = archive.db.conn.execute(
            "SELECT p.id, p.start_url, p.division_code, l.province, l.city, l.county FROM portals p "
            "LEFT JOIN _portal_places l ON l.portal_id = p.id ORDER BY p.id"
        ).fetchall()
        self._by_id = {row[0]: _placed(Portal(*row)) for row in rows}
        self._by_host: dict[str, list[Portal]] = {}
        for portal in self._by_id.values():
            host = _host(portal.start_url) if portal.start_url else None
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

    def organ(
        self, name: str, url: str | None, portal: Portal | None, named: Sequence[str] = (), year: int | None = None
    ) -> tuple[Organ, str | None]:
        """Return the organ ``name`` as published on ``portal``, and the id of the portal of its own area.

        ``named`` are the other names that the document gives (:attr:`parsers.report.Report.named`).
        The organ's name is no shorter than ``name``; its id is the same for all of its names.
        A city's report also stands on its districts' portals and the other way round: named in
        full, the organ is the same there, and belongs to the portal whose area its name states.
        """
        name = normalise_name(name)
        evidence = Evidence(named, portal.division if portal else None, self._areas_told_by_host(url, portal), year)
        located = locate(name, evidence) or _located_by_portal(name, portal, evidence)
        if located:
            return _organ(located), self._portal_of(located.area, portal)
        name = full_name(_fullest(name, named), portal)
        owner = self._owner(name, portal)
        organ = identify(official_rest(name), url, owner)
        return replace(organ, name=completed(name)), owner.id if owner else None

    def _areas_told_by_host(self, url: str | None, portal: Portal | None) -> tuple[Division, ...]:
        """The divisions for which the host speaks: none on a portal that is registered for a place not known here."""
        if portal is not None and (portal.city or portal.county) and portal.division is None:
            domain = domain_of(url)
            if domain is not None and domain == domain_of(portal.start_url):
                return ()
        return self._areas_of_host(url)

    def _areas_of_host(self, url: str | None) -> tuple[Division, ...]:
        """The divisions for which the host of ``url`` may stand: those of its portals, or so called."""
        host = web_host(url) if url else None
        domain = domain_of(url)
        if host is None or domain is None:
            return ()
        if registered := self._registered(host, domain):
            return registered
        labels = host.partition(":")[0].removesuffix(_GOVERNMENT).split(".") if domain.endswith(_GOVERNMENT) else []
        areas: tuple[Division, ...] = ()
        for label in reversed(labels):
            found = divisions.by_reading(label)
            below = tuple(one for one in found if any(one.within(area.code) for area in areas))
            areas = (below or areas) if areas else found
            if not areas:
                break
        return areas

    def _registered(self, host: str, domain: str) -> tuple[Division, ...]:
        """The divisions of the portals nearest to ``host``: on it or a host above it, else on its domain."""
        label = host.removeprefix("www.")
        while label:
            if found := self._divisions_by_host.get(label):
                return found
            label = label.partition(".")[2] if label != domain else ""
        return self._divisions_by_domain.get(domain, ())

    @cached_property
    def _divisions_by_host(self) -> dict[str, tuple[Division, ...]]:
        """Those that the portals starting at a host, its www left out, stand for."""
        found = {
            host: {portal.division for portal in portals if portal.division} for host, portals in self._by_host.items()
        }
        return {host: tuple(sorted(areas)) for host, areas in found.items()}

    @cached_property
    def _divisions_by_domain(self) -> dict[str, tuple[Division, ...]]:
        found: dict[str, set[Division]] = {}
        for portal in self._by_id.values():
            domain, division = domain_of(portal.start_url), portal.division
            if domain and division:
                found.setdefault(domain, set()).add(division)
        return {domain: tuple(sorted(areas)) for domain, areas in found.items()}

    @cached_property
    def _ids_by_division(self) -> dict[str | None, str]:
        """The first portal of each division: a government's, whose id its departments' ids begin with."""
        ids: dict[str | None, str] = {}
        for portal in sorted(self._by_id.values(), key=lambda portal: portal.id):
            ids.setdefault(portal.division_code, portal.id)
        return ids

    def _portal_of(self, area: Division, shown: Portal | None) -> str | None:
        if shown and shown.division_code == area.code:
            return shown.id
        return self._ids_by_division.get(area.code) or (shown.id if shown else None)

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
    context = code or (portal.id if portal else None) or domain_of(url) or ""
    level, kind = classify(name)
    if level is None and portal is not None and _is_of_portal(name, portal):
        level = level_of(code)
    return Organ(
        id=_id(context, name),
        name=name,
        division_code=code,
        province=(portal.province if portal else None) or province_of(code),
        city=portal.city if portal else None,
        county=portal.county if portal else None,
        level=level,
        kind=kind,
    )


def _id(context: str, name: str) -> str:
    return hashlib.sha256(f"{context}|{name}".encode()).hexdigest()[:12]


def _organ(located: Located) -> Organ:
    area = located.area
    return Organ(
        id=_id(area.code, located.key),
        name=located.name,
        division_code=area.code,
        province=area.province.name,
        city=area.city.name if area.city else None,
        county=area.name if area.level == "county" else None,
        level=located.level,
        kind=classify(located.name)[1],
    )


@lru_cache(maxsize=16_384)
def _placed(portal: Portal) -> Portal:
    """The portal with the places that its division's code tells, where it was registered without."""
    division = portal.division
    if division is None:
        return portal
    return replace(
        portal,
        province=portal.province or division.province.name,
        city=portal.city or (division.city.name if division.city else None),
        county=portal.county or (division.name if division.level == "county" else None),
    )


def _located_by_portal(name: str, portal: Portal | None, evidence: Evidence) -> Located | None:
    full = full_name(name, portal)
    return locate(full, evidence) if full != name else None


def _fullest(name: str, named: Sequence[str]) -> str:
    """The name with its places before it, as the document gives it elsewhere, or ``name``."""
    bare = without_level_word(name)
    if classify(bare)[0] not in (None, "township") or named_city(bare):
        return name
    for text in named:
        if len(text) > len(bare) + 1 and text.endswith(bare) and _PLACES.fullmatch(text.removesuffix(bare)):
            return text
    return name


def full_name(name: str, portal: Portal | None) -> str:
    """Return ``name`` with the places before it that its own portal takes for granted.

    民政局 or 区民政局 on the portal of 云汀市青砚区 is 云汀市青砚区民政局, and the bare name of an area
    stands for its government. The names of counties and of cities are complete without the
    city above them; those of districts are not.
    """
    city, county = _city(portal), (portal.county or "") if portal else ""
    if portal is None or not (city or county):
        return name
    own = _area(portal)
    if name == portal.province:
        return f"{name}人民政府"
    if name in (city, county, city + county):
        return f"{city if name == city else own}人民政府"
    if name.startswith(tuple(filter(None, (city, own)))):
        return name
    if county:
        if name.startswith(county):
            return own + name.removeprefix(county)
        word, rest = level_word(name), without_level_word(name)
        if word and word != own[-1]:
            return city + rest if word == city[-1:] else name
        level, _kind = classify(rest)
        return own + rest if level in (None, "township") and named_city(rest) is None else name
    rest = without_level_word(name) if level_word(name) == own[-1] else name
    level, _kind = classify(rest)
    if named_city(rest) is None and (level is None or _DISTRICT_FIRST.match(rest)):
        return city + rest
    return name


def _city(portal: Portal | None) -> str:
    """What the names of a portal's districts have before them: the city, or the municipality."""
    if portal is None:
        return ""
    return portal.city or (portal.province or "" if (portal.county or "").endswith("区") else "")


def _area(portal: Portal) -> str:
    """Name of a portal's area as organs bear it."""
    city, county = _city(portal), portal.county or ""
    return city + county if not county or county.endswith("区") else county


def trusted_host(archive: Archive, url: str) -> bool:
    """Return whether ``url`` is on a host under gov.cn or on (or under) a registered portal's host."""
    return Portals(archive).trusts(url)


@cache
def _suffixes() -> tldextract.TLDExtract:
    # The list that comes with the library; fetching a newer one would make ids depend on the day.
    return tldextract.TLDExtract(suffix_list_urls=(), include_psl_private_domains=False, cache_dir=None)


def domain_of(url: str | None) -> str | None:
    """Return the registrable domain of a web address, its host where it has none, None for anything else."""
    host = web_host(url) if url else None
    if host is None:
        return None
    return _suffixes()(host.partition(":")[0]).top_domain_under_public_suffix or host


def _is_of_portal(name: str, portal: Portal) -> bool:
    # Portals also list organs of the levels below: a 市 on a province's portal may be a city or a county.
    city = named_city(name)
    if city is None:
        return level_of(portal.division_code) != "province" or name.endswith("厅")
    return level_of(portal.division_code) != "province" and portal.city in (None, city)


def _path(url: str) -> str:
    return urlsplit(url).path or "/"


def _folder(portal: Portal) -> str:
    return _path(portal.start_url or "").rpartition("/")[0] + "/"
