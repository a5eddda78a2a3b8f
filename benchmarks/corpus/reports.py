"""Fictional reports as editors fill them in: realistic figures, blanks, and a known share of wrong sums."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.corpus.truth import Number, Truth
from parsers import forms
from parsers.report import Reading, Readings
from sample import prose
from sample.figures import Ledger, broken_relations, number
from sample.organs import CITY_HOST, Kind, Organ, Scale
from tests.parsers.printed_forms import Figures, Rows, disclosure_rows, request_rows, review_rows

WRONG_SUM_SHARE = 0.15
EDITIONS = (("2021", "2021"), ("2021", "2021"), ("2019", "2019"), ("2021", "2019"), ("2019", "2021"))
"""Editions of tables 二 and 三; published reports mix them."""
NUMERALS = "一二三四五六"
TITLES = (
    "{organ}{year}年政府信息公开工作年度报告",
    "{year}年{organ}政府信息公开工作年度报告",
    "{organ}{year}年度政府信息公开工作年度报告",
    "{organ}政府信息公开工作{year}年度报告",
)

_CITIES = ("明川市", "澜州市", "松陵市", "柏河市", "临渡市")
_COUNTIES = ("白崖县", "东望区", "沙坪县", "青砚区", "石桥县")
_TOWNS = ("乌石镇", "柳溪镇", "半山乡", "北岸街道办事处", "临江街道办事处")
_OFFICES: tuple[tuple[str, Kind], ...] = (
    ("林业局", "department"),
    ("财政局", "department"),
    ("人力资源和社会保障局", "department"),
    ("住房和城乡建设局", "department"),
    ("市场监督管理局", "department"),
    ("卫生健康委员会", "department"),
    ("退役军人事务局", "department"),
    ("信访局", "department"),
)
_TOPICS = ("重大建设项目批准和实施", "财政预决算", "稳岗就业和社会保障", "规范性文件及政策解读", "公共资源配置")
_SCALES: tuple[tuple[Scale, int], ...] = (("small", 40), ("busy", 30), ("office", 8), ("district", 12), ("city", 10))
_LARGE = (1_000_000, 98_000_000)
_BLANK = Reading("blank")
_PLACEHOLDERS = ("/", "—", "-", "无")


@dataclass(slots=True)
class FilledReport:
    """A report as filled in: ``figures`` are the printed texts by table, row and column ('' for a blank)."""

    organ: Organ
    printed_organ: str
    year: int
    title: str
    two: str
    three: str
    readings: dict[str, Readings]
    text: prose.Prose

    @property
    def figures(self) -> dict[str, Figures]:
        """Printed texts by table, row and column."""
        return {
            table: {row: {column: reading.printed for column, reading in cells.items()} for row, cells in rows.items()}
            for table, rows in self.readings.items()
        }

    def rows(self) -> dict[int, Rows]:
        """The three tables as rows of spanning cells, by the section in which they stand."""
        figures = self.figures
        return {
            2: disclosure_rows(self.two, figures["disclosures"]),
            3: request_rows(self.three, figures["requests"]),
            4: review_rows(figures["reviews"]),
        }

    def headings(self) -> dict[int, str]:
        """The six headings as printed."""
        return {number: f"{NUMERALS[number - 1]}、{label.zh}" for number, label in forms.SECTIONS.items()}

    def paragraphs(self, section: int) -> Sequence[str]:
        """The prose of a section."""
        return {1: self.text.overview, 5: self.text.problems, 6: self.text.others}.get(section, ())

    def truth(self, **changes: object) -> Truth:
        """What is true of the report where nothing is lost in print; ``changes`` alter that."""
        cells: dict[str, Number | None] = {}
        units: dict[str, str] = {}
        for table, rows in self.readings.items():
            for row, columns in rows.items():
                for column, reading in columns.items():
                    name = f"{table}.{row}.{column}"
                    cells[name] = reading.number if reading.kind == "number" else None
                    if column == "amount" and reading.kind == "number" and reading.unit:
                        units[name] = reading.unit
        truth = Truth(
            organs=tuple(dict.fromkeys((self.printed_organ, self.organ.name))),
            year=self.year,
            disclosures_edition=self.two,
            requests_edition=self.three,
            cells=cells,
            units=units,
            wrong_sums=tuple(broken_relations(self.readings["requests"], self.readings["reviews"])),
        )
        return replace(truth, **changes)  # type: ignore[arg-type]


def fill(
    rng: random.Random, *, editions: tuple[str, str] | None = None, scale: Scale | None = None, blanks: bool = True
) -> FilledReport:
    """Fill in a report; the same state of ``rng`` gives the same report.

    ``editions`` of tables 二 and 三 and the organ's ``scale`` are drawn where not given;
    without ``blanks`` every cell prints a number.
    """
    two, three = editions or rng.choice(EDITIONS)
    organ = draw_organ(rng, scale or rng.choices([s for s, _ in _SCALES], [weight for _, weight in _SCALES])[0])
    year = rng.choice((2019, 2020)) if (two, three) == ("2019", "2019") else rng.randint(2021, 2024)
    ledger = Ledger(organ, rng)
    ledger.requests(three)  # the year before leaves something to carry over
    readings = {
        "disclosures": ledger.disclosures(two),
        "requests": ledger.requests(three),
        "reviews": ledger.reviews(),
    }
    if organ.scale == "city":
        _enlarge(readings["disclosures"], rng)
    text = prose.write(organ, year, readings["requests"], rng, headings=rng.random() < 0.3)
    if rng.random() < WRONG_SUM_SHARE:
        misprint(readings, rng)
    if blanks:
        leave_blanks(readings, rng)
    printed = organ.name
    title = rng.choice(TITLES).format(organ=printed, year=year)
    return FilledReport(organ, printed, year, title, two, three, readings, text)


def draw_organ(rng: random.Random, scale: Scale) -> Organ:
    """Draw a fictional organ of a ``scale``."""
    city, county = rng.choice(_CITIES), rng.choice(_COUNTIES)
    kind: Kind
    if scale == "city":
        place, short, kind = city, "人民政府", "government"
    elif scale == "district":
        place, short, kind = city + county, "人民政府", "government"
    elif scale == "office":
        place, short, kind = city + county, "人民政府办公室", "office"
    elif scale == "small" and rng.random() < 0.4:
        place, short = county, rng.choice(_TOWNS)
        kind = "street" if short.endswith("办事处") else "township"
        short = short if kind == "street" else short + "人民政府"
    else:
        place = rng.choice((city, county, city + county))
        short, kind = rng.choice(_OFFICES)
    topics = tuple(rng.sample(_TOPICS, 4))
    return Organ(f"{place}{short}", place + short, short, CITY_HOST, kind, scale, "本机关", topics)


def _enlarge(disclosures: Readings, rng: random.Random) -> None:
    """Give a city's decisions the size that they have where whole provinces' services are counted."""
    for item, cells in disclosures.items():
        if "decisions" in cells and rng.random() < 0.4:
            decided = rng.randint(*_LARGE)
            disclosures[item]["decisions"] = number(decided, cells["decisions"].unit)


def misprint(readings: dict[str, Readings], rng: random.Random) -> None:
    """Print one total wrong."""
    table = rng.choice(("requests", "requests", "reviews"))
    row = rng.choice(sorted(readings[table]))
    cell = readings[table][row]["total"]
    assert isinstance(cell.number, int)
    printed = rng.choice((cell.number + rng.choice((1, 2, 9)), cell.number * 10 + 1, 0 if cell.number else 3))
    readings[table][row]["total"] = number(printed)


def leave_blanks(readings: dict[str, Readings], rng: random.Random) -> None:
    """Leave zeros out, as editors do: nowhere, in some rows, or wherever nothing happened."""
    habit = rng.choices(("none", "rows", "all zeros", "but totals"), (50, 25, 15, 10))[0]
    if habit == "none":
        return
    instead = _BLANK if rng.random() < 0.6 else Reading("placeholder", rng.choice(_PLACEHOLDERS))
    for rows in readings.values():
        for cells in rows.values():
            if habit == "rows" and rng.random() < 0.6:
                continue
            for column, reading in cells.items():
                if reading.number == 0 and (habit != "but totals" or column not in ("total", "in_force")):
                    cells[column] = instead
