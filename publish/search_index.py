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
FACETS = ("year", "province", "kind")

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
    """Write the index of a publication, which does not change afterwards."""
    for name in (TEXTS, NAMES, SECTIONS, REPORTS):
        db.execute(f"drop table if exists {name}")
    for name in (TEXTS, NAMES):
        db.execute(
            f"create virtual table {name} using fts5(words, content='', detail=none, "
            "tokenize='unicode61 remove_diacritics 2')"
        )
        # All pieces are merged once, at the end.
        full_text.write_at_once(db, name)
    db.execute(
        f"create table {REPORTS} (number integer primary key, report_id text not null, year integer not null, "
        "province text not null, kind text not null)"
    )
    # The row of the report, too: its key is a text, which takes longer to look up.
    db.execute(
        f"create table {SECTIONS} (id integer primary key, report integer not null, section integer not null, "
        "row integer not null)"
    )
    db.execute("savepoint search_index")
    db.execute(
        f"insert into {REPORTS} (report_id, year, province, kind) "
        "select r.id, r.year, coalesce(o.province, ''), coalesce(o.kind, '') from reports as r "
        "join organs as o on o.id = r.organ_id order by coalesce(r.published_on, ''), r.year, r.id desc"
    )
    db.execute(
        f"insert into {SECTIONS} (report, section, row) select p.number, s.id, r.rowid from {REPORTS} as p "
        "cross join reports as r on r.id = p.report_id "
        "cross join sections as s on s.report_id = p.report_id order by p.number, s.number"
    )
    facets = ", ".join(f"p.{name}" for name in FACETS)
    # Texts are read as they lie on the disk and sorted in a temporary file: one by one, in the order of publication,
    # they would be looked for all over a file that is larger than the memory.
    texts = db.execute(
        f"with lying as materialized (select id, section, report from {SECTIONS} order by section) "
        f"select i.id, s.text, {facets} from lying as i cross join sections as s on s.id = i.section "
        f"cross join {REPORTS} as p on p.number = i.report order by i.id"
    )
    names = db.execute(
        f"select p.number, r.title || char(10) || o.name, {facets} from {REPORTS} as p "
        "cross join reports as r on r.id = p.report_id cross join organs as o on o.id = r.organ_id order by p.number"
    )
    for name, rows in ((TEXTS, texts), (NAMES, names)):
        db.executemany(f"insert into {name} (rowid, words) values (?, ?)", _entries(rows))
        db.execute(f"insert into {name} ({name}) values ('optimize')")
    db.execute("release search_index")
    db.commit()


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
    """Whether an archive with ``tables`` carries this index."""
    return TEXTS in tables
