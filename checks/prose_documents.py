"""Prose against table 二: how many regulations and normative documents were issued, repealed, are in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from checks import figures
from checks.figures import OFFICE_AGAINST_AREA, Amount, covers_area, plain, wider_area
from checks.numerals import HAN_DIGITS, HAN_UNITS, read_number
from checks.prose import MOST_FINDINGS, Prose, Sentence
from checks.rule import rule
from checks.statements import body_before, data, is_self, other_year, relative_years
from parsers import forms
from parsers.report import Cause, Finding, Report, Severity

RULE = rule("prose.documents")
RULES = (RULE,)

# By edition of table 二 the measures that a verb may mean, the most literal first.
_MEASURES = {
    "issued": (("issued",), ("made", "disclosed")),
    "repealed": (("repealed",), ()),
    "in_force": (("in_force",), ("total_disclosed",)),
}
_VERBS = {"issued": "制发", "repealed": "废止", "in_force": "现行有效"}
_CLAUSE = re.compile("[,:()]")


class _Statement(NamedTuple):
    item: str
    verb: str
    value: int | float
    sentence: Sentence
    area: bool


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = data()["documents"]
    objects = "|".join(f"(?P<{item}>{pattern})" for item, pattern in words["objects"].items())
    verbs = "|".join(f"(?P<{verb}>{pattern})" for verb, pattern in words["verbs"].items())
    number = rf"(?P<number>\d+(?:,\d{{3}})*|[{HAN_DIGITS}{HAN_UNITS}]+)(?:{words['counters']})(?!次)"
    return {
        "token": re.compile(f"{objects}|{verbs}|{number}|(?P<none>未(?!经)|没有|无(?!法))"),
        "unlike": re.compile(words["unlike"]),
        "compare": re.compile("|".join(data()["tokens"]["compare"])),
        "area": re.compile("|".join(data()["tokens"]["area"])),
    }


def check_prose(prose: Prose) -> list[Finding]:
    """Compare the documents that sentences count with table 二; silent where either does not tell."""
    report = prose.report
    if not report.disclosures:
        return []
    found: dict[tuple[str, str], Finding] = {}
    for sentence in prose.sentences:
        text = sentence.text
        if len(found) >= MOST_FINDINGS:
            break
        if sentence.section == 5 or ("规范性文件" not in text and "规章" not in text):
            continue
        for statement in _read(sentence, report.year, report.organ):
            finding = _compare(prose, statement)
            if finding is not None:
                found.setdefault((finding.cells[1], finding.key), finding)
    return list(found.values())


def _read(sentence: Sentence, year: int, organ: str) -> Iterator[_Statement]:
    text = relative_years(sentence.text, year)
    item: str | None = None
    own_year = True
    for clause in _CLAUSE.split(text):
        own_year = not other_year(clause) if "年" in clause else own_year
        tokens = [(match.lastgroup or "", match) for match in _patterns()["token"].finditer(clause)]
        objects = [kind for kind, _match in tokens if kind in data()["documents"]["objects"]]
        item = objects[0] if len(objects) == 1 else None if objects else item
        verbs = [kind for kind, _match in tokens if kind in _MEASURES]
        numbers = [match for kind, match in tokens if kind == "number"]
        if (
            not own_year
            or len(verbs) != 1
            or _patterns()["unlike"].search(clause)
            or _patterns()["compare"].search(clause)
        ):
            continue
        verb = next(match for kind, match in tokens if kind in _MEASURES)
        name = body_before(clause[: verb.start()])
        if name is not None and not is_self(name, organ):
            continue
        area = bool(_patterns()["area"].search(clause))
        denied = any(kind == "none" for kind, _match in tokens)
        if not numbers and denied and objects and tokens[0][0] == "none":
            for one in objects:
                yield _Statement(one, verbs[0], 0, sentence, area)
        elif len(numbers) == 1 and not denied and item and len(objects) <= 1:
            if (
                objects
                and clause.find("规范性文件") > numbers[0].start()
                and clause[numbers[0].end() :][:1] not in "行规的"
            ):
                continue
            value = read_number(numbers[0]["number"])
            if value is not None:
                yield _Statement(item, verbs[0], value, sentence, area)


def _compare(prose: Prose, statement: _Statement) -> Finding | None:
    report = prose.report
    if statement.area and (not covers_area(report) or wider_area(statement.sentence.text, report.organ)):
        return None
    amounts = _amounts(report, statement)
    if not amounts or not all(amount.differs(statement.value) for amount in amounts):
        return None
    table = amounts[0]
    severity: Severity = "warning"
    cause: Cause = prose.cause if all(amount.sure for amount in amounts) else "unknown"
    name = forms.ITEMS[statement.item].zh
    message = f"正文称{_VERBS[statement.verb]}{name}{plain(statement.value)}件，表二为{table.words}，两者不一致"
    if covers_area(report) and not statement.area and statement.value < table.number:
        severity, cause = "note", "unknown"
        message += OFFICE_AGAINST_AREA
    return Finding(
        rule=RULE.code,
        severity=severity,
        cause=cause,
        message=message,
        cells=(statement.sentence.cell, *table.fields),
        expected=plain(table.number),
        actual=plain(statement.value),
        evidence=prose.quote(statement.sentence, name),
        key=f"{statement.item}.{statement.verb}={plain(statement.value)}",
    )


def _amounts(report: Report, statement: _Statement) -> list[Amount]:
    for measures in _MEASURES[statement.verb]:
        read = [figures.cell(report, "disclosures", statement.item, measure) for measure in measures]
        if any(amount is not None for amount in read):
            return [amount for amount in read if amount is not None] if all(read) else []
    return []
