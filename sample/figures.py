"""Figures for the three tables: random, yet true to every relation that the form states."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from parsers import forms
from parsers.report import Reading, Readings
from sample.organs import Organ, Scale

APPLICANTS = tuple(code for code in forms.APPLICANTS if code != "total")
OUTCOMES = tuple(code for code in forms.OUTCOMES if code != "total")
BALANCE_ROWS = ("new", "carried_in", "handled_total", "carried_out")

_APPLICANT_WEIGHTS = (80, 8, 1, 1, 6, 4)
_RESULT_WEIGHTS = {
    "granted": 46,
    "partly_granted": 8,
    "denied_state_secret": 1,
    "denied_law_prohibited": 1,
    "denied_third_party": 3,
    "denied_internal_affairs": 2,
    "denied_process_information": 3,
    "denied_enforcement_files": 3,
    "denied_administrative_query": 2,
    "unavailable_not_held": 20,
    "unavailable_needs_creation": 3,
    "unavailable_unclear": 1,
    "rejected_petition": 6,
    "rejected_duplicate": 2,
    "rejected_publication": 1,
    "other": 4,
    "other_not_corrected": 2,
    "other_reasons": 2,
}
_NEW_REQUESTS: dict[Scale, tuple[int, int]] = {
    "city": (230, 420),
    "district": (45, 120),
    "office": (10, 40),
    "busy": (3, 25),
    "small": (0, 3),
}
_REVIEWS: dict[Scale, tuple[int, int]] = {
    "city": (9, 24),
    "district": (1, 8),
    "office": (0, 4),
    "busy": (0, 2),
    "small": (0, 0),
}
_DECISIONS: dict[Scale, dict[str, tuple[int, int]]] = {
    "city": {
        "administrative_permits": (21_000, 92_000),
        "other_services": (40_000, 160_000),
        "administrative_penalties": (5_200, 18_400),
        "administrative_coercion": (180, 960),
    },
    "district": {
        "administrative_permits": (2_300, 9_800),
        "other_services": (4_000, 15_000),
        "administrative_penalties": (320, 1_900),
        "administrative_coercion": (11, 140),
    },
    "office": {},
    "busy": {
        "administrative_permits": (24, 1_350),
        "other_services": (60, 900),
        "administrative_penalties": (0, 86),
        "administrative_coercion": (0, 3),
    },
    "small": {"other_services": (0, 40)},
}
_FEES: dict[Scale, float] = {"city": 6_400.0, "district": 730.0, "office": 0.0, "busy": 38.0, "small": 0.0}


def number(value: int | float, unit: str | None = None, printed: str | None = None) -> Reading:
    """Return a reading of ``value``, printed plainly unless ``printed`` says otherwise."""
    return Reading("number", str(value) if printed is None else printed, value, unit)


@dataclass(slots=True)
class Ledger:
    """What one organ's figures of a year hand on to the next year's."""

    organ: Organ
    rng: random.Random
    carried: Counter[str] = field(default_factory=Counter)
    regulations: int = 0
    documents: int = 0
    prior_items: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        scale = self.organ.scale
        self.regulations = 6 if scale == "city" else 0
        self.documents = {"city": 84, "district": 41, "office": 23, "busy": 9, "small": 0}[scale]
        for item, base in (
            ("administrative_permits", 18),
            ("other_services", 12),
            ("administrative_penalties", 46),
            ("administrative_coercion", 4),
            ("administrative_fees", 3),
        ):
            share = {"city": 9, "district": 5, "office": 0, "busy": 1, "small": 0}[scale]
            self.prior_items[item] = base * share

    def disclosures(self, edition: str) -> Readings:
        """Draw table 二 of one year in ``edition`` ('2019' or '2021')."""
        draw = self._items_2019 if edition == "2019" else self._items_2021
        drawn = draw()
        return {
            item: {measure: drawn[item][measure] for measure in group.measures}
            for group in forms.editions()[edition].disclosures
            for item in group.items
        }

    def requests(self, edition: str) -> Readings:
        """Draw table 三 of one year in ``edition``; carries over what is left to the next."""
        low, high = _NEW_REQUESTS[self.organ.scale]
        new = Counter(self.rng.choices(APPLICANTS, _APPLICANT_WEIGHTS, k=self.rng.randint(low, high)))
        rows = forms.editions()[edition].request_rows()
        results = [row for row in rows if row not in BALANCE_ROWS]
        weights = [_RESULT_WEIGHTS.get(row, 0) for row in results]
        counts: dict[str, Counter[str]] = {row: Counter() for row in rows}
        counts["new"], counts["carried_in"] = new, self.carried
        carried_out: Counter[str] = Counter()
        for applicant in APPLICANTS:
            waiting = new[applicant] + self.carried[applicant]
            left = sum(self.rng.random() < 0.07 for _ in range(waiting))
            carried_out[applicant] = left
            for row in self.rng.choices(results, weights, k=waiting - left):
                counts[row][applicant] += 1
            counts["handled_total"][applicant] = waiting - left
        counts["carried_out"] = carried_out
        self.carried = carried_out
        return {row: _with_total(counts[row], APPLICANTS) for row in rows}

    def reviews(self) -> Readings:
        """Draw table 四 of one year."""
        low, high = _REVIEWS[self.organ.scale]
        table = {}
        for proceeding in forms.PROCEEDINGS:
            cases = self.rng.choices(OUTCOMES, (12, 2, 4, 3), k=self.rng.randint(low, high))
            table[proceeding] = _with_total(Counter(cases), OUTCOMES)
        return table

    def _items_2021(self) -> Readings:
        items = {}
        for item in ("regulations", "normative_documents"):
            before = self.regulations if item == "regulations" else self.documents
            issued, repealed = self._issued(item), self._repealed(item, before)
            now = before + issued - repealed
            if item == "regulations":
                self.regulations = now
            else:
                self.documents = now
            items[item] = {
                "issued": number(issued, "件"),
                "repealed": number(repealed, "件"),
                "in_force": number(now, "件"),
            }
        for item in ("administrative_permits", "administrative_penalties", "administrative_coercion"):
            items[item] = {"decisions": number(self._decisions(item), "件")}
        items["administrative_fees"] = {"amount": self._fee("万元", printed_unit=False)}
        return items

    def _items_2019(self) -> Readings:
        items = {}
        for item in ("regulations", "normative_documents"):
            made = self._issued(item)
            if item == "regulations":
                self.regulations += made
                total = self.regulations
            else:
                self.documents += made
                total = self.documents
            items[item] = {
                "made": number(made, "件"),
                "disclosed": number(made, "件"),
                "total_disclosed": number(total, "件"),
            }
        for item in (
            "administrative_permits",
            "other_services",
            "administrative_penalties",
            "administrative_coercion",
            "administrative_fees",
        ):
            prior = self.prior_items[item]
            change = self.rng.randint(-min(prior, 3), 4) if prior else 0
            self.prior_items[item] = prior + change
            items[item] = {
                "prior_items": number(prior, "项"),
                "change": _signed(self.rng, change),
                "decisions": number(self._decisions(item), "件"),
            }
        purchases = self.rng.randint(1, 60) if self.organ.scale != "small" else 0
        items["procurement"] = {"items": number(purchases, "项"), "amount": self._purchase(purchases)}
        return items

    def _issued(self, item: str) -> int:
        if item == "regulations":
            return self.rng.randint(0, 1) if self.organ.scale == "city" else 0
        return self.rng.randint(
            *{"city": (4, 12), "district": (2, 8), "office": (1, 5), "busy": (0, 2), "small": (0, 0)}[self.organ.scale]
        )

    def _repealed(self, item: str, before: int) -> int:
        choices = (0, 0, 0, 1) if item == "regulations" else (0, 0, 1, 2, 5)
        return min(before, self.rng.choice(choices))

    def _decisions(self, item: str) -> int:
        return self.rng.randint(*_DECISIONS[self.organ.scale].get(item, (0, 0)))

    def _fee(self, unit: str, printed_unit: bool) -> Reading:
        amount = round(_FEES[self.organ.scale] * self.rng.uniform(0.7, 1.3), 2)
        return number(amount or 0, unit, f"{amount or 0}{unit if printed_unit else ''}")

    def _purchase(self, purchases: int) -> Reading:
        if not purchases:
            return number(0, "万元", "0万元")
        yuan = sum(self.rng.randint(8_000, 900_000) for _ in range(purchases))
        if self.rng.random() < 0.3:
            return number(yuan, "元", f"{yuan}元")
        amount = round(yuan / 10_000, 2)
        return number(amount, "万元", f"{amount}万元")


def _signed(rng: random.Random, change: int) -> Reading:
    printed = str(change)
    if change > 0:
        printed = rng.choice((f"+{change}", f"增{change}", str(change)))
    elif change < 0:
        printed = rng.choice((str(change), f"减{-change}"))
    return number(change, "项", printed)


def _with_total(counts: Counter[str], columns: tuple[str, ...]) -> dict[str, Reading]:
    cells = {column: number(counts[column]) for column in columns}
    cells["total"] = number(sum(counts[column] for column in columns))
    return cells


def broken_relations(requests: Readings, reviews: Readings) -> list[str]:
    """Name every printed relation that does not hold, whatever number the blanks in it stand for."""
    broken = []
    for table, rows, columns in (("requests", requests, APPLICANTS), ("reviews", reviews, OUTCOMES)):
        for row, cells in rows.items():
            if _differs([cells["total"]], [cells[column] for column in columns]):
                broken.append(f"{table}.{row}: total")
    results = [row for row in requests if row not in BALANCE_ROWS]
    for column in forms.APPLICANTS:
        cell = {row: cells[column] for row, cells in requests.items()}
        if _differs([cell["handled_total"]], [cell[row] for row in results]):
            broken.append(f"requests.{column}: handled_total")
        if _differs([cell["new"], cell["carried_in"]], [cell["handled_total"], cell["carried_out"]]):
            broken.append(f"requests.{column}: balance")
    return broken


def _differs(left: list[Reading], right: list[Reading]) -> bool:
    numbers = [[reading.number for reading in side if reading.number is not None] for side in (left, right)]
    blanks = [len(side) - len(known) for side, known in zip((left, right), numbers, strict=True)]
    difference = sum(numbers[0]) - sum(numbers[1])
    if all(blanks):
        return False
    if any(blanks):
        return difference > 0 if blanks[0] else difference < 0
    return difference != 0
