"""Where two texts differ, sentence by sentence and within sentences word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

MAX_PRODUCT = 25_000_000
"""Longest comparison: the product of the numbers of pieces on both sides. Memory and time grow with it."""

MAX_CHARACTERS = 200_000
"""Longest texts, both together, that are compared at all: a section has some thousands."""

ALIKE = 0.5
"""Share of words in common from which two sentences are compared word by word."""

# A paragraph's end is a piece of its own, so that a moved break does not mark its sentence.
_SENTENCE = re.compile(r"\n+|[^。；！？\n]+[。；！？]*|[。；！？]+")
_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one text; ``changed`` where the other text has something else, or nothing."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class TextDifference:
    """Both texts in parts. ``compared`` is false where they are too long, and then nothing is marked."""

    first: tuple[Part, ...]
    second: tuple[Part, ...]
    compared: bool = True

    @property
    def same(self) -> bool:
        """Whether the texts were compared and nothing differs."""
        return self.compared and not any(part.changed for part in (*self.first, *self.second))


@dataclass(slots=True)
class _Block:
    """Pieces of both texts that stand at the same place; ``equal`` where they are the same."""

    equal: bool
    first: list[str]
    second: list[str]


def _blocks(first: Sequence[str], second: Sequence[str]) -> list[_Block] | None:
    """Return equal and differing stretches in turn; None where comparing would take too long."""
    if len(first) * len(second) > MAX_PRODUCT:
        return None
    blocks: list[_Block] = []
    for step in Indel.opcodes(first, second):
        equal = step.tag == "equal"
        if not blocks or blocks[-1].equal != equal:
            blocks.append(_Block(equal, [], []))
        blocks[-1].first += first[step.src_start : step.src_end]
        blocks[-1].second += second[step.dest_start : step.dest_end]
    return blocks


def _without_islands(blocks: list[_Block]) -> list[_Block]:
    """Join changes between which a single word happens to be the same: they read as one."""
    joined: list[_Block] = []
    for position, block in enumerate(blocks):
        inside = 0 < position < len(blocks) - 1
        equal = block.equal and not (inside and len(block.first) == 1)
        if joined and not joined[-1].equal and not equal:
            joined[-1].first += block.first
            joined[-1].second += block.second
        else:
            joined.append(_Block(equal, list(block.first), list(block.second)))
    return joined


def _within(block: _Block) -> list[_Block]:
    """Compare differing sentences word by word, where both sides have some."""
    if block.equal or not block.first or not block.second:
        return [block]
    words = [_WORD.findall("".join(side)) for side in (block.first, block.second)]
    found = _blocks(*words)
    if found is None:
        return [block]
    shared = sum(len(part.first) for part in found if part.equal)
    # Sentences that share little are other sentences, not the same one reworded.
    return _without_islands(found) if 2 * shared >= ALIKE * (len(words[0]) + len(words[1])) else [block]


def compare_texts(first: str, second: str) -> TextDifference:
    """Compare two texts; the parts of each joined give the text without white space around it."""
    first, second = first.strip(), second.strip()
    blocks = None
    if len(first) + len(second) <= MAX_CHARACTERS:
        blocks = _blocks(_SENTENCE.findall(first), _SENTENCE.findall(second))
    if blocks is None:
        return TextDifference((Part(first, False),), (Part(second, False),), compared=False)
    fine = [part for block in blocks for part in _within(block)]
    return TextDifference(
        tuple(Part("".join(block.first), not block.equal) for block in fine if block.first),
        tuple(Part("".join(block.second), not block.equal) for block in fine if block.second),
    )
