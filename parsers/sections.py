"""The six sections: their headings and the prose between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from parsers import forms
from parsers.document import Block, Paragraph
from parsers.normalise import label_key, squeeze
from parsers.report import Section

_NUMERALS = "一二三四五六七八九十"
_TOP_LEVEL = re.compile(rf"^(?:第?(?P<han>[{_NUMERALS}]{{1,2}})(?:部分)?[、.,:]?|(?P<arabic>\d{{1,2}})[.、,])")
# A stray letter that typing leaves before a numeral: l六、
_STRAY_LETTER = re.compile(rf"^[A-Za-z](?=第?[{_NUMERALS}]{{1,2}}[、.,:])")
_LOWER_LEVEL = re.compile(rf"^\([{_NUMERALS}]{{1,2}}\)|^\(\d{{1,2}}\)")
_YEAR = re.compile(r"^(?:20\d\d)年度?")
_WORDINGS = {label_key(wording): number for number, label in forms.SECTIONS.items() for wording in label.wordings}
_OFFICIAL = {label_key(label.zh): number for number, label in forms.SECTIONS.items()}
_LONGEST_HEADING = 45
_SHORT = 200
_CLOSE = 88.0
_ORDINAL = "[一二三四五六七八九]?十?[一二三四五六七八九]|[一二三四五六七八九]?十"
_FREE_HEADING = re.compile(rf"^第?(?P<han>{_ORDINAL})(?:部分)?\s*[、．.：:]")
_FEWEST_SECTIONS = 2
_PREAMBLE_LINES = 12
_SHORTEST_SENTENCE = 20
_LONGEST_PREAMBLE = 3000
_ENDS_SENTENCE = re.compile("[。：:]$|。")
_SEPARATORS = " \u3000\t:：。."


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading: its canonical number, the words, and body text printed on the same line."""

    number: int
    text: str
    rest: str = ""


def match_heading(text: str) -> Heading | None:
    """Read a line as a section heading, None where it is none.

    Sub-headings （一） never are. Without an enumerator only the form's own words count.
    A line that goes on after the heading must be enumerated with the section's own number.
    """
    return _match_short_heading(text) if len(text) <= _SHORT else _match_heading(text)


# Lines are asked about several times; long ones would only fill the memory.
@lru_cache(maxsize=2048)
def _match_short_heading(text: str) -> Heading | None:
    return _match_heading(text)


def _match_heading(text: str) -> Heading | None:
    if len(text) > _SHORT and not _may_head(text[:_SHORT]):
        return None
    line = _STRAY_LETTER.sub("", squeeze(text))
    if not line or _LOWER_LEVEL.match(line):
        return None
    match = _TOP_LEVEL.match(line)
    enumerated = match is not None
    words = line[match.end() :] if match else line
    key = label_key(_YEAR.sub("", words))
    short = len(line) <= _LONGEST_HEADING
    number = (_WORDINGS if enumerated else _OFFICIAL).get(key) if short else None
    if number is not None:
        return Heading(number, text.strip())
    with_body = _heading_with_body(text, words, match) if match else None
    if with_body and (not short or text.strip()[len(with_body.text)] in _SEPARATORS):
        return with_body
    # Short words after the heading, as （单位：件）, belong to a heading that is worded a little differently.
    if short and enumerated and len(key) >= 6 and (number := _close(key)) is not None:
        return Heading(number, text.strip())
    return with_body


@lru_cache(maxsize=512)
def _may_head(opening: str) -> bool:
    """Whether a line that begins so and goes on can be a heading: one this long only with a number before it."""
    line = squeeze(opening)
    return len(line) <= _LONGEST_HEADING or _TOP_LEVEL.match(_STRAY_LETTER.sub("", line)) is not None


@lru_cache(maxsize=2048)
def ordinal_heading(text: str) -> Heading | None:
    """A heading that stands alone and bears no other ordinal than its section's own, None for any other text.

    For places where other enumerated labels abound, as in tables.
    """
    line = squeeze(text)
    if not 4 <= len(line) <= _LONGEST_HEADING:
        return None
    heading = match_heading(text)
    if heading is None or heading.rest:
        return None
    match = _TOP_LEVEL.match(line)
    if match is None:
        return heading
    ordinal = _NUMERALS.index(match["han"][-1]) + 1 if match["han"] else int(match["arabic"])
    return heading if ordinal == heading.number else None


def _close(key: str) -> int | None:
    scored = sorted(((fuzz.ratio(key, wording), number) for wording, number in _WORDINGS.items()), reverse=True)
    best, number = scored[0]
    other = next((score for score, candidate in scored if candidate != number), 0.0)
    return number if best >= _CLOSE and best - other >= 10 else None


def _heading_with_body(text: str, words: str, enumerator: re.Match[str]) -> Heading | None:
    """A heading and the first words of its section on one line, as 六、其他需要报告的事项：无。"""
    if not enumerator["han"]:
        return None
    ordinal = _NUMERALS.index(enumerator["han"][-1]) + 1
    label = forms.SECTIONS.get(ordinal)
    if label is None:
        return None
    for wording in sorted(label.wordings, key=len, reverse=True):
        heading = squeeze(wording)
        rest = words[len(heading) :]
        if (
            not words.startswith(heading)
            or not rest
            or any(squeeze(official) in rest[:60] for official in _other(ordinal))
        ):
            continue
        # Find the same cut in the printed text, white space and width folding aside.
        for cut in range(len(text) + 1):
            if squeeze(text[:cut]).endswith(heading):
                return Heading(ordinal, text[:cut].strip(), text[cut:].lstrip(_SEPARATORS))
    return None


def _other(number: int) -> list[str]:
    return [label.zh for other, label in forms.SECTIONS.items() if other != number]


def read_sections(blocks: Sequence[Block]) -> list[Section]:
    """Split the prose into the six sections.

    The headings may also stand in a table of contents or in the preamble, so of all rising
    chains of headings the longest is taken, and of equally long ones the last.
    """
    return read_prose(blocks)[1]


def read_prose(blocks: Sequence[Block]) -> tuple[str, list[Section]]:
    """The preamble, and the sections as :func:`read_sections` splits them."""
    chain = section_headings(blocks)
    sections: list[Section] = []
    for position, (index, heading) in enumerate(chain):
        end = chain[position + 1][0] if position + 1 < len(chain) else len(blocks)
        lines = [heading.rest] if heading.rest else []
        lines += [block.text.strip() for block in blocks[index + 1 : end] if isinstance(block, Paragraph)]
        sections.append(Section(heading.number, heading.text, "\n".join(line for line in lines if line)))
    return _preamble(blocks[: chain[0][0]] if chain else ()), sections


def _preamble(blocks: Sequence[Block]) -> str:
    """The sentences that stand right before the first section: what is above them on a page is not the report's."""
    kept: list[str] = []
    for block in reversed(blocks[-_PREAMBLE_LINES:]):
        if not isinstance(block, Paragraph):
            break
        line = block.text.strip()
        if _ENDS_SENTENCE.search(line) and len(line) > _SHORTEST_SENTENCE:
            kept.append(line)
        elif kept and not line:
            continue
        elif kept:
            break
    return "\n".join(reversed(kept))[-_LONGEST_PREAMBLE:]


def read_free_sections(blocks: Sequence[Block]) -> list[Section]:
    """Split the prose of a report from before the form into its own sections, numbered from 1.

    Its headings count up 一、二、三…; those of a table of contents have no text between them, so of
    equally long runs the last is taken. Without headings the whole prose is one section.
    """
    lines = [block.text.strip() for block in blocks if isinstance(block, Paragraph)]
    best: list[tuple[int, str, str]] = []
    run: list[tuple[int, str, str]] = []
    for index, line in enumerate(lines):
        ordinal, heading, rest = _free_heading(line)
        if ordinal == 1:
            run = []
        if ordinal == len(run) + 1:
            run = [*run, (index, heading, rest)]
            if len(run) >= len(best):
                best = run
    if len(best) < _FEWEST_SECTIONS:
        text = "\n".join(line for line in lines if line)
        return [Section(1, "", text)] if text else []
    sections = []
    for position, (index, heading, rest) in enumerate(best):
        end = best[position + 1][0] if position + 1 < len(best) else len(lines)
        body = [rest, *lines[index + 1 : end]]
        sections.append(Section(position + 1, heading, "\n".join(line for line in body if line)))
    return sections


def _free_heading(line: str) -> tuple[int | None, str, str]:
    """Ordinal, heading and what follows it on the line; ordinal None where the line is no heading."""
    match = _FREE_HEADING.match(line)
    if not match:
        return None, "", ""
    ordinal = _ordinal(match["han"])
    if len(line) <= _LONGEST_HEADING and not line.rstrip().endswith(("；", ";")):
        return ordinal, line, ""
    heading, mark, rest = line.partition("。")
    if mark and len(heading) <= _LONGEST_HEADING:
        return ordinal, heading, rest.strip()
    return None, "", ""


def _ordinal(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    digits = _NUMERALS[:9]
    return (10 * (digits.index(tens) + 1 if tens else 1) if ten else 0) + (digits.index(ones) + 1 if ones else 0)


def section_headings(blocks: Sequence[Block]) -> list[tuple[int, Heading]]:
    """The headings that divide the prose, each with the index of its block."""
    return _longest_last_chain(
        [
            (index, heading)
            for index, block in enumerate(blocks)
            if isinstance(block, Paragraph) and (heading := match_heading(block.text))
        ]
    )


def _longest_last_chain(headings: list[tuple[int, Heading]]) -> list[tuple[int, Heading]]:
    """Longest strictly rising subsequence by section number, the latest one among equals."""
    # By the number of their last heading; of those with the same, the later one is as good for all that follow.
    best: dict[int, list[tuple[int, Heading]]] = {}
    for entry in headings:
        number = entry[1].number
        before = max(
            (chain for last, chain in best.items() if last < number),
            key=lambda chain: (len(chain), chain[-1][0]),
            default=[],
        )
        if len(before) + 1 >= len(best.get(number, [])):
            best[number] = [*before, entry]
    return max(best.values(), key=lambda chain: (len(chain), [index for index, _heading in chain]), default=[])
