"""Choosing portals by place, level, text, family and whether somebody verified them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from crawler.portals import Portal
from parsers import divisions
from parsers.divisions import Division
from parsers.organs import classify

LEVELS = ("national", "province", "city", "county", "department")
_DISCLOSURE = "政府信息公开"
_OFFICE = "行政公署"


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

    A government is of its division's level; what is no government in a division is a department.
    """
    division = divisions.by_code(portal.division)
    named, kind = classify(portal.name)
    if division is None:
        return "national" if named == "national" else None
    is_government = kind != "department" or portal.name.endswith((_DISCLOSURE, _OFFICE))
    return division.level if is_government else "department"


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which portals are chosen, handed over as ``chosen``."""

    @click.option("--province", help="Only in this province: 河南省, 河南, or a code such as 41.")
    @click.option("--city", help="Only in this city, its counties included: 安阳市, 安阳, or a code such as 4105.")
    @click.option("--level", type=click.Choice(LEVELS), help="Only of bodies of this kind.")
    @click.option("--text", help="Only with this in the id, the name or an address.")
    @click.option("--cms", help="Only registered as made with this family.")
    @click.option("--verified/--unverified", default=None, help="Only those that somebody verified, or did not.")
    @wraps(command)
    def wrapped(
        province: str | None,
        city: str | None,
        level: str | None,
        text: str | None,
        cms: str | None,
        verified: bool | None,
        **kwargs: Any,
    ) -> Any:
        chosen = PortalFilter(province, city, level, text, cms, verified)
        return command(chosen=chosen, **kwargs)

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
