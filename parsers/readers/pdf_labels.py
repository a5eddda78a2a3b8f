"""Labels of the form among the words of a page without rules, whether in one line or broken over several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parsers.labels import Vocabulary
from parsers.normalise import label_key
from parsers.readers.pdf_words import Word

CENTRED = 0.4  # in type sizes: how far figures may stand from the middle of their label
NEXT_LINE = 2.3  # in type sizes: from one line of a label to the next
_LABEL_LINES = 8
_LABEL_WORDS = 6
_LABEL_GAP = 2.5  # in type sizes: wider white parts two labels on a line


@dataclass(slots=True)
class Label:
    """A label of the form as printed, its words from top to bottom."""

    code: str
    words: list[Word]
    text: str

    @property
    def x0(self) -> float:
        """Left end, in points."""
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        """Right end, in points."""
        return max(word.x1 for word in self.words)

    @property
    def top(self) -> float:
        """Middle of its first line, in points."""
        return min(word.height for word in self.words)

    @property
    def bottom(self) -> float:
        """Middle of its last line, in points."""
        return max(word.height for word in self.words)

    @property
    def size(self) -> float:
        """Size of its type, in points."""
        return self.words[0].size

    def stands_at(self, y: float) -> bool:
        """Whether ``y`` is the height of its middle or of one of its lines, where the figures of its row stand."""
        near = CENTRED * self.size
        middle = (self.top + self.bottom) / 2
        return abs(middle - y) <= near or any(abs(word.height - y) <= near for word in self.words)


def find_labels(lines: Sequence[Sequence[Word]], vocabulary: Vocabulary) -> list[Label]:
    """All labels of a vocabulary, whether in one line or broken over lines that stand right below each other.

    A word belongs to one label: where two claim it the longer one, if it holds all of the other, else none.
    """
    found: list[Label] = []
    for at, line in enumerate(lines):
        for start in range(len(line)):
            run: list[Word] = []
            # A mark left over from the words beside is no beginning of a label.
            if not label_key(line[start].text):
                continue
            for word in line[start : start + _LABEL_WORDS]:
                if word.is_value or (run and word.x0 - run[-1].x1 > _LABEL_GAP * word.size):
                    break
                run.append(word)
                found += _grown(run, lines, at, vocabulary)
    claims = [{id(word) for word in label.words} for label in found]
    return [
        label
        for label, own in zip(found, claims, strict=True)
        if not any(own is not other and own & other and not own > other for other in claims)
    ]


def _grown(run: Sequence[Word], lines: Sequence[Sequence[Word]], at: int, vocabulary: Vocabulary) -> Iterator[Label]:
    """The labels that begin with a run of words on line ``at``."""
    words = list(run)
    for _line in range(_LABEL_LINES):
        text = "".join(word.text for word in words)
        if code := vocabulary.exact(text):
            yield Label(code, list(words), text)
        x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
        last = words[-1]
        below: list[Word] = []
        while not below:
            at += 1
            if at >= len(lines) or lines[at][0].height - last.height > NEXT_LINE * last.size + 4.0:
                return
            below = [word for word in lines[at] if word.x0 < x1 and word.x1 > x0]
        if any(word.is_value for word in below) or below[0].height - last.height > NEXT_LINE * last.size:
            return
        words += below
