"""Text that a section shares with another report: how much of it, and which passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from checks.neighbours import Neighbour
from checks.passages import Passage, printed
from checks.rule import rule
from parsers.report import Finding

OTHER_ORGAN = rule("reuse.other_organ")
LAST_YEAR = rule("reuse.last_year")
RULES = (OTHER_ORGAN, LAST_YEAR)

COMMON_ORGANS = 5
"""A clause that so many organs use is a common phrase."""


LEAST_ORGANS = 10
"""With fewer organs in the archive, what is a common phrase can hardly be told."""


@dataclass(frozen=True, slots=True)
class Measure:
    """From which overlap on a section is worth a word.

    ``share`` is of the text without common phrases, ``characters`` are figures and names masked,
    ``part`` is of the whole section, common phrases counted.
    """

    share: float
    characters: int
    part: float


OTHERS = Measure(share=0.5, characters=50, part=0.2)
OWN = Measure(share=0.6, characters=80, part=0.2)
"""An organ's own text is repeated with more right."""
_LONGEST_COMPARED = 6000
# Of a clause that was edited: the shortest run of characters that counts, and what part of it must be left.
_SHORTEST_RUN = 3
_LEAST_OF_CLAUSE = 0.6
_GENERAL_OFFICES = ("办公室", "办公厅")
_QUOTED = 3
_LONGEST_QUOTE = 160
_PUNCTUATION = "，,。；;：:！!？? \n\r"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Of one section's ``characters``, ``counted`` are no common phrases; ``repeated`` of these the other report has.

    ``indices`` are those of the clauses that repeat it, whole or in part; ``other_section`` has most of them.
    """

    section: int
    other_section: int
    characters: int
    counted: int
    repeated: int
    indices: tuple[int, ...]

    @property
    def share(self) -> float:
        """The part that is repeated, 0 to 1."""
        return self.repeated / self.counted if self.counted else 0.0

    def reaches(self, least: Measure) -> bool:
        """Whether it is enough to speak of."""
        return (
            self.repeated >= least.characters
            and self.share >= least.share
            and self.repeated >= least.part * self.characters
        )


def overlap(
    own: Sequence[Passage], other: Sequence[Passage], common: Container[int], known: Container[int] = ()
) -> Overlap:
    """Align one section with another report's prose.

    Clauses whose hash is in ``common`` are set aside; those in ``known`` count as the report's own.
    What stands clause by clause in the other report is found wherever it stands there; of the
    other clauses those are, as far as they agree, of which most stands there in the same order.
    """
    counted = [passage for passage in own if passage.hash not in common]
    theirs = {passage.hash: passage.section for passage in other}
    whole = [passage for passage in counted if passage.hash in theirs and passage.hash not in known]
    repeated = sum(len(passage.masked) for passage in whole)
    indices = {passage.clause for passage in whole}
    sections = Counter(theirs[passage.hash] for passage in whole)
    rest = [passage for passage in counted if passage.hash not in theirs and passage.hash not in known]
    ours = {passage.hash for passage in own}
    beside = [passage for passage in other if passage.hash not in ours and passage.hash not in common]
    for passage, length in _runs(rest, beside):
        repeated += length
        indices.add(passage.clause)
    total = sum(len(passage.masked) for passage in counted)
    characters = sum(len(passage.masked) for passage in own)
    section = own[0].section if own else 0
    most = max(sections, key=lambda one: (sections[one], -one), default=section)
    return Overlap(section, most, characters, total, repeated, tuple(sorted(indices)))


def _runs(ours: Sequence[Passage], theirs: Sequence[Passage]) -> list[tuple[Passage, int]]:
    # Marks that the other side has not keep a run within one clause.
    left, starts = "", []
    for passage in ours:
        starts.append(len(left))
        left += passage.masked + "\n"
    right = "\r".join(passage.masked for passage in theirs)[:_LONGEST_COMPARED]
    left = left[:_LONGEST_COMPARED]
    if not left or not right:
        return []
    found: dict[int, int] = {}
    position = 0
    for block in LCSseq.opcodes(left, right):
        length = block.src_end - block.src_start
        if block.tag != "equal" or length < _SHORTEST_RUN:
            continue
        while position + 1 < len(starts) and starts[position + 1] <= block.src_start:
            position += 1
        found[position] = found.get(position, 0) + length
    return [
        (ours[position], length)
        for position, length in found.items()
        if length >= _LEAST_OF_CLAUSE * len(ours[position].masked)
    ]


def one_house(organ: str, other: str) -> bool:
    """Whether one of two organs is the other's general office: they publish one report under both names."""
    longer, shorter = (organ, other) if len(organ) > len(other) else (other, organ)
    return longer.startswith(shorter) and longer.removeprefix(shorter) in _GENERAL_OFFICES


def from_other_organ(report: Neighbour, other: Neighbour, shared: Overlap, text: str, organs: int) -> Finding:
    """Say that a section (its ``text`` as printed) is shared with another organ's report.

    Among few ``organs`` it may be a template that the others happen not to be there to show: a note.
    """
    few = organs < LEAST_ORGANS
    turn = order(report, other)
    return Finding(
        rule=OTHER_ORGAN.code,
        severity="note" if turn == "before" or few else "warning",
        cause="source",
        message=f"第{shared.section}部分除通用语外{shared.counted}字，有{shared.repeated}字（{shared.share:.0%}）"
        f"与{other.organ}{other.year}年报告相同{_ORDERS[turn]}{_FEW if few else ''}",
        cells=(f"sections.{shared.section}",),
        actual=f"{shared.share:.0%}",
        evidence=_quoted(text, shared.indices),
        other_report_id=other.report_id,
        other_cells=(f"sections.{shared.other_section}",),
    )


def from_last_year(report: Neighbour, before: Neighbour, shared: Overlap, text: str) -> Finding:
    """Say that a section (its ``text`` as printed) repeats the organ's earlier report."""
    return Finding(
        rule=LAST_YEAR.code,
        severity="note",
        cause="source",
        message=f"第{shared.section}部分除通用语外{shared.counted}字，有{shared.repeated}字（{shared.share:.0%}）"
        f"与本机关{before.year}年报告相同",
        cells=(f"sections.{shared.section}",),
        actual=f"{shared.share:.0%}",
        evidence=_quoted(text, shared.indices),
        other_report_id=before.report_id,
        other_cells=(f"sections.{shared.other_section}",),
    )


_FEW = f"（本库不足{LEAST_ORGANS}个机关，通用语难以辨认）"
_ORDERS = {
    "after": "，该报告在先",
    "before": "，该报告在后",
    "unknown": "，两份报告的先后不能断定",
}


def order(report: Neighbour, other: Neighbour) -> str:
    """Whether ``report`` came 'after' or 'before' the other, by year, then by the portals' dates; else 'unknown'."""
    if report.year != other.year:
        return "after" if report.year > other.year else "before"
    if not report.published_on or not other.published_on or report.published_on == other.published_on:
        return "unknown"
    return "after" if report.published_on > other.published_on else "before"


def _quoted(text: str, indices: Sequence[int]) -> str | None:
    """The longest runs of clauses as printed, in their order."""
    clauses = printed(text)
    runs: list[list[int]] = []
    for index in indices:
        if index >= len(clauses):
            continue
        # Clauses too short to count do not interrupt a run.
        if runs and index - runs[-1][-1] <= 2:
            runs[-1].append(index)
        else:
            runs.append([index])
    texts = ["".join(clauses[run[0] : run[-1] + 1]).strip(_PUNCTUATION) for run in runs]
    longest = sorted(range(len(texts)), key=lambda number: (-len(texts[number]), number))[:_QUOTED]
    quotes = [texts[number] for number in sorted(longest)]
    return (
        "\n".join(quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE] + "…" for quote in quotes) or None
    )
