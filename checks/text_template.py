"""Text of a template that was not filled in: instructions, placeholders, a counter without its number."""

from __future__ import annotations

from checks.prose import MOST_FINDINGS, Prose, Sentence, trimmed
from checks.rule import rule
from checks.text_words import pattern
from parsers.report import Finding

RULE = rule("text.template")
RULES = (RULE,)

_LONGEST_REMNANT = 60


def check_prose(prose: Prose) -> list[Finding]:
    """Find what a template leaves, once per kind of remnant and section."""
    found: dict[tuple[str, str], Finding] = {}
    for section, text in (*prose.sections.items(), (0, prose.preamble)):
        if not pattern("template", "phrases").search(text) and not pattern("template", "missing").search(text):
            continue
        if section == 0:
            if remnant := _remnant(text):
                found["", remnant] = _finding(prose, (), remnant, trimmed(text, remnant))
            continue
        for sentence in prose.sentences:
            if len(found) < MOST_FINDINGS and sentence.section == section and (remnant := _remnant(sentence.text)):
                found.setdefault((sentence.cell, remnant), _about(prose, sentence, remnant))
    return list(found.values())


def _remnant(text: str) -> str | None:
    match = pattern("template", "phrases").search(text)
    if match:
        return match.group()[:_LONGEST_REMNANT]
    missing = pattern("template", "missing").search(text)
    if missing and not pattern("template", "missing_not").search(missing.group()):
        return missing.group()
    return None


def _about(prose: Prose, sentence: Sentence, remnant: str) -> Finding:
    return _finding(prose, (sentence.cell,), remnant, prose.quote(sentence, remnant[:6]))


def _finding(prose: Prose, cells: tuple[str, ...], remnant: str, evidence: str) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="warning",
        cause=prose.cause,
        message=f"正文留有未填写的模板文字“{remnant[:40]}”",
        cells=cells,
        actual=remnant,
        evidence=evidence,
        key=remnant,
    )
