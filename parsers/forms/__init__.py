"""The editions of the statutory form as data: codes, labels, groups, printed order.

Sources: 国办公开办函〔2021〕30号 and 国办公开办函〔2019〕60号. A new edition is a new
``edition_*.toml`` here, plus the labels that it introduces in ``labels.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Label:
    """A code of the form and what is printed for it.

    ``aliases`` are further printed wordings. ``exact`` forbids close matching, for
    labels that lie too near to another one. ``unit`` is the form's own unit.
    """

    code: str
    zh: str
    en: str
    position: int
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    group: str | None = None
    enumerator: str = ""
    exact: bool = False
    editions: tuple[str, ...] = ("2019", "2021")

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every printed wording, the official one first."""
        return (self.zh, *self.aliases)


@dataclass(frozen=True, slots=True)
class DisclosureGroup:
    """One block of table 二: an article of the Regulations, its items and measures."""

    article: str
    items: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the form, ``name`` being '2021' or '2019'."""

    name: str
    source: str
    disclosures: tuple[DisclosureGroup, ...]

    def measures_of(self, item: str) -> tuple[str, ...]:
        """Measures printed for ``item`` in printed order; empty where it has no such item."""
        return next((group.measures for group in self.disclosures if item in group.items), ())

    def request_rows(self) -> tuple[str, ...]:
        """Row codes of table 三 in printed order."""
        return _request_rows(self.name)


@cache
def _request_rows(edition: str) -> tuple[str, ...]:
    return tuple(code for code, row in REQUEST_ROWS.items() if edition in row.editions)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))


def _labels(entries: dict[str, dict[str, Any]]) -> dict[str, Label]:
    labels = {}
    for position, (code, entry) in enumerate(entries.items(), start=1):
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items() if key != "parent"
        }
        labels[code] = Label(code=code, position=position, **values)
    return labels


_LABELS = _load("labels.toml")
_REQUESTS = _load("requests_rows.toml")

ITEMS = _labels(_LABELS["items"])
MEASURES = _labels(_LABELS["measures"])
APPLICANTS = _labels(_LABELS["applicants"])
PROCEEDINGS = _labels(_LABELS["proceedings"])
OUTCOMES = _labels(_LABELS["outcomes"])
SECTIONS = {int(code): label for code, label in _labels(_LABELS["sections"]).items()}
REQUEST_GROUPS = _labels(_REQUESTS["groups"])
REQUEST_ROWS = _labels(_REQUESTS["rows"])
DECOYS: dict[str, tuple[str, ...]] = {table: tuple(words) for table, words in _LABELS["decoys"].items()}


@cache
def editions() -> dict[str, Edition]:
    """All editions by name, the newest first."""
    found = {}
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name, reverse=True):
        if entry.name.startswith("edition_") and entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text("utf-8"))
            found[data["edition"]] = Edition(
                name=data["edition"],
                source=data["source"],
                disclosures=tuple(
                    DisclosureGroup(group["article"], tuple(group["items"]), tuple(group["measures"]))
                    for group in data["disclosures"]
                ),
            )
    return found
