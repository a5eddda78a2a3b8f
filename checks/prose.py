"""The prose of a report as the rules read it: sections without white space, cut into sentences once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from parsers.normalise import fold
from parsers.report import Cause, Report

_SENTENCE = re.compile(r"[^。;!?]*[。;!?]+[”’」』)]*|[^。;!?]+$")
_PRINTED_SENTENCE = re.compile(r"[^。；;！!？?]*[。；;！!？?]+[”’」』)）]*|[^。；;！!？?]+$")
_LONGEST_QUOTE = 240
# Fetched text may be of any length; no report comes near these.
_LONGEST_SECTION = 200_000
_LONGEST_SENTENCE = 3_000
MOST_FINDINGS = 40
"""So many findings of one check on one report are enough: fetched text may be made to yield any number."""
_IN_DOUBT = ("extraction.ocr", "extraction.unreadable_text", "extraction.converted", "extraction.further_pages")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its section, where it stands there (line, ordinal), its text folded and without white space."""

    section: int
    line: int
    ordinal: int
    text: str

    @property
    def cell(self) -> str:
        """The field of its section."""
        return f"sections.{self.section}"


@dataclass
class Prose:
    """What the rules on text share of one report."""

    report: Report
    sections: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, report: Report) -> Prose:
        """Fold a report's sections and drop the white space within their lines."""
        sections: dict[int, str] = {}
        for section in report.sections:
            lines = fold(section.text[:_LONGEST_SECTION]).split("\n")
            text = "\n".join("".join(line.split()) for line in lines)
            # Of a number met twice the first counts, as for the archive.
            sections.setdefault(section.number, text)
        return cls(report, sections)

    @cached_property
    def preamble(self) -> str:
        """What stands before the first section, folded and without white space."""
        return "\n".join("".join(line.split()) for line in fold(self.report.preamble).split("\n"))

    @cached_property
    def text(self) -> str:
        """Preamble and all sections."""
        return "\n".join((self.preamble, *self.sections.values()))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences of the sections in printed order."""
        return tuple(self._cut())

    def _cut(self) -> Iterator[Sentence]:
        for number, text in self.sections.items():
            for index, line in enumerate(text.split("\n")):
                for ordinal, found in enumerate(_SENTENCE.findall(line)):
                    yield Sentence(number, index, ordinal, found[:_LONGEST_SENTENCE])

    @property
    def cause(self) -> Cause:
        """Whose fault an oddity of the text is: 'unknown' where the text was recognised or read in part."""
        doubtful = any(problem.rule in _IN_DOUBT for problem in self.report.problems)
        return "unknown" if doubtful else "source"

    def quote(self, sentence: Sentence, around: str = "") -> str:
        """The sentence as printed; of a very long one the part around the words ``around``."""
        printed = sentence.text
        section = next((part for part in self.report.sections if part.number == sentence.section), None)
        if section is not None:
            lines = section.text[:_LONGEST_SECTION].split("\n")
            parts = _PRINTED_SENTENCE.findall(lines[sentence.line]) if sentence.line < len(lines) else []
            if sentence.ordinal < len(parts) and "".join(fold(parts[sentence.ordinal]).split()) == sentence.text:
                printed = parts[sentence.ordinal].strip()
        return trimmed(printed, around)


def trimmed(text: str, around: str = "") -> str:
    """The text, of a very long one what stands around the words ``around``."""
    if len(text) <= _LONGEST_QUOTE:
        return text
    at = max(text.find(around), 0) if around else 0
    start = max(0, min(at - _LONGEST_QUOTE // 2, len(text) - _LONGEST_QUOTE))
    end = start + _LONGEST_QUOTE
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
