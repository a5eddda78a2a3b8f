"""All documents of one report over time: which is the current one, its versions, its changes.

Pure functions of what was extracted and when it was seen; the order in which either came
to the archive does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archive.derived import Derived
from parsers.report import Report

_STATUS_ORDER = ("complete", "partial", "text_only")


@dataclass(frozen=True, slots=True)
class Extraction:
    """A report as read from one document at one URL.

    ``restore`` gives the report: of many versions, most are alike and never looked at. ``status`` and
    ``figures`` (how many cells print a number) are the report's. ``derived`` is what follows from
    it, where it is known.
    """

    sha256: str
    url: str
    media_type: str
    parser_version: str
    content_sha256: str
    status: str
    figures: int
    restore: Callable[[], Report] = field(compare=False)
    derived: Derived | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a document was served at a URL at a moment (UTC ISO 8601)."""

    fetched_at: str
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Version:
    """A distinct content in one media type: its first document and the span in which it was seen."""

    document: Extraction
    first_captured_at: str
    last_captured_at: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs between two consecutive contents of one URL; None for absent."""

    field: str
    old: str | None
    new: str | None
    detected_at: str


@dataclass(frozen=True, slots=True)
class Series:
    """What is known of one report over time.

    ``url`` is the address at which the current content stands, ``others`` the current
    documents at the other addresses, in order of URL.
    """

    current: Version
    url: str
    others: tuple[Extraction, ...]
    versions: tuple[Version, ...]
    changes: tuple[Change, ...]


def arrange(sightings: Sequence[Sighting]) -> Series:
    """Arrange the sightings of one report, of which there is at least one.

    Those of one URL must be in order of time. The current content is that of the URL whose
    latest document is the most complete, has the most figures, and was seen first: on an earlier
    day, for the order in which one crawl meets the copies of a report is chance.
    """
    by_url: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_url[sighting.extraction.url].append(sighting)
    latest = {url: seen[-1].extraction for url, seen in by_url.items()}
    urls = list(by_url)
    url = urls[0] if len(urls) == 1 else min(urls, key=lambda one: _rank(latest[one], by_url[one]))
    versions = tuple(_versions(sightings, latest[url]))
    return Series(
        current=next(version for version in versions if version.is_current),
        url=url,
        others=tuple(latest[other] for other in sorted(by_url) if other != url),
        versions=versions,
        changes=tuple(_changes(by_url.values())),
    )


def _rank(extraction: Extraction, seen: Iterable[Sighting]) -> tuple[int, int, str, str]:
    status = extraction.status
    first = min(
        sighting.fetched_at for sighting in seen if sighting.extraction.content_sha256 == extraction.content_sha256
    )
    order = _STATUS_ORDER.index(status) if status in _STATUS_ORDER else len(_STATUS_ORDER)
    return order, -extraction.figures, _day(first), extraction.url


def _versions(sightings: Iterable[Sighting], current: Extraction) -> Iterator[Version]:
    groups: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[_version_key(sighting.extraction)].append(sighting)
    order = {
        key: min(
            (_day(seen.fetched_at), seen.extraction.url, seen.fetched_at, seen.extraction.sha256) for seen in group
        )
        for key, group in groups.items()
    }
    firsts = {key: min(seen.fetched_at for seen in group) for key, group in groups.items()}
    for key in sorted(groups, key=lambda key: (firsts[key], order[key])):
        _day_of_first, url, _moment, sha256 = order[key]
        yield Version(
            document=next(
                seen.extraction
                for seen in groups[key]
                if (seen.extraction.sha256, seen.extraction.url) == (sha256, url)
            ),
            first_captured_at=firsts[key],
            last_captured_at=max(seen.fetched_at for seen in groups[key]),
            is_current=key == _version_key(current),
        )


def _day(moment: str) -> str:
    """The date of an ISO 8601 time."""
    return moment[:10]


def _version_key(extraction: Extraction) -> tuple[str, str]:
    return extraction.content_sha256, extraction.media_type


def _changes(series: Iterable[Sequence[Sighting]]) -> list[Change]:
    """Unite the changes of all URLs; one edit shown at several of them counts once, when first seen."""
    moments: dict[tuple[str, str | None, str | None], list[str]] = {}
    for sightings in series:
        own: dict[tuple[str, str | None, str | None], list[str]] = defaultdict(list)
        for change in _changes_of_url(sightings):
            own[change.field, change.old, change.new].append(change.detected_at)
        for key, detected in own.items():
            moments[key] = _earliest(moments.get(key, []), sorted(detected))
    changes = [Change(*key, detected_at) for key, detected in moments.items() for detected_at in detected]
    return sorted(changes, key=lambda change: (change.detected_at, change.field, change.old or "", change.new or ""))


def _earliest(first: list[str], second: list[str]) -> list[str]:
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    return [min(longer[i], shorter[i]) if i < len(shorter) else longer[i] for i in range(len(longer))]


def _changes_of_url(sightings: Sequence[Sighting]) -> Iterator[Change]:
    new: dict[str, str | int | float | None] | None = None
    for earlier, later in pairwise(sightings):
        if earlier.extraction.content_sha256 == later.extraction.content_sha256:
            continue
        # What was between two alterations had the same fields all along.
        old = new if new is not None else earlier.extraction.restore().fields()
        new = later.extraction.restore().fields()
        for name in sorted(old.keys() | new.keys()):
            before, after = _text(old.get(name)), _text(new.get(name))
            if before != after:
                yield Change(name, before, after, later.fetched_at)


def _text(value: str | int | float | None) -> str | None:
    return None if value is None else str(value)


__all__ = ["Change", "Extraction", "Series", "Sighting", "Version", "arrange"]
