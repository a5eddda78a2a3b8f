"""A report that states another figure for the year before than that year's own report, or corrects it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from checks.labels import cell_label
from checks.neighbours import EarlierFigure, Neighbour, text_of
from checks.rule import rule
from parsers.report import Finding

RULE = rule("years.restated")
RULES = (RULE,)

_NEW = "requests.new.total"
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_LONGEST_QUOTE = 300


def check_year(report: Neighbour, before: Neighbour) -> list[Finding]:
    """Compare what the prose says of the year before with ``before``, that year's report."""
    found: list[Finding] = []
    for said in report.earlier:
        stated = before.number(said.field)
        if stated is None or stated == said.number or not report.comparable(before):
            continue
        found.append(
            Finding(
                rule=RULE.code,
                severity="warning",
                cause="source" if before.sure(said.field) else "unknown",
                message=f"{report.year}年报告的文字称上年为{said.number}，"
                f"{before.year}年报告{cell_label(said.field)}为{text_of(stated)}，两处不同",
                cells=("sections.1",),
                expected=text_of(stated),
                actual=str(said.number),
                evidence=said.sentence,
                key=f"{said.field}={said.number}",
                other_report_id=before.report_id,
                other_cells=(said.field,),
            )
        )
    if report.corrections:
        found.append(
            Finding(
                rule=RULE.code,
                severity="note",
                cause="source",
                message=f"{report.year}年报告说明上年（{before.year}年）报告的数字有更正",
                cells=("sections.1",),
                evidence="\n".join(report.corrections),
                key="correction",
                other_report_id=before.report_id,
            )
        )
    return found


def figures_in(texts: Iterable[str], year: int) -> tuple[EarlierFigure, ...]:
    """What the prose of the report of ``year`` says of the year before, by sentence."""
    found: dict[tuple[str, int], EarlierFigure] = {}
    stated, more, less, _ = _patterns(year)
    for sentence in _sentences(texts):
        numbers = [int(match[1]) for pattern in stated for match in pattern.finditer(sentence)]
        numbers += [int(match[1]) - int(match[2]) for match in more.finditer(sentence)]
        numbers += [int(match[1]) + int(match[2]) for match in less.finditer(sentence)]
        for number in numbers:
            found.setdefault((_NEW, number), EarlierFigure(_NEW, number, sentence[:_LONGEST_QUOTE]))
    return tuple(found[key] for key in sorted(found))


def corrections_in(texts: Iterable[str], year: int) -> tuple[str, ...]:
    """The sentences by which the report of ``year`` corrects that of the year before."""
    pattern = _patterns(year)[-1]
    return tuple(dict.fromkeys(sentence[:_LONGEST_QUOTE] for sentence in _sentences(texts) if pattern.search(sentence)))


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in _SENTENCE.finditer(text):
            # Digits in full width, and spaces within a number, are the typesetter's.
            yield "".join(unicodedata.normalize("NFKC", match.group()).replace(",", "，").split())


@cache
def _texts() -> dict[str, list[str] | str]:
    return tomllib.loads(resources.files("checks").joinpath("earlier_figures.toml").read_text("utf-8"))


@lru_cache(maxsize=64)
def _patterns(year: int) -> tuple[list[re.Pattern[str]], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    def compiled(text: str) -> re.Pattern[str]:
        return re.compile(text.replace("{before}", str(year - 1)).replace("{year}", str(year)))

    words = _texts()
    return (
        [compiled(text) for text in words["new_requests"]],
        compiled(str(words["new_requests_more"])),
        compiled(str(words["new_requests_less"])),
        compiled(str(words["correction"])),
    )
