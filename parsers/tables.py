"""From the tables of a document to the cells of the form.

All tables of a document are read as one stream of rows, so a table cut over pages, split
in two or merged with another reads the same. A row is known by its label within its
group, never by its position. What cannot be read for certain becomes a problem, not a
number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from parsers import forms
from parsers.document import NOWHERE, Cell, Document, Place, Table
from parsers.labels import Match, Vocabulary
from parsers.normalise import enumerator, label_key, squeeze
from parsers.page_breaks import tables_joined
from parsers.placing import ELSEWHERE, Head, Surroundings, is_plain, place
from parsers.records import record
from parsers.report import Finding, Reading, Readings
from parsers.settling import Doubt, labels_in_doubt, settle, unread
from parsers.values import kind_of, read_value, unit_in_label

_ITEMS = Vocabulary(forms.ITEMS, forms.DECOYS["disclosures"])
_MEASURES = Vocabulary(forms.MEASURES, forms.DECOYS["disclosures"])
_ROWS = Vocabulary(
    {code: label for code, label in forms.REQUEST_ROWS.items() if code != "other"}, forms.DECOYS["requests"]
)
_GROUPS = Vocabulary(forms.REQUEST_GROUPS)
_APPLICANTS = Vocabulary(forms.APPLICANTS)
_PROCEEDINGS = Vocabulary(forms.PROCEEDINGS)
_OUTCOMES = Vocabulary(forms.OUTCOMES)

_APPLICANT_HEAD = tuple(label_key(word) for word in forms.DECOYS["requests"][:3])
_MEASURES_HEAD = label_key(forms.DECOYS["disclosures"][0])
_RESULTS_HEAD = "results"
_ROW_KEYS = frozenset(label_key(row.zh) for row in forms.REQUEST_ROWS.values())
_OTHER_ROWS = ("other_not_corrected", "other_fee_unpaid", "other_reasons")
# Columns over which the form's own labels span beside the one that they stand in, by group.
_LABEL_COLUMNS: dict[str | None, int] = {None: 2, _RESULTS_HEAD: 1}
_FEWEST_FIGURES = 1
_GROUP_HEADS = tuple(f"{squeeze(group.enumerator)}{group.zh}" for group in forms.REQUEST_GROUPS.values())
_HAN = re.compile(r"[\u3400-\u9fff]")
_UNKNOWN = "\ufffd"
_LABELS_BEFORE_TOTAL = ("other", *_OTHER_ROWS)


@record
class RowMatch:
    """How one printed row was understood, for people who ask why."""

    table: int
    row: int
    kind: str
    code: str | None
    cells: tuple[Cell, ...]
    score: float | None = None
    note: str = ""

    @property
    def printed(self) -> str:
        """The text of its cells."""
        return " | ".join(" ".join(cell.text.split()) for cell in self.cells)[:200]

    @property
    def place(self) -> Place:
        """Where its first cell stands."""
        return self.cells[0].place if self.cells else NOWHERE


@dataclass(slots=True)
class TableReadings:
    """The form's cells found in a document, with what went wrong and how rows were matched."""

    disclosures: Readings = field(default_factory=dict)
    requests: Readings = field(default_factory=dict)
    reviews: Readings = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    trace: list[RowMatch] = field(default_factory=list)

    @property
    def by_name(self) -> dict[str, Readings]:
        """The three tables by the names of their fields."""
        return {"disclosures": self.disclosures, "requests": self.requests, "reviews": self.reviews}

    @property
    def cell_count(self) -> int:
        """Number of cells found, blank ones included."""
        return sum(len(cells) for table in self.by_name.values() for cells in table.values())


def read_tables(document: Document, skip: Collection[int] = ()) -> TableReadings:
    """Read tables 二, 三 and 四 of the form wherever they stand in the document.

    ``skip`` numbers tables, from 1, that are known to be others.
    """
    stream = _RowStream()
    for number, table in enumerate(tables_joined(document), start=1):
        if number not in skip:
            stream.read(number, table)
    return stream.finish()


class _RowStream:
    """State that flows from row to row: the current heads and groups of each table."""

    def __init__(self) -> None:
        self.found = TableReadings()
        self.current: str | None = None
        self.article: str | None = None
        self.measures: list[tuple[Head, str | None, bool]] = []
        self.applicants: dict[str, Head] = {}
        self.ordered: tuple[object, ...] = ()
        self.order: list[Head] | None = None
        self.group: str | None = None
        self.last_row: str | None = None
        self.outcomes: list[Head] = []
        self.proceedings: list[Head] = []
        self.reviews_read = False
        self.table = 0
        self.grid: Table = Table([])
        self.extents: list[int] = []
        self.protruding: frozenset[int] = frozenset()
        self.spare: frozenset[int] = frozenset()
        self.row = 0
        self.doubts: list[Doubt] = []
        self.misplaced = False
        self.rows_printed: dict[str, list[str | None]] = {"disclosures": [], "requests": []}

    def read(self, number: int, table: Table) -> None:
        """Take in one table."""
        self.table, self.grid = number, table
        rows = list(table.rows())
        self.extents = [0] * len(rows)
        for cell in table.cells:
            self.extents[cell.row] = max(self.extents[cell.row], cell.column + cell.column_span)
        self.spare = _spare_columns(table, max(self.extents, default=0))
        self.protruding = _protruding(self.extents)
        for index, cells in enumerate(rows):
            self.row = index
            if cells:
                self._row(index, cells)

    def finish(self) -> TableReadings:
        """Settle what only the whole form can tell, and return everything found."""
        found = self.found
        if "other" in found.requests and any(row in found.requests for row in _OTHER_ROWS):
            self._blame_row("requests", "other", "（六）其他处理既有本行数字又有分项，无法确定其归属")
        self._slipped_labels()
        found.problems += settle(found.by_name, self.doubts)
        self._missing_rows()
        return found

    def _slipped_labels(self) -> None:
        """Doubt the rows between figures without a label and a label without figures."""
        orders = {
            "disclosures": [
                item
                for group in forms.editions()[
                    _edition_or_newest(disclosures_edition(self.found.disclosures))
                ].disclosures
                for item in group.items
            ],
            "requests": forms.editions()[_edition_or_newest(requests_edition(self.found.requests))].request_rows(),
        }
        for table, order in orders.items():
            rows: Collection[str] = labels_in_doubt(self.rows_printed[table], order)
            if table == "disclosures" and self.misplaced and None in self.rows_printed[table]:
                # Items under other articles than their own: the labels have slipped as a whole.
                rows = self.found.disclosures
            labels = forms.ITEMS if table == "disclosures" else forms.REQUEST_ROWS
            for row in sorted(rows, key=lambda code: labels[code].position):
                printed = " | ".join(reading.printed for reading in self.found.by_name[table].get(row, {}).values())
                self.doubts.append(Doubt(table, row, "附近有无标签的数字，标签可能错行", printed, decidable=False))

    # One row ----------------------------------------------------------------------

    def _row(self, index: int, cells: list[Cell]) -> None:
        printed = [cell for cell in cells if not cell.blank]
        if not printed:
            self._note_nameless(index, cells)
            return
        keys = [label_key(cell.text) for cell in printed]
        # No row of heads prints a figure; the others are most rows of a report.
        if (keys[0] == _MEASURES_HEAD or not any(cell.text.isdigit() for cell in printed)) and self._heads(
            index, printed, keys
        ):
            return
        if self._disclosure_row(index, cells):
            return
        if self._request_row(index, cells):
            return
        if self._review_row(index, cells):
            return
        self._unmatched(index, printed)

    def _heads(self, index: int, printed: list[Cell], keys: list[str]) -> bool:
        if self._article_row(index, printed, keys) or self._measure_heads(index, printed, keys):
            return True
        if self._applicant_heads(index, printed, keys):
            return True
        # A head that spans down belongs to the row where it starts.
        starting = [cell for cell in printed if cell.row == index]
        return bool(starting) and self._review_heads(index, starting, [label_key(cell.text) for cell in starting])

    def _note(
        self, index: int, kind: str, code: str | None, cells: Sequence[Cell], match: Match | None = None, note: str = ""
    ) -> None:
        score = match.score if match else None
        self.found.trace.append(RowMatch(self.table, index + 1, kind, code, tuple(cells), score, note))

    def _note_nameless(self, index: int, cells: Sequence[Cell]) -> None:
        """Remember a row of blank figures that bears no label."""
        # What was joined to the page before leaves a blank row at the top of the next.
        if cells[0].place.page is not None and index == 0:
            return
        if self.current in self.rows_printed and sum(cell.row == index for cell in cells) > _FEWEST_FIGURES:
            self.rows_printed[self.current].append(None)

    def _head(self, code: str, cell: Cell) -> Head:
        return Head(code, cell.column, cell.column + cell.column_span, self.table, cell.row)

    def _problem(self, rule: str, message: str, cells: Sequence[str] = (), evidence: str | None = None) -> None:
        self.found.problems.append(
            Finding(f"extraction.{rule}", "warning", "extraction", message, tuple(cells), evidence=evidence)
        )

    def _unmatched(self, index: int, printed: list[Cell]) -> None:
        numbers = sum(kind_of(cell) == "number" for cell in printed)
        if self.current and numbers and numbers >= len(printed) - 3:
            if self.current in self.rows_printed:
                self.rows_printed[self.current].append(None)
            text = " | ".join(" ".join(cell.text.split()) for cell in printed)
            self._problem(
                "unmatched_row", f"第{self.table}个表格第{index + 1}行未能与表式对应：{text[:120]}", evidence=text[:300]
            )
            self._note(index, "unmatched", None, printed)
        else:
            self._note(index, "ignored", None, printed)

    # Table 二 ------------------------------------------------------------------------

    def _article_row(self, index: int, printed: list[Cell], keys: list[str]) -> bool:
        articles = [key for key in keys if "第二十条第" in key and len(key) < 40]
        if not articles or len(articles) != len(keys):
            return False
        self.current, self.article, self.measures = "disclosures", articles[0][articles[0].index("第二十条") :], []
        self._note(index, "article", None, printed)
        return True

    def _measure_heads(self, index: int, printed: list[Cell], keys: list[str]) -> bool:
        heads = printed[1:] if keys[0] == _MEASURES_HEAD else printed
        if not heads or (keys[0] != _MEASURES_HEAD and self.current != "disclosures"):
            return False
        matches = [_MEASURES.match(_without_unit(cell.text)) for cell in heads]
        if keys[0] != _MEASURES_HEAD and not all(matches):
            return False
        codes = _head_codes(heads, matches, self.article)
        self.current = "disclosures"
        self.measures = []
        if codes is None:
            self._note(index, "heads", None, printed, note="列标题无法辨认")
            return True
        for cell, match, code in zip(heads, matches, codes, strict=True):
            unit = (
                unit_in_label(cell.text) or forms.MEASURES[code].unit if code != "amount" else unit_in_label(cell.text)
            )
            head = self._head(code, cell)
            self.measures.append((head, unit, bool(match and match.exact)))
        self._note(index, "heads", ",".join(codes), printed)
        return True

    def _disclosure_row(self, index: int, cells: list[Cell]) -> bool:
        # A label that spans down from the row above is not this row's.
        label_index = next((i for i, cell in enumerate(cells) if not cell.blank and cell.row == index), None)
        if label_index is None:
            return False
        match = _ITEMS.match(cells[label_index].text)
        if match is None or (not match.exact and self.current != "disclosures"):
            return False
        rest = cells[label_index + 1 :]
        if not rest or (self.current != "disclosures" and any(_is_words(cell) for cell in rest)):
            return False
        item = match.code
        if self.current == "requests":
            # Figures of table 三 beside a label of table 二: labels have slipped.
            self.rows_printed["requests"].append(None)
        self.current = "disclosures"
        measures = self.measures
        if tuple(head.code for head, _unit, _sure in measures) not in _measures_of(item):
            measures = []
        misplaced = bool(self.article) and self.article not in _articles_of(item)
        # A label that does not belong here tells as little as none.
        self.rows_printed["disclosures"].append(item if measures else None)
        self.misplaced = self.misplaced or misplaced
        if not measures:
            self._note(index, "disclosures", item, cells, match, "没有可用的列标题")
            self._problem(
                "ambiguous_position",
                f"表二“{forms.ITEMS[item].zh}”行缺少可辨认的列标题，数字未采用",
                [f"disclosures.{item}"],
                " | ".join(cell.text for cell in cells),
            )
            return True
        heads = [head for head, _unit, _sure in measures]
        placed = place(rest, heads, aligned=self.grid.aligned, table=self.table, around=self._around(fillers=True))
        self._note(index, "disclosures", item, cells, match)
        if placed is None:
            self._undecidable("disclosures", item, [head.code for head, _u, _s in measures], cells)
            return True
        readings = {}
        for (head, unit, exact), cell in zip(measures, placed, strict=True):
            readings[head.code] = read_value(cell, unit=unit, change=head.code == "change", sure=exact and match.exact)
        self._doubt_placing("disclosures", item, rest, placed, heads)
        self._store("disclosures", item, readings, match, cells)
        return True

    # Table 三 ------------------------------------------------------------------------

    def _applicant_heads(self, index: int, printed: list[Cell], keys: list[str]) -> bool:
        starts = any(key in _APPLICANT_HEAD for key in keys)
        named = [
            (match.code, cell)
            for cell in printed
            if (match := _APPLICANTS.match(cell.text)) and match.code not in ("total", "other_organisation")
        ]
        if not starts and not named:
            return False
        if keys and keys[0] in _ROW_KEYS:
            return False
        if any(kind_of(cell) == "number" for cell in printed):
            return False
        if any(key in (_APPLICANT_HEAD[0], _APPLICANT_HEAD[2]) for key in keys) and self.current != "requests":
            self.applicants = {}
        self.current, self.group = "requests", None
        for cell in printed:
            if match := _APPLICANTS.match(cell.text):
                if match.code == "total" and "total" in self.applicants and not named:
                    continue
                self.applicants[match.code] = self._head(match.code, cell)
        self._note(index, "heads", ",".join(self.applicants), printed)
        return True

    def _request_row(self, index: int, cells: list[Cell]) -> bool:
        in_table = self.current == "requests"
        group_here: str | None = None
        for position, cell in enumerate(cells):
            if cell.blank:
                continue
            if kind_of(cell) == "number":
                return False
            rest = cells[position + 1 :]
            group = _GROUPS.exact(cell.text)
            # Where it spans further rows it heads them, and this one has lost its label.
            spans = self.grid.aligned and cell.row_span > 1
            is_results_row = group == "other_handling" and not spans and not _goes_on_in_words(rest)
            if group and not is_results_row:
                group_here = group
                self.group = group if group != _RESULTS_HEAD else self.group
                continue
            if cell.row < index and not group:
                continue
            match = Match("other", 100.0, exact=True) if is_results_row else _ROWS.match(_without_group(cell.text))
            if match is None or not self._row_allowed(match, cell, in_table, rest):
                if not in_table or not _has_label(rest):
                    return False
                continue
            self._read_request_row(index, cells, position, match, group_here)
            return True
        if in_table and group_here:
            # A group head of its own line: its rows follow. One that spans them stands beside a row.
            self._note(index, "group", group_here, cells)
            if any(cell.row < index or (self.grid.aligned and cell.row_span > 1) for cell in cells if not cell.blank):
                self._note_nameless(index, cells)
            return all(cell.blank or _is_words(cell) for cell in cells)
        return False

    def _row_allowed(self, match: Match, cell: Cell, in_table: bool, rest: list[Cell]) -> bool:
        """Whether a matched label may stand for its row here; three labels also head columns."""
        if not in_table and not (match.exact and len(rest) >= len(forms.APPLICANTS)):
            return False
        if match.code == "other_reasons":
            return self.group == "other_handling" or self.last_row in ("other_fee_unpaid", "other_not_corrected")
        if match.code == "handled_total":
            return in_table and ("七" in enumerator(cell.text) or self.last_row in _LABELS_BEFORE_TOTAL)
        return True

    def _read_request_row(
        self, index: int, cells: list[Cell], position: int, match: Match, group_here: str | None
    ) -> None:
        self.current = "requests"
        code = match.code
        row = forms.REQUEST_ROWS[code]
        self._note(index, "requests", code, cells, match)
        heads = self._applicant_order()
        codes = list(forms.APPLICANTS)
        if group_here and row.group not in (None, _RESULTS_HEAD, group_here) and group_here != _RESULTS_HEAD:
            self._problem(
                "conflicting_rows",
                f"表三“{row.zh}”行印在“{forms.REQUEST_GROUPS[group_here].zh}”之下，数字未采用",
                [f"requests.{code}.{applicant}" for applicant in codes],
                " | ".join(cell.text for cell in cells),
            )
            return
        if not match.exact and not self._follows(code):
            self._problem(
                "close_match",
                f"表三第{index + 1}行标签“{cells[position].text}”近似“{row.zh}”但次序不符，数字未采用",
                [f"requests.{code}.{applicant}" for applicant in codes],
            )
            return
        self.last_row = code
        self.rows_printed["requests"].append(code)
        if heads is None:
            self._problem(
                "ambiguous_position",
                f"表三列标题次序无法辨认，“{row.zh}”行数字未采用",
                [f"requests.{code}.{applicant}" for applicant in codes],
            )
            return
        label_columns = max(0, _LABEL_COLUMNS.get(row.group, 0) + 1 - cells[position].column_span)
        rest = cells[position + 1 :]
        placed = place(
            rest,
            heads,
            aligned=self.grid.aligned,
            table=self.table,
            around=self._around(label_columns),
        )
        if placed is None or not _under_own_heads(placed, heads, codes):
            self._undecidable("requests", code, codes, cells)
            return
        readings = {
            head.code: read_value(cell, unit="件", sure=match.exact) for head, cell in zip(heads, placed, strict=True)
        }
        if self.grid.aligned and set(self.applicants) != set(codes):
            self._doubt("requests", code, "所在表的列标题不全", rest, counted=len(rest) == len(heads))
        self._doubt_placing("requests", code, rest, placed, heads)
        self._store("requests", code, readings, match, cells)

    def _applicant_order(self) -> list[Head] | None:
        known = (self.grid.aligned, *self.applicants.values())
        if known != self.ordered:
            self.ordered, self.order = known, self._ordered_applicants()
        return self.order

    def _ordered_applicants(self) -> list[Head] | None:
        """The applicants' heads in printed order; the form's order where no head is printed.

        Heads that stand in one grid are ordered by its columns. Heads cut apart by a page
        break, or of a text rendering, share no columns: they only may not contradict the
        form's order. None where they do.
        """
        order = list(forms.APPLICANTS)
        grids = {head.table for head in self.applicants.values()}
        starts = {head.start for head in self.applicants.values()}
        if self.grid.aligned and len(grids) == 1 and len(starts) == len(order):
            heads = sorted(self.applicants.values(), key=lambda head: head.start)
            printed_order = [head.code for head in heads]
            # 自然人 and 总计 span two rows of heads: a lost span or group head moves them, no report does.
            ends = printed_order[0] == order[0] and printed_order[-1] == order[-1]
            return heads if printed_order == order or (ends and _side_by_side(heads)) else None
        for grid in grids if self.grid.aligned else ():
            # 总计 may stand in a head row of its own.
            inner = [head for head in self.applicants.values() if head.table == grid and head.code != "total"]
            if len({head.start for head in inner}) < len(inner):
                # Without spans the lower row of heads begins under the upper one: each row for itself.
                lines = [[head for head in inner if head.row == row] for row in sorted({head.row for head in inner})]
            else:
                lines = [inner]
            for line in lines:
                codes = [head.code for head in sorted(line, key=lambda head: head.start)]
                if [code for code in order if code in codes] != codes:
                    return None
        apart = len(grids) > 1 and set(self.applicants) == set(order)
        return [Head(code, table=ELSEWHERE if apart else 0) for code in order]

    def _follows(self, code: str) -> bool:
        order = list(forms.REQUEST_ROWS)
        return self.last_row is None or order.index(code) > order.index(self.last_row)

    # Table 四 ------------------------------------------------------------------------

    def _review_heads(self, index: int, printed: list[Cell], keys: list[str]) -> bool:
        proceedings = [(cell, code) for cell in printed if (code := _PROCEEDINGS.exact(cell.text)) is not None]
        under = {id(cell) for cell, _code in proceedings}
        named_below = [
            cell for cell, key in zip(printed, keys, strict=True) if id(cell) not in under and key != "行政诉讼"
        ]
        outcomes = [
            (cell, code)
            for cell, code in zip(named_below, _outcome_codes(named_below), strict=True)
            if code is not None
        ]
        known = len(proceedings) + len(outcomes) + sum(key == "行政诉讼" for key in keys)
        named = [code for _cell, code in outcomes if code != "total"]
        if known != len(printed) or not (proceedings or named or "行政诉讼" in keys):
            return False
        if self.current != "reviews" or self.reviews_read or "reconsideration" in {code for _c, code in proceedings}:
            self.proceedings, self.outcomes, self.reviews_read = [], [], False
        self.current = "reviews"
        self.proceedings += [self._head(code, cell) for cell, code in proceedings]
        self.outcomes += [self._head(code, cell) for cell, code in outcomes]
        self._note(index, "heads", None, printed)
        return True

    def _review_row(self, index: int, cells: list[Cell]) -> bool:
        if self.current != "reviews" or any(_is_words(cell) for cell in cells):
            return False
        self._note(index, "reviews", None, cells)
        slots = self._review_slots()
        if slots is None:
            self._problem(
                "ambiguous_position",
                "表四列标题不全或次序无法辨认，数字未采用",
                ["reviews"],
                " | ".join(cell.text for cell in cells),
            )
            return True
        placed = place(cells, slots, aligned=self.grid.aligned, table=self.table, around=self._around())
        order = [f"{proceeding}.{outcome}" for proceeding in forms.PROCEEDINGS for outcome in forms.OUTCOMES]
        if placed is None or not _under_own_heads(placed, slots, order):
            self._undecidable("reviews", None, [slot.code for slot in slots], cells)
            return True
        self.reviews_read = True
        readings: Readings = {}
        for slot, cell in zip(slots, placed, strict=True):
            proceeding, outcome = slot.code.split(".")
            readings.setdefault(proceeding, {})[outcome] = read_value(cell, unit="件")
        for proceeding, outcomes in readings.items():
            self._doubt_placing("reviews", proceeding, cells, placed, slots)
            self._store("reviews", proceeding, outcomes, None, cells)
        return True

    def _review_slots(self) -> list[Head] | None:
        """The 15 columns as heads coded ``proceeding.outcome`` in printed order, None if unclear."""
        order = [f"{proceeding}.{outcome}" for proceeding in forms.PROCEEDINGS for outcome in forms.OUTCOMES]
        if {head.code for head in self.proceedings} != set(forms.PROCEEDINGS) or len(self.outcomes) != len(order):
            return None
        words = [head.code for head in self.outcomes]
        proceedings = [head.code for head in self.proceedings]
        # Read in the form's own order, whatever the columns say: spans are often marked up wrong.
        tables = {head.table for head in (*self.proceedings, *self.outcomes)}
        as_printed = (
            [Head(code, table=ELSEWHERE if len(tables) > 1 else 0) for code in order]
            if words == list(forms.OUTCOMES) * len(forms.PROCEEDINGS) and proceedings == list(forms.PROCEEDINGS)
            else None
        )
        if not self.grid.aligned or len(tables) > 1:
            return as_printed
        slots = []
        for outcome in sorted(self.outcomes, key=lambda head: head.start):
            above = [head for head in self.proceedings if head.start <= outcome.start < head.stop]
            if len(above) != 1:
                return as_printed
            slots.append(replace(outcome, code=f"{above[0].code}.{outcome.code}"))
        codes = [slot.code for slot in slots]
        if codes == order or (sorted(codes) == sorted(order) and _side_by_side(slots)):
            return slots
        return as_printed

    # Doubts --------------------------------------------------------------------------

    def _doubt(self, table: str, row: str, reason: str, cells: Sequence[Cell], *, counted: bool = False) -> None:
        self.doubts.append(Doubt(table, row, reason, _line(cells), counted=counted))

    def _doubt_placing(
        self, table: str, row: str, cells: Sequence[Cell], placed: Sequence[Cell], heads: Sequence[Head]
    ) -> None:
        around = self._around()
        if table == "reviews":
            # One row of figures does not tell which columns never hold any.
            around = replace(around, spare=frozenset())
        plain = is_plain(cells, placed, heads, aligned=self.grid.aligned, table=self.table, around=around)
        if not plain:
            self._doubt(table, row, "与列标题未能逐格对齐", cells, counted=len(cells) == len(heads))

    # Storing -------------------------------------------------------------------------

    def _store(
        self, table: str, row: str, readings: dict[str, Reading], match: Match | None, cells: Sequence[Cell]
    ) -> None:
        rows: Readings = getattr(self.found, table)
        if row in rows:
            same = {code: reading.printed for code, reading in rows[row].items()} == {
                code: reading.printed for code, reading in readings.items()
            }
            if not same:
                self._blame_row(table, row, f"{_row_label(table, row)}行出现两次而数字不同")
            return
        rows[row] = readings
        if match and not match.exact:
            label = next(cell.text for cell in cells if not cell.blank and not _is_number(cell))
            self._problem(
                "close_match",
                f"标签“{' '.join(label.split())[:40]}”按近似（{match.score:.0f}）读作“{_row_label(table, row)}”",
                [f"{table}.{row}"],
            )
        for code, reading in readings.items():
            if reading.kind == "unreadable":
                self._problem(
                    "unreadable_cell",
                    f"{_row_label(table, row)}行一格无法读作数字：“{reading.printed[:60]}”",
                    [f"{table}.{row}.{code}"],
                    reading.printed[:300],
                )

    def _blame_row(self, table: str, row: str, message: str) -> None:
        """Withdraw a row whose readings contradict each other."""
        readings = getattr(self.found, table).pop(row)
        self._problem("conflicting_rows", f"{message}，未采用", [f"{table}.{row}.{code}" for code in readings])
        getattr(self.found, table)[row] = {code: unread(reading) for code, reading in readings.items()}

    def _around(self, label_columns: int = 0, *, fillers: bool = False) -> Surroundings:
        """What the grid says of surplus cells in the current row."""
        if not self.grid.aligned:
            return Surroundings()
        return Surroundings(
            self.extents[self.row] in self.protruding, label_columns, self.spare, fillers, self.grid.addressed
        )

    def _undecidable(self, table: str, row: str | None, codes: Sequence[str], cells: Sequence[Cell]) -> None:
        prefix = f"{table}.{row}" if row else table
        label = _row_label(table, row) if row else "表四"
        self._problem(
            "ambiguous_position",
            f"{label}行的格数与列数不符，位置无法确定，数字未采用",
            [f"{prefix}.{code}" for code in codes],
            _line(cells),
        )

    def _missing_rows(self) -> None:
        """Say which rows of a table that was found are missing."""
        blamed = {cell for problem in self.found.problems for cell in problem.cells}
        rows = set(self.found.requests)
        if rows:
            edition = requests_edition(self.found.requests)
            wanted = forms.editions()[edition].request_rows() if edition else forms.REQUEST_ROWS
            missing = [row for row in wanted if row not in rows and f"requests.{row}.total" not in blamed]
            if missing:
                names = "、".join(forms.REQUEST_ROWS[row].zh[:12] for row in missing)
                self._problem("row_missing", f"表三未找到这些行：{names}", [f"requests.{row}" for row in missing])
        edition = disclosures_edition(self.found.disclosures)
        if edition and edition != "mixed":
            missing = [
                item
                for group in forms.editions()[edition].disclosures
                for item in group.items
                if item not in self.found.disclosures and not any(f"disclosures.{item}" in cell for cell in blamed)
            ]
            if missing:
                names = "、".join(forms.ITEMS[item].zh for item in missing)
                self._problem("row_missing", f"表二未找到这些行：{names}", [f"disclosures.{item}" for item in missing])


def requests_edition(requests: Readings) -> str | None:
    """Edition of table 三, told by the form of its row （六）; None where it was not found."""
    editions = [
        name
        for name, edition in forms.editions().items()
        if any(row in requests for row in edition.request_rows() if len(forms.REQUEST_ROWS[row].editions) == 1)
    ]
    return editions[0] if len(editions) == 1 else None


def disclosures_edition(disclosures: Readings) -> str | None:
    """Edition of table 二, told by the measures of each item; 'mixed' where they differ."""
    names = {
        name
        for item, readings in disclosures.items()
        for name, edition in forms.editions().items()
        if readings and edition.measures_of(item) == tuple(readings)
    }
    if not names:
        return None
    return names.pop() if len(names) == 1 else "mixed"


def _edition_or_newest(edition: str | None) -> str:
    return edition if edition in forms.editions() else next(iter(forms.editions()))


@cache
def _measures_of(item: str) -> set[tuple[str, ...]]:
    """The measures that the editions print of an item."""
    return {edition.measures_of(item) for edition in forms.editions().values()}


@cache
def _articles_of(item: str) -> set[str]:
    """Keys of the articles under which the editions print an item."""
    return {
        label_key(group.article)
        for edition in forms.editions().values()
        for group in edition.disclosures
        if item in group.items
    }


def _line(cells: Sequence[Cell]) -> str:
    return " | ".join(" ".join(cell.text.split()) for cell in cells)[:300]


def _head_codes(heads: Sequence[Cell], matches: Sequence[Match | None], article: str | None) -> list[str] | None:
    """Codes of a row of measure heads.

    A head may be cut (本年新 for both 本年新制作数量 and 本年新公开数量): then the heads
    printed whole must leave exactly one block of one edition that fits.
    """
    if all(matches) and len({match.code for match in matches if match}) == len(matches):
        return [match.code for match in matches if match]
    fitting = set()
    for edition in forms.editions().values():
        for group in edition.disclosures:
            if len(group.measures) != len(heads) or (article and label_key(group.article) != article):
                continue
            if all(
                (match and match.code == measure)
                or forms.MEASURES[measure].zh.startswith(squeeze(cell.text).rstrip("/"))
                for cell, match, measure in zip(heads, matches, group.measures, strict=True)
            ):
                fitting.add(group.measures)
    return list(fitting.pop()) if len(fitting) == 1 else None


def _outcome_codes(heads: Sequence[Cell]) -> list[str | None]:
    """Codes of the heads of table 四, None for other words.

    A head of which only a part can be read is known by its place among the others, which are then all of the
    form's in its order, if that part is of the head due there.
    """
    codes = [match.code if (match := _OUTCOMES.match(cell.text)) else None for cell in heads]
    due = [*forms.OUTCOMES] * (len(heads) // len(forms.OUTCOMES))
    fits = len(due) == len(heads) and all(
        code == wanted or (code is None and _is_part(cell.text, forms.OUTCOMES[wanted].zh))
        for cell, code, wanted in zip(heads, codes, due, strict=True)
    )
    return list(due) if fits else codes


def _is_part(text: str, label: str) -> bool:
    """Whether a text that cannot be read in full shows some of a label's characters, in their order."""
    rest = iter(label)
    seen = squeeze(text).replace(_UNKNOWN, "")
    return _UNKNOWN in text and bool(seen) and all(character in rest for character in seen)


def _protruding(extents: Sequence[int]) -> frozenset[int]:
    """The widths of rows that most rows of about that width do not reach."""
    counts = Counter(extents)
    return frozenset(
        extent
        for extent in counts
        if 2 * sum(count for other, count in counts.items() if extent <= other <= extent + 2)
        < sum(count for other, count in counts.items() if abs(other - extent) <= 2)
    )


def _spare_columns(table: Table, width: int) -> frozenset[int]:
    """Columns, of ``width``, in which nothing is printed but what spans over them."""
    spare = set(range(width))
    for cell in table.cells:
        if cell.column in spare and cell.column_span == 1 and not cell.blank:
            spare.remove(cell.column)
    return frozenset(spare)


def _side_by_side(heads: Sequence[Head]) -> bool:
    """Whether heads stand in neighbouring columns, one each: only then is an order other than the form's believed."""
    return all(head.stop == head.start + 1 and head.start == heads[0].start + index for index, head in enumerate(heads))


def _under_own_heads(cells: Sequence[Cell], heads: Sequence[Head], order: Sequence[str]) -> bool:
    """Whether each cell stands under its head, which matters where heads are not in the form's order."""
    if [head.code for head in heads] == list(order):
        return True
    return all(cell.column == head.start for cell, head in zip(cells, heads, strict=True))


def _without_unit(text: str) -> str:
    key = squeeze(text)
    for opening in ("(单位", "(万元", "(元"):
        key = key.split(opening)[0]
    return key


def _without_group(text: str) -> str:
    """Label without a group head printed in the same cell before it."""
    key = squeeze(text)
    if not key.startswith(_GROUP_HEADS):
        return key
    for head in _GROUP_HEADS:
        if key.startswith(head) and len(key) > len(head):
            return key[len(head) :]
    return key


def _is_number(cell: Cell) -> bool:
    return kind_of(cell) == "number"


def _is_words(cell: Cell) -> bool:
    """Whether a cell prints words, that is neither a value nor a class of missing value."""
    return (
        kind_of(cell) == "unreadable"
        and not any(character.isdigit() for character in cell.text[:2])
        and any(character.isalnum() for character in cell.text)
    )


def _goes_on_in_words(cells: Sequence[Cell]) -> bool:
    """Whether a label follows, or words with figures beside them, as where the rule between two cells lacks."""
    first = next((cell for cell in cells if not cell.blank), None)
    words = first is not None and read_value(first).kind == "unreadable" and bool(_HAN.search(first.text))
    return words or _has_label(cells)


def _has_label(cells: Sequence[Cell]) -> bool:
    return any(not cell.blank and _ROWS.match(_without_group(cell.text)) for cell in cells if _is_label_like(cell))


def _is_label_like(cell: Cell) -> bool:
    return not cell.blank and kind_of(cell) == "unreadable"


def _row_label(table: str, row: str) -> str:
    labels = {"disclosures": forms.ITEMS, "requests": forms.REQUEST_ROWS, "reviews": forms.PROCEEDINGS}[table]
    name = {"disclosures": "表二", "requests": "表三", "reviews": "表四"}[table]
    return f"{name}“{labels[row].zh}”"
