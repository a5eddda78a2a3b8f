"""What the prose says in two places of the fees charged for handling requests.

Table 二's fees are the organ's own (行政事业性收费); fees for handling requests stand in the prose
alone, so they are compared with nothing else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from checks.prose import Prose, Sentence
from checks.relations import number_text
from checks.rule import rule
from checks.statements import data, other_year, relative_years
from parsers.report import Finding

RULE = rule("prose.fee")
RULES = (RULE,)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in data()["fees"].items()}


def check_prose(prose: Prose) -> list[Finding]:
    """Find two sentences that state different fees of the report's own year."""
    stated: dict[Decimal, Sentence] = {}
    for sentence in prose.sentences:
        if "费" not in sentence.text or sentence.section == 5:
            continue
        fee = _fee(sentence, prose.report.year)
        if fee is not None:
            stated.setdefault(fee, sentence)
    if len(stated) < 2:
        return []
    (first, one), (second, other) = list(stated.items())[:2]
    return [
        Finding(
            rule=RULE.code,
            severity="warning",
            cause=prose.cause,
            message=f"正文一处称收取信息处理费{number_text(first)}元，另一处称{number_text(second)}元，两处不一致",
            cells=tuple(dict.fromkeys((one.cell, other.cell))),
            expected=number_text(first),
            actual=number_text(second),
            evidence=f"{prose.quote(one, '费')}\n{prose.quote(other, '费')}",
        )
    ]


def _fee(sentence: Sentence, year: int) -> Decimal | None:
    """The fee in yuan that a sentence states, None where it states none or more than one."""
    patterns = _patterns()
    text = relative_years(sentence.text, year)
    if not patterns["about"].search(text) or patterns["unlike"].search(text) or other_year(text):
        return None
    amounts = [*patterns["charged"].finditer(text), *patterns["charged_after"].finditer(text)]
    fees = {Decimal(match["number"].replace(",", "")) * (10_000 if match["unit"] == "万元" else 1) for match in amounts}
    if len(fees) == 1:
        return fees.pop()
    return Decimal(0) if not fees and patterns["none"].search(text) else None
