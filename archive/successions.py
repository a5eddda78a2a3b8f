"""Which organ is likely the successor of another: the same body under a new name.

Organs keep their own rows under the names they bear. That one goes on as another is said beside
them where the division is the same or followed the other's, a known reform or that change of
division explains the name, the years of the reports fit, and no second candidate is there.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from operator import itemgetter

from archive.organs import domain_of
from archive.places import branch_of, rest_in
from archive.store import Archive
from parsers import divisions
from parsers.divisions import Division

_FEW_ORGANS = 5_000
"""So many altered organs are settled place by place; of more, so many places are concerned that all are."""
_ENDS_OF_PLACES = "省市县区旗州盟"


@dataclass(frozen=True, slots=True)
class Body:
    """An organ with the years of its first and last report.

    ``place`` is the division it lies in or, for one that no list has, whatever tells its
    place apart; ``name`` is its name without the place.
    """

    organ_id: str
    place: Division | tuple[str, str]
    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Succession:
    """That ``successor_id`` is likely what ``predecessor_id`` became, in or after ``year``.

    ``basis`` is 'reform', 'division' or 'reform+division'; the notes say in Chinese and English
    what changed and by which document.
    """

    predecessor_id: str
    successor_id: str
    basis: str
    year: int
    note: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Reform:
    """A change of names: when, by which document, and whether the successor may be the older."""

    year: int
    until: int
    document: str
    document_en: str
    merged: bool

    def fits(self, predecessor: Body, successor: Body) -> bool:
        """Whether the reports' years allow for it; localities were a year early here and there."""
        if predecessor.last > self.until or successor.last < self.year - 1:
            return False
        if self.merged and successor.first <= predecessor.last:
            return predecessor.last >= self.year - 1 and successor.last > predecessor.last
        return successor.first > predecessor.last and successor.first >= self.year - 1


@cache
def renames() -> dict[str, dict[str, Reform]]:
    """The reform that led from one name to another, by former and later name."""
    data = tomllib.loads(resources.files("archive").joinpath("reforms.toml").read_text("utf-8"))
    found: dict[str, dict[str, Reform]] = defaultdict(dict)
    for entry in data["reform"]:
        for kind in ("renamed", "merged"):
            reform = Reform(entry["year"], entry["until"], entry["document"], entry["document_en"], kind == "merged")
            for change in entry.get(kind, ()):
                for former in change["from"]:
                    for later in change["to"]:
                        if former != later:
                            found[former][later] = reform
    return dict(found)


@cache
def _renamed() -> tuple[str, ...]:
    """Every name that a reform led to or from."""
    return tuple(dict.fromkeys(name for former, later in renames().items() for name in (former, *later)))


def _is_concerned(name: str, code: str | None) -> bool:
    """Whether a reform or a change of its division may say of an organ that it goes on as another, or did."""
    return name.endswith(_renamed()) or branch_of(name) is not None or divisions.ever_changed(code)


def rebuild(archive: Archive) -> None:
    """Bring the public table up to the organs and reports that the archive holds.

    Of the organs of the divisions and portals of those that were altered only such are looked at as a reform or a
    change of their division concerns; of the whole archive where these are many, or what is known of reforms and
    divisions is not what it was.
    """
    execute = archive.db.conn.execute
    with archive.db.atomic():
        altered = execute(
            "SELECT DISTINCT organ_id, division_code, portal_id FROM _unsettled LIMIT ?", (_FEW_ORGANS + 1,)
        ).fetchall()
        known = execute("SELECT value FROM _checked WHERE key = 'successions'").fetchone()
        if known == (_version(),):
            if altered:
                _replace(archive, _Part.around(altered) if len(altered) <= _FEW_ORGANS else None)
        else:
            _replace(archive, None)
            execute("INSERT OR REPLACE INTO _checked VALUES ('successions', ?)", (_version(),))
        execute("DELETE FROM _unsettled")


@cache
def _version() -> str:
    """A hash of what is known of reforms and divisions, and of this program."""
    digest = hashlib.sha256()
    for package, name in (("archive", "reforms.toml"), ("archive", "successions.py"), ("parsers", "divisions.tsv")):
        digest.update(resources.files(package).joinpath(name).read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Part:
    """The places around some organs, ``altered``: no succession leads out of or into them.

    ``codes`` are divisions with all that followed or preceded them; ``contexts`` are portals, and
    None where the organs without one are looked at.
    """

    altered: frozenset[str]
    codes: frozenset[str]
    contexts: frozenset[str | None]

    @classmethod
    def around(cls, altered: Iterable[tuple[str, str | None, str | None]]) -> _Part:
        codes: set[str] = set()
        contexts: set[str | None] = set()
        organs: set[str] = set()
        for organ_id, code, portal_id in altered:
            organs.add(organ_id)
            contexts.add(portal_id)
            codes |= divisions.lineage(code)
        return cls(frozenset(organs), frozenset(codes), frozenset(contexts))

    def holds(self, body: Body, portal_id: str | None) -> bool:
        """Whether every organ of the body's place is looked at."""
        return body.place.code in self.codes if isinstance(body.place, Division) else portal_id in self.contexts


def _replace(archive: Archive, part: _Part | None) -> None:
    """Write the successions between the organs of ``part``, or of the whole archive."""
    execute = archive.db.conn.execute
    bodies = list(_bodies(archive, part))
    found = sorted(_astuple(succession) for succession in successions(bodies))
    columns = "predecessor_id, successor_id, basis, year, note, note_en"
    if part is None:
        current = execute(f"SELECT {columns} FROM organ_successions ORDER BY 1, 2").fetchall()
    else:
        current = sorted(
            row
            for organ_id in part.altered.union(body.organ_id for body in bodies)
            for row in execute(f"SELECT {columns} FROM organ_successions WHERE predecessor_id = ?", (organ_id,))
        )
    gone, new = set(current) - set(found), set(found) - set(current)
    archive.db.conn.executemany(
        "DELETE FROM organ_successions WHERE predecessor_id = ? AND successor_id = ?", sorted(row[:2] for row in gone)
    )
    archive.db.conn.executemany(f"INSERT INTO organ_successions ({columns}) VALUES (?, ?, ?, ?, ?, ?)", sorted(new))


def _astuple(succession: Succession) -> tuple[str, str, str, int, str, str]:
    return (
        succession.predecessor_id,
        succession.successor_id,
        succession.basis,
        succession.year,
        succession.note,
        succession.note_en,
    )


def _bodies(archive: Archive, part: _Part | None) -> Iterator[Body]:
    """The organs of ``part``, or all; of those of ``part`` only such as have all others of their place there, too."""
    for organ_id, name, code, portal_id, url, first, last in _organs(archive, part):
        place, rest = _placed(name, code, portal_id or domain_of(url) or "")
        body = Body(organ_id, place, rest, first, last)
        if rest and (part is None or part.holds(body, portal_id)):
            yield body


def _organs(
    archive: Archive, part: _Part | None
) -> Iterator[tuple[str, str, str | None, str | None, str | None, int, int]]:
    """Id, name, division and portal of each organ that is concerned, with the address of a report and the years."""
    execute = archive.db.conn.execute
    query = "SELECT id, name, division_code, portal_id FROM organs"
    found: set[tuple[str, str, str | None, str | None]] = set()
    if part is None:
        found.update(execute(query))
    else:
        for division_code in part.codes:
            found.update(execute(f"{query} WHERE division_code = ?", (division_code,)))
        for context in part.contexts:
            found.update(execute(f"{query} WHERE portal_id IS ?", (context,)))
    for organ in sorted(found, key=itemgetter(0)):
        organ_id, name, code, portal_id = organ
        if not _is_concerned(name, code):
            continue
        # The years stand in an index; the address is read where it says what no portal does.
        [(first, last)] = execute("SELECT min(year), max(year) FROM reports WHERE organ_id = ?", (organ_id,))
        if first is not None:
            address = "SELECT min(url) FROM reports WHERE organ_id = ?"
            url = None if portal_id else execute(address, (organ_id,)).fetchone()[0]
            yield *organ, url, first, last


def _placed(name: str, code: str | None, context: str) -> tuple[Division | tuple[str, str], str]:
    for division in divisions.of_code(code):
        if (rest := rest_in(name, division)) is not None:
            return division, rest
        if division.city and name.startswith(division.city.name) and (bureau := branch_of(name)):
            # A county's bureau that became its city's branch still is the county's.
            return division, bureau.removeprefix(division.city.name)
    for former, later_names in renames().items():
        for known in (former, *later_names):
            if name.endswith(known) and (name == known or name.removesuffix(known)[-1] in _ENDS_OF_PLACES):
                prefix = name.removesuffix(known)
                # Without a place nor a portal, nothing says that two bodies of like names belong together.
                return (context, prefix), known if prefix or context else ""
    return (context, ""), ""


def successions(bodies: Iterable[Body]) -> list[Succession]:
    """Return the successions among ``bodies``, where each has exactly one candidate."""
    by_place: dict[Division | tuple[str, str], list[Body]] = defaultdict(list)
    for body in bodies:
        by_place[body.place].append(body)
    found: list[Succession] = []
    for here in by_place.values():
        for body in here:
            candidates = list(_candidates(body, here, by_place))
            if len({candidate.successor_id for candidate in candidates}) == 1:
                found.append(candidates[0])
    return _without_rivals(found, {body.organ_id: body for here in by_place.values() for body in here})


def _candidates(
    body: Body, here: list[Body], by_place: dict[Division | tuple[str, str], list[Body]]
) -> Iterator[Succession]:
    later_names = renames().get(body.name, {})
    for other in here:
        reform = later_names.get(other.name)
        if reform and reform.fits(body, other):
            yield _by_reform(body, other, reform)
    division = body.place if isinstance(body.place, Division) else None
    following = divisions.successor(division) if division else None
    if division is None or following is None or division.until is None or body.last > division.until + 1:
        return
    for other in by_place.get(following, ()):
        if other.first <= body.last or other.first < division.until:
            continue
        reform = later_names.get(other.name)
        if other.name == body.name:
            note = f"{division.name}改为{following.name}（{division.until + 1}年）"
            note_en = f"{division.name} became {following.name} in {division.until + 1}"
            yield Succession(body.organ_id, other.organ_id, "division", division.until + 1, note, note_en)
        elif reform and reform.fits(body, other):
            one = _by_reform(body, other, reform)
            note = f"{division.name}改为{following.name}（{division.until + 1}年）；{one.note}"
            note_en = f"{division.name} became {following.name} in {division.until + 1}; {one.note_en}"
            year = max(division.until + 1, reform.year)
            yield Succession(body.organ_id, other.organ_id, "reform+division", year, note, note_en)


def _by_reform(body: Body, other: Body, reform: Reform) -> Succession:
    verb, verb_en = ("并入", "was merged into") if reform.merged else ("改组为", "was reorganised as")
    note = f"{body.name}{verb}{other.name}：{reform.document}"
    note_en = f"{body.name} {verb_en} {other.name}: {reform.document_en}"
    return Succession(body.organ_id, other.organ_id, "reform", reform.year, note, note_en)


def _without_rivals(found: list[Succession], bodies: dict[str, Body]) -> list[Succession]:
    """Drop what two bodies of one name would both have become; bodies of several names may have merged."""
    claims: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in found:
        claims[one.successor_id, bodies[one.predecessor_id].name].add(one.predecessor_id)
    return [one for one in found if len(claims[one.successor_id, bodies[one.predecessor_id].name]) == 1]
