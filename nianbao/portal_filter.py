"""Choosing portals by place, level, text, family and whether somebody verified them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from archive.store import Archive
from crawler.portals import Portal
from parsers import divisions
from parsers.divisions import Division
from parsers.organs import classify, names_zone

LEVELS = ("national", "province", "city", "county", "department")
_GOVERNMENTS = ("人民政府", "行政公署", "政府信息公开")


@dataclass(frozen=True, slots=True)
class PortalFilter:
    """What a portal must be like; None leaves it open.

    ``province`` and ``city`` are names, in full or short (河南省, 河南), or codes of GB/T 2260 or
    their beginnings (41, 4105). ``text`` is part of the id, the name or a start address.
    """

    province: str | None = None
    city: str | None = None
    level: str | None = None
    text: str | None = None
    cms: str | None = None
    verified: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether every portal fits."""
        return self == PortalFilter()

    def fits(self, portal: Portal) -> bool:
        """Whether ``portal`` is such a one."""
        division = divisions.by_code(portal.division)
        if self.province and not (division and _is(self.province, division, division.province)):
            return False
        if self.city and not (division and _is(self.city, division, _city(division))):
            return False
        if self.level and self.level != level(portal):
            return False
        if self.text and not any(self.text.lower() in text.lower() for text in (portal.id, portal.name, *portal.start)):
            return False
        if self.cms and self.cms != portal.cms:
            return False
        return self.verified is None or self.verified == bool(portal.last_verified)

    def ids(self, archive: Archive) -> set[str] | None:
        """Ids of the fitting portals of those that an archive knows, as it knows them; None for all.

        click.UsageError if none fits.
        """
        if self.is_open:
            return None
        rows = archive.db.conn.execute("SELECT id, name, start_url, division_code, cms FROM portals ORDER BY id")
        known = [Portal(row[0], row[1], (row[2],) if row[2] else (), row[3], cms=row[4]) for row in rows]
        return {portal.id for portal in self.choose(known)}

    def choose(self, portals: Iterable[Portal]) -> list[Portal]:
        """Those of ``portals`` that fit; click.UsageError if none does."""
        chosen = [portal for portal in portals if self.fits(portal)]
        if not chosen and not self.is_open:
            given = ", ".join(
                f"{name} {value}" for name in self.__slots__ if (value := getattr(self, name)) is not None
            )
            raise click.UsageError(f"no portal fits ({given}); “nianbao portals” lists those there are")
        return chosen


def level(portal: Portal) -> str | None:
    """Of :data:`LEVELS` what a portal's body is, None where nothing tells it.

    A government is of its division's level; what else is in a division is a department, the
    committee of a zone too.
    """
    division = divisions.by_code(portal.division)
    named, kind = classify(portal.name)
    if division is None:
        return "national" if named == "national" else None
    is_government = portal.name.endswith(_GOVERNMENTS) or (kind != "department" and not names_zone(portal.name))
    return division.level if is_government else "department"


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which portals of a file are chosen, handed over as ``fitting``."""
    option = click.option(
        "--verified/--unverified", default=None, help="Only those that somebody verified, or did not."
    )
    return place_options(option(command))


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add those options that also fit what an archive knows of portals, handed over as ``fitting``."""

    @click.option("--province", help="Only in this province: 河南省, 河南, or a code such as 41.")
    @click.option("--city", help="Only in this city, its counties included: 安阳市, 安阳, or a code such as 4105.")
    @click.option("--level", type=click.Choice(LEVELS), help="Only of bodies of this kind.")
    @click.option("--text", help="Only with this in the id, the name or an address.")
    @click.option("--cms", help="Only registered as made with this family.")
    @wraps(command)
    def wrapped(
        province: str | None,
        city: str | None,
        level: str | None,
        text: str | None,
        cms: str | None,
        verified: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        return command(fitting=PortalFilter(province, city, level, text, cms, verified), **kwargs)

    return wrapped


def _is(wanted: str, division: Division, above: Division) -> bool:
    if wanted.isascii() and wanted.isdigit():
        return division.within(wanted)
    return wanted == above.short or any(named.code == above.code for named in divisions.named(wanted))


def _city(division: Division) -> Division:
    """The city; what lies directly under a province is one itself, and so is a municipality."""
    if division.city:
        return division.city
    return division.province if division.province.name.endswith("市") else division
