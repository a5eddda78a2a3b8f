"""Which reports a section's text may come from, by the passages that few organs have, and what an alignment says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from archive.neighbours import Known, Neighbours
from checks import reuse
from checks.neighbours import Neighbour
from checks.passages import Passage
from checks.reuse import OTHERS, OWN, Overlap
from parsers.report import Finding

# What edited clauses may hide: an alignment is tried where this part is shared clause by clause.
_LEAST_HINT = 0.15
_ALIGNED = 3


def check(
    neighbours: Neighbours, known: Known, history: Sequence[Known], related: Collection[str]
) -> Iterator[Finding]:
    """Yield what the sections of ``known`` share with the organ's last report and with other organs' reports.

    ``history`` are the organ's reports of all years, ``related`` the organs that it likely
    continues or that continue it: what it shares with those is no news.
    """
    report = known.report
    common = {one for one, _, _ in known.passages if neighbours.is_common(one)}
    counted: Counter[int] = Counter()
    characters: Counter[int] = Counter()
    for one, length, section in known.passages:
        counted[section] += length * (one not in common)
        characters[section] += length
    sections = [
        section
        for section, length in counted.items()
        if length >= max(OTHERS.characters, OTHERS.part * characters[section])
    ]
    if not sections:
        return
    before = max((one.report.year for one in history if one.report.year < report.year), default=None)
    holders = {one: neighbours.holders(one) for one, _, _ in known.passages if one not in common}
    own = {one for one, held in holders.items() if any(by == report.organ_id and at < report.year for by, at in held)}
    texts = neighbours.sections(report.report_id)
    for section in sorted(sections):
        shared: dict[tuple[str, int], int] = defaultdict(int)
        for one, length, at in known.passages:
            if at == section and one not in common:
                for by, year in holders[one]:
                    if by == report.organ_id:
                        # Only the organ's last report counts for what it repeats.
                        shared[by, year] += length * (year == before)
                    elif year <= report.year and by not in related and one not in own:
                        shared[by, year] += length
        hints = {key: length for key, length in shared.items() if length >= _LEAST_HINT * counted[section]}
        mine = [one for one in neighbours.prose(report.report_id) if one.section % 256 == section]
        if not mine:
            continue
        last = next((one.report for one in history if one.report.year == before), None)
        if last and (report.organ_id, last.year) in hints:
            found = reuse.overlap(mine, neighbours.prose(last.report_id), common)
            if found.reaches(OWN):
                yield reuse.from_last_year(report, last, found, texts[found.section])
        others = {key: length for key, length in hints.items() if key[0] != report.organ_id}
        best = _best(neighbours, report, mine, others, common, own)
        if best:
            yield reuse.from_other_organ(report, *best, texts[best[1].section], neighbours.organs())


def _best(
    neighbours: Neighbours,
    report: Neighbour,
    mine: Sequence[Passage],
    hints: dict[tuple[str, int], int],
    common: Collection[int],
    own: Collection[int],
) -> tuple[Neighbour, Overlap] | None:
    ranked = sorted(hints, key=lambda key: (-hints[key], -key[1], key[0]))[:_ALIGNED]
    found: list[tuple[bool, int, int, str, Neighbour, Overlap]] = []
    for organ_id, year in ranked:
        other = neighbours.report(f"{organ_id}-{year}")
        if other is None or reuse.one_house(report.organ, other.organ):
            continue
        aligned = reuse.overlap(mine, neighbours.prose(other.report_id), common, own)
        if aligned.reaches(OTHERS):
            later = reuse.order(report, other) == "before"
            found.append((later, -aligned.repeated, -year, other.report_id, other, aligned))
    best = min(found, key=lambda one: one[:4], default=None)
    return (best[4], best[5]) if best else None
