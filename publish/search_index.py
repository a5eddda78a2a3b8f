"""The search index of a publication: what holds which characters, the newest reports first.

The archive's own index has positions of single characters, so that it can be kept up to date: what is
asked for is read from beginning to end. This one is written once, in the order in which results are
shown, and knows pairs of characters: the newest thousand places of a word are read without the others,
as narrowed by year, province and kind. It does not know positions; whether a text has what is asked
for, and how prominently, its matcher (:mod:`publish.search_matches`) says.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from archive import full_text
from archive.search import HAN, HAN_RANGES, NOTHING, Term, terms
from parsers.normalise import nfkc

TEXTS, NAMES, SECTIONS, REPORTS = "_search_texts", "_search_names", "_search_sections", "_search_reports"
SCALE = "_search_scale"
FACETS = ("year", "province", "kind")
OLDEST_FIRST = "coalesce(published_on, ''), year, id desc"
"""The order of a publication's reports, whose rows are numbered in it from 1 on: the newest has the highest number."""
REPORTS_OF_TEXTS = f"select rowid >> (select bits from {SCALE}) from {TEXTS} where {TEXTS} match "
"""Gives the rows of reports of which a section has the words of the FTS5 expression that follows, some repeatedly."""

# Characters for private use, which no text has any business with: before the ending of a word, and before a facet.
_ENDING, _FACET = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_ENDING}{_FACET}]")
# What stands between two characters that the index takes for neighbours.
_GAP = re.compile(rf"(?<=[{HAN_RANGES}])[\W_]+(?=[{HAN_RANGES}])")
_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 64
"""Within longer words nothing is found that begins after so many characters."""


def index_words(text: str) -> Iterator[str]:
    """Yield the words of the index under which ``text`` is found.

    Han characters, pairs of such that are neighbours but for punctuation, other words, and with a mark
    all endings of these.
    """
    folded = _MARKS.sub(" ", nfkc(text))
    runs = HAN.findall(_GAP.sub("", folded))
    yield from set().union(*runs, *(map("".join, pairwise(run)) for run in runs))
    for word in set(_WORD.findall(HAN.sub(" ", folded))):
        yield word
        yield from (_ENDING + word[start:] for start in range(1, min(len(word), _LONGEST_WORD)))


def facet_word(name: str, value: object) -> str:
    """The word under which everything is found that has a facet's value."""
    return f"{_FACET}{name}{str(value).encode().hex()}"


def write_search_index(db: sqlite3.Connection) -> None:
    """Write the index of a publication, which does not change afterwards.

    Sections are numbered by report: the row of a report, followed by as many bits as tell its sections apart.
    """
    for name in (TEXTS, NAMES, SECTIONS, REPORTS, SCALE):
        db.execute(f"drop table if exists {name}")
    for name in (TEXTS, NAMES):
        db.execute(
            f"create virtual table {name} using fts5(words, content='', detail=none, "
            "tokenize='unicode61 remove_diacritics 2')"
        )
        # All pieces are merged once, at the end.
        full_text.write_at_once(db, name)
    db.execute(
        f"create table {REPORTS} (number integer primary key, year integer not null, province text not null, "
        "kind text not null)"
    )
    db.execute(f"create table {SCALE} (bits integer not null)")
    db.execute(f"create table {SECTIONS} (id integer primary key, report integer not null, section integer not null)")
    db.execute("savepoint search_index")
    _number_reports(db)
    db.execute(
        f"insert into {REPORTS} (number, year, province, kind) "
        "select r.rowid, r.year, coalesce(o.province, ''), coalesce(o.kind, '') from reports as r "
        "join organs as o on o.id = r.organ_id order by r.rowid"
    )
    [(most,)] = db.execute("select max(n) from (select count(*) as n from sections group by report_id)")
    db.execute(f"insert into {SCALE} values (?)", (((most or 1) - 1).bit_length(),))
    db.execute(
        f"insert into {SECTIONS} (id, report, section) "
        f"select (r.rowid << (select bits from {SCALE})) + "
        "row_number() over (partition by r.rowid order by s.number, s.id) - 1, r.rowid, s.id "
        "from reports as r cross join sections as s on s.report_id = r.id order by 1"
    )
    facets = ", ".join(f"p.{name}" for name in FACETS)
    # Texts are read as they lie on the disk and sorted in a temporary file: one by one, in the order of publication,
    # they would be looked for all over a file that is larger than the memory. Without a limit SQLite takes the inner
    # order for superfluous.
    texts = db.execute(
        f"with lying as materialized (select id, section, report from {SECTIONS} order by section limit -1) "
        f"select i.id, s.text, {facets} from lying as i cross join sections as s on s.id = i.section "
        f"cross join {REPORTS} as p on p.number = i.report order by i.id"
    )
    names = db.execute(
        f"select p.number, r.title || char(10) || o.name, {facets} from {REPORTS} as p "
        "cross join reports as r on r.rowid = p.number cross join organs as o on o.id = r.organ_id order by p.number"
    )
    for name, rows in ((TEXTS, texts), (NAMES, names)):
        db.executemany(f"insert into {name} (rowid, words) values (?, ?)", _entries(rows))
        db.execute(f"insert into {name} ({name}) values ('optimize')")
    db.execute("release search_index")
    db.commit()


def _number_reports(db: sqlite3.Connection) -> None:
    """Give reports that are not in their order the rows that they have in it."""
    ordered = f"select rowid as row, row_number() over (order by {OLDEST_FIRST}) as number from reports"
    if db.execute(f"select 1 from ({ordered}) where row <> number limit 1").fetchone():
        db.execute(f"create temp table _numbered as {ordered}")
        db.execute("create unique index temp._numbered_row on _numbered (row)")
        db.execute("update reports set rowid = -(select number from _numbered where row = reports.rowid)")
        db.execute("update reports set rowid = -rowid")
        db.execute("drop table temp._numbered")


def _entries(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, str]]:
    for number, text, *values in rows:
        facets = (facet_word(name, value) for name, value in zip(FACETS, values, strict=True))
        yield number, " ".join((*index_words(str(text)), *facets))


def _tokens(term: Term) -> list[str]:
    return [token for word in term.words for token in _WORD.findall(_MARKS.sub(" ", word))]


def _entries_of(term: Term, *, within: bool) -> list[str]:
    """FTS5 expressions that all hold wherever ``term`` does; ``within`` longer words, too."""
    tokens = _tokens(term)
    made: list[str] = []
    run = ""
    for position, token in enumerate([*tokens, ""]):
        if HAN.fullmatch(token):
            run += token
            continue
        if run:
            made += [f'"{one}{other}"' for one, other in pairwise(run)] or [f'"{run}"']
            run = ""
        if not token:
            continue
        if within:
            made.append(f'("{token}"* OR "{_ENDING}{token}"*)')
        else:
            made.append(f'"{token}"' + ("*" if term.prefix and position == len(tokens) - 1 else ""))
    return made


@lru_cache(maxsize=2_000)
def _expression(query: str, *, within: bool) -> str:
    wanted, unwanted = terms(query)
    needed = dict.fromkeys(entry for term in wanted for entry in _entries_of(term, within=within))
    if not needed:
        return NOTHING
    expression = " AND ".join(needed)
    for term in unwanted:
        entries = _entries_of(term, within=within)
        # Characters in another order may be the same pairs; such a text is not to be left out.
        if len(entries) == 1 and not within:
            expression = f"({expression}) NOT {entries[0]}"
    return expression


def is_exact(query: object) -> int:
    """Whether the index alone tells what holds ``query``, without a look at the text."""
    wanted, unwanted = terms(_text(query))
    return int(all(len(_entries_of(term, within=False)) == 1 for term in (*wanted, *unwanted)))


def index_query(query: object, year: object, province: object, kind: object) -> str:
    """Return the FTS5 expression for all texts that may hold ``query``, narrowed by what is neither empty nor 0."""
    return _narrowed(_expression(_text(query), within=False), year, province, kind)


def index_query_within(query: object, year: object, province: object, kind: object) -> str:
    """Return the same for texts that may hold the words of ``query`` within longer ones."""
    return _narrowed(_expression(_text(query), within=True), year, province, kind)


def _narrowed(expression: str, *values: object) -> str:
    if expression == NOTHING:
        return NOTHING
    chosen = [f'"{facet_word(name, value)}"' for name, value in zip(FACETS, values, strict=True) if value]
    return " AND ".join([f"({expression})", *chosen])


def _text(query: object) -> str:
    return "" if query is None else str(query)


def is_indexed(tables: Iterable[str]) -> bool:
    """Whether an archive with ``tables`` carries this index; that of an older program has other rows."""
    return SCALE in tables
