"""Both portals of the sample in one phase, with the truth about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sample import city_portal, district_portal
from sample.files import Files
from sample.generator import SampleCity
from sample.organs import CITY_HOST, DISTRICT_HOST
from sample.portal import Portal
from sample.resources import LazyResource, Resource
from sample.truth import Truth

HOSTS = (CITY_HOST, DISTRICT_HOST)
SUPERIOR_YEARS = (2022, 2023)
"""Years whose report of the city government the district lists among its own."""


@dataclass(frozen=True, slots=True)
class Site:
    """The portals by host name, and the truth about them."""

    portals: Mapping[str, Portal]
    truth: Truth

    def find(self, host: str, path: str, query: str = "") -> Resource | LazyResource | None:
        """Return what stands at ``path`` of ``host``, whatever the ``query``, or None."""
        portal = self.portals.get(host)
        return portal.find(path) if portal else None


def build(city: SampleCity, phase: int, bases: Mapping[str, str], files: Files) -> Site:
    """Build the portals of ``phase``; ``bases`` are the root URLs by host, without the last slash."""
    reports = city.phase(phase)
    city_base, district_base = bases[CITY_HOST], bases[DISTRICT_HOST]
    city_rows = [
        city_portal.row(sample, city_base)
        for sample in reports
        if sample.organ.scale == "city" and sample.report.year in SUPERIOR_YEARS
    ]
    district_rows = {
        sample.report.year: district_portal.row(sample, district_base)
        for sample in reports
        if sample.organ.scale == "district"
    }
    portals = {
        CITY_HOST: city_portal.build(city_base, district_base, reports, district_rows, files),
        DISTRICT_HOST: district_portal.build(district_base, city_base, reports, city_rows, files),
    }
    return Site(
        portals,
        Truth(
            phase,
            tuple(report for one in portals.values() for report in one.reports),
            tuple(page for one in portals.values() for page in one.non_reports),
        ),
    )
