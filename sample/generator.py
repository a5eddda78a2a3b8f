"""Generates the fictional city's reports; the same seed gives the same reports for ever."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Literal

from parsers import forms
from parsers.report import Reading, Report, Section
from sample import legacy, prose
from sample.figures import Ledger, number
from sample.organs import ORGANS, Organ

YEARS = range(2019, 2025)
LATER_REPORT = ("jyj", 2025)
"""The report that appears only in phase 2."""
REVISED_REPORT = ("zjj", 2022)
"""The report that is quietly altered in phase 2."""
MIXED_REPORT = ("sfj", 2021)
"""Table 二 of edition 2021 with the one-row 其他处理 of edition 2019."""
WRONG_SUM = ("wjw", 2022)

Delivery = Literal["page", "page_pdf", "page_docx", "pdf"]
_DELIVERIES: tuple[Delivery, ...] = ("page", "page_pdf", "page_docx", "page", "page_pdf", "page")
_TITLES = (
    "{organ}{year}年政府信息公开工作年度报告",
    "{year}年{organ}政府信息公开工作年度报告",
    "{organ}{year}年度政府信息公开工作年度报告",
    "{organ}{year}年政府信息公开年度报告",
    "{organ}政府信息公开工作{year}年度报告",
    "{year}年度{organ}政府信息公开年报",
)


@dataclass(frozen=True, slots=True)
class WrongSum:
    """A total that is printed wrong on purpose: field, what is printed, what it should be."""

    field: str
    printed: int
    expected: int


@dataclass(frozen=True, slots=True)
class SampleReport:
    """A fictional report: the truth about it, and how the portal delivers it.

    ``printed_organ`` is the organ's name as the title prints it. ``style`` numbers the
    variants of markup.
    """

    organ: Organ
    report: Report
    printed_organ: str
    preamble: tuple[str, ...]
    delivery: Delivery
    style: int
    wrong_sums: tuple[WrongSum, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What identifies the report: the organ's key and the year."""
        return self.organ.key, self.report.year

    def paragraphs(self, section: int) -> list[str]:
        """The paragraphs of a section."""
        text = next(part.text for part in self.report.sections if part.number == section)
        return text.split("\n") if text else []


@dataclass(frozen=True, slots=True)
class SampleCity:
    """All reports of the city, as phase 1 shows them, and what phase 2 makes of them."""

    seed: int
    reports: tuple[SampleReport, ...]
    revised: SampleReport
    later: SampleReport

    def phase(self, phase: int) -> tuple[SampleReport, ...]:
        """The reports published in ``phase`` 1 or 2."""
        if phase == 1:
            return self.reports
        if phase != 2:
            raise ValueError(f"no phase {phase}: the sample has phases 1 and 2")
        kept = (self.revised if report.key == self.revised.key else report for report in self.reports)
        return (*kept, self.later)


@dataclass(slots=True)
class History:
    """One organ's reports, written year after year; ``position`` is the organ's place among its fellows."""

    organ: Organ
    seed: int
    position: int = 0
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.organ, self._rng("figures"))

    def _rng(self, *topic: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, self.organ.key, *topic))))

    def report(self, year: int, printed_organ: str | None = None, title: str | None = None) -> SampleReport:
        """Write the report of ``year``; years must be asked for in order.

        ``printed_organ`` is the name in the title, ``title`` the title's wording with places for
        ``organ`` and ``year``; both vary by themselves if not given. Years before 2019 have no form.
        """
        if year < YEARS.start:
            return self._free_report(year, printed_organ or self.organ.local_name, title)
        rng = self._rng(year)
        index = self.position + year - YEARS.start
        printed_organ = printed_organ or _printed_organ(self.organ, year)
        disclosures_edition = "2019" if year <= 2020 else "2021"
        requests_edition = "2019" if (self.organ.key, year) == MIXED_REPORT else disclosures_edition
        report = Report(
            organ=self.organ.name,
            year=year,
            title=(title or _TITLES[index % len(_TITLES)]).format(organ=printed_organ, year=year),
            published_on=_published_on(self.organ, year, rng),
            scope="area" if self.organ.kind in ("government", "township", "street") else "office",
            edition=disclosures_edition if disclosures_edition == requests_edition else "mixed",
            disclosures_edition=disclosures_edition,
            requests_edition=requests_edition,
            status="complete",
            disclosures=self.ledger.disclosures(disclosures_edition),
            requests=self.ledger.requests(requests_edition),
            reviews=self.ledger.reviews(),
        )
        text = self.prose(report)
        report.sections = _sections(text, year)
        sample = SampleReport(
            self.organ, report, printed_organ, text.preamble, _delivery(self.organ, index), style=index % 4
        )
        _leave_blanks(sample)
        return _misprint(sample) if sample.key == WRONG_SUM else sample

    def _free_report(self, year: int, printed_organ: str, title: str | None) -> SampleReport:
        """Write a report from before the form: sections of its own and, from 2014 on, the statistics."""
        rng = self._rng(year)
        indicators = legacy.indicators(self.organ, rng) if year >= legacy.FIRST_YEAR else []
        report = Report(
            organ=self.organ.name,
            year=year,
            title=(title or _TITLES[0]).format(organ=printed_organ, year=year),
            published_on=f"{year + 1}-03-{rng.randint(4, 29):02d}",
            scope="area" if self.organ.kind in ("government", "township", "street") else "office",
            edition="2014" if indicators else "other",
            status="complete" if indicators else "text_only",
            sections=legacy.sections(self.organ, year, rng),
            indicators=indicators,
        )
        return SampleReport(self.organ, report, printed_organ, (), "page", style=0)

    def prose(self, report: Report) -> prose.Prose:
        """Write the prose that goes with ``report``'s figures."""
        return prose.write(
            self.organ,
            report.year,
            report.requests,
            self._rng(report.year, "prose"),
            headings=self.organ.kind == "office",
        )


def generate(seed: int = 2019) -> SampleCity:
    """Generate the whole city: 72 reports of 12 organs, one revision and one later report."""
    reports: list[SampleReport] = []
    extra: dict[tuple[str, int], SampleReport] = {}
    for position, organ in enumerate(ORGANS):
        history = History(organ, seed, position)
        reports.extend(history.report(year) for year in YEARS)
        if organ.key == LATER_REPORT[0]:
            extra[LATER_REPORT] = replace(history.report(LATER_REPORT[1]), delivery="page")
    before = next(report for report in reports if report.key == REVISED_REPORT)
    return SampleCity(seed, tuple(reports), revise(before, seed), extra[LATER_REPORT])


def _printed_organ(organ: Organ, year: int) -> str:
    if organ.scale == "city" and year == 2021:
        return "云汀市"
    if organ.key in ("zjj", "mzj", "ltz") and year % 2:
        return organ.local_name
    return organ.name


def _published_on(organ: Organ, year: int, rng: random.Random) -> str:
    month, days = ("03", (4, 29)) if organ.kind == "government" else ("01", (5, 30))
    return f"{year + 1}-{month}-{rng.randint(*days):02d}"


def _delivery(organ: Organ, index: int) -> Delivery:
    delivery = _DELIVERIES[index % len(_DELIVERIES)]
    if delivery == "page_docx" and index % 12 == 2:
        return "pdf"
    return delivery


def _sections(text: prose.Prose, year: int) -> list[Section]:
    written = {1: text.overview, 5: text.problems, 6: text.others}
    sections = []
    for position, label in forms.SECTIONS.items():
        heading = label.zh
        if position == 5 and year <= 2020:
            heading = "政府信息公开工作存在的主要问题及改进情况"
        sections.append(
            Section(position, f"{'一二三四五六'[position - 1]}、{heading}", "\n".join(written.get(position, ())))
        )
    return sections


def _leave_blanks(sample: SampleReport) -> None:
    """Blank or dash some zeros, as real reports do."""
    blank, slash, dash = Reading("blank"), Reading("placeholder", "/"), Reading("placeholder", "—")
    report = sample.report
    zeros_of = {
        ("yqj", 2023): [("reviews", "litigation_after_reconsideration", blank)],
        ("sfj", 2023): [("reviews", "litigation_after_reconsideration", blank)],
        ("yqj", 2020): [("disclosures", "procurement", slash), ("disclosures", "regulations", dash)],
        ("wjw", 2024): [("reviews", row, blank) for row in report.reviews],
        ("mzj", 2020): [("requests", row, blank) for row in report.requests if row.startswith("denied_")],
        ("qzfb", 2022): [("requests", row, blank) for row in report.requests if row.startswith("rejected_")],
        ("ltz", 2022): [("disclosures", "regulations", slash)],
        ("mzj", 2023): [("disclosures", "regulations", slash), ("disclosures", "administrative_fees", slash)],
        ("xfj", 2021): [("disclosures", "administrative_coercion", dash)],
        ("jyj", 2019): [("disclosures", "regulations", blank)],
    }
    for table, row, instead in zeros_of.get(sample.key, []):
        cells = getattr(report, table)[row]
        for column, reading in cells.items():
            if reading.number == 0:
                # A unit printed in the cell goes with the number, one of the column head stays.
                unit = None if reading.unit and reading.unit in reading.printed else reading.unit
                cells[column] = replace(instead, unit=unit)


def _misprint(sample: SampleReport) -> SampleReport:
    cells = sample.report.requests["granted"]
    expected = cells["total"].number
    assert isinstance(expected, int)
    cells["total"] = number(expected + 2)
    return replace(sample, wrong_sums=(WrongSum("requests.granted.total", expected + 2, expected),))


def revise(before: SampleReport, seed: int) -> SampleReport:
    """Return the report of a city of ``seed`` as it was altered after publication.

    One more request was granted to a natural person, and section 五 has a new sentence.
    """
    report = Report.from_json(before.report.to_json())
    for row in ("new", "granted", "handled_total"):
        for column in ("natural_person", "total"):
            value = report.requests[row][column].number
            assert isinstance(value, int)
            report.requests[row][column] = number(value + 1)
    report.sections = [
        replace(section, text=section.text + prose.addition(report.year)) if section.number == 5 else section
        for section in _sections(History(before.organ, seed).prose(report), report.year)
    ]
    return replace(before, report=report)
