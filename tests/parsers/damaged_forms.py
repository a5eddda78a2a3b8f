"""The form's tables with errors of markup in them, and what a damaged page still prints for certain.

Figures are all different, or as sparse as those of small organs. A cell read as another
number than the sound form printed is wrong, except where the damage left a plain row: as
many cells as there are heads, each right under its own head and beside a label of its own.
Nobody can tell such a row from one that was meant so.
"""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from parsers import forms
from parsers.normalise import label_key, tidy
from parsers.readers.grid import SpanningCell, lay_out
from tests.parsers.printed_forms import Figures, Rows, disclosure_rows, request_rows, review_rows

RESULTS = tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group and code != "handled_total")
TITLE = "明川市林业局2024年政府信息公开工作年度报告"


@dataclass(eq=False)
class Box:
    """A cell to be damaged. ``value`` is whether it stands in a place of figures, ``moved`` that its label left it."""

    text: str
    down: int = 1
    right: int = 1
    value: bool = False
    moved: bool = False
    nested: bool = False
    open: bool = False


@dataclass(eq=False)
class Line:
    """A row: ``kind`` is 'heads', 'article' or 'figures', ``unclosed`` that its end tag is missing."""

    boxes: list[Box]
    kind: str
    unclosed: bool = False


@dataclass(eq=False)
class Form:
    """The tables of one report: ``tables`` as damaged, ``truth`` as the sound form printed them."""

    truth: dict[str, Figures]
    tables: list[list[Line]]
    edition: str
    permuted: bool = False
    damages: list[str] = field(default_factory=list)


# Sound forms -----------------------------------------------------------------------------


def sound_form(rng: random.Random) -> Form:
    """A form with all sums right, in one of the editions, its tables dense or sparse."""
    two, three = rng.choice(("2019", "2021")), rng.choice(("2019", "2021"))
    density = rng.choice(("dense", "dense", "dense", "few", "blanks"))
    truth = {
        "disclosures": _disclosures(rng, two, density),
        "requests": _requests(rng, three, density),
        "reviews": _reviews(rng, density),
    }
    rows = [
        disclosure_rows(two, truth["disclosures"]),
        request_rows(three, truth["requests"]),
        review_rows(truth["reviews"]),
    ]
    tables = [_lines(table) for table in rows]
    if two == "2019" and rng.random() < 0.3:
        _make_crooked(tables[0])
    return Form(truth, tables, two)


def _figure(rng: random.Random, density: str) -> int:
    if density == "dense":
        return rng.randrange(100, 99_999)
    return rng.choice((0, 0, 0, 0, 0, 1, 2, 7, 35))


def _printed(number: int, density: str) -> str:
    return "" if density == "blanks" and not number else str(number)


def _disclosures(rng: random.Random, edition: str, density: str) -> Figures:
    return {
        item: {measure: _printed(_figure(rng, density), density) for measure in group.measures}
        for group in forms.editions()[edition].disclosures
        for item in group.items
    }


def _requests(rng: random.Random, edition: str, density: str) -> Figures:
    rows = forms.editions()[edition].request_rows()
    numbers: dict[str, dict[str, int]] = {row: {} for row in rows}
    for applicant in list(forms.APPLICANTS)[:-1]:
        handled = 0
        for row in rows:
            if row in RESULTS:
                numbers[row][applicant] = _figure(rng, density)
                handled += numbers[row][applicant]
        numbers["handled_total"][applicant] = handled
        numbers["carried_out"][applicant] = _figure(rng, density)
        carried_in = min(_figure(rng, density), handled)
        numbers["carried_in"][applicant] = carried_in
        numbers["new"][applicant] = handled + numbers["carried_out"][applicant] - carried_in
    return {row: _with_total(numbers[row], density) for row in rows}


def _reviews(rng: random.Random, density: str) -> Figures:
    outcomes = list(forms.OUTCOMES)[:-1]
    return {
        proceeding: _with_total({outcome: _figure(rng, density) for outcome in outcomes}, density)
        for proceeding in forms.PROCEEDINGS
    }


def _with_total(numbers: dict[str, int], density: str) -> dict[str, str]:
    return {code: _printed(number, density) for code, number in {**numbers, "total": sum(numbers.values())}.items()}


def _lines(rows: Rows) -> list[Line]:
    lines = []
    for row in rows:
        boxes = [Box(cell.text, cell.row_span, cell.column_span) for cell in row]
        for box in boxes:
            box.value = not box.text or box.text.isdigit()
        article = len(boxes) == 1
        lines.append(Line(boxes, "article" if article else "figures" if any(b.value for b in boxes) else "heads"))
    return lines


def _make_crooked(table: list[Line]) -> None:
    """Give the heads of table 二 of 2019 other spans than its figures, as published pages do."""
    for line in table:
        if len(line.boxes) == 4:
            line.boxes[1 if line.kind == "figures" else 2].right += 1
        else:
            line.boxes[-1].right += 1


# Damages ----------------------------------------------------------------------------------

Damage = Callable[[Form, random.Random], bool]
DAMAGES: dict[str, Damage] = {}


def damage(function: Damage) -> Damage:
    DAMAGES[function.__name__.strip("_")] = function
    return function


def damaged(form: Form, rng: random.Random, count: int) -> Form:
    """Apply ``count`` damages drawn at random."""
    while len(form.damages) < count:
        name = rng.choice(list(DAMAGES))
        # Heads in another order and then lost say nothing of that order.
        if name == "heads_swapped" and len(form.damages) != count - 1:
            continue
        if DAMAGES[name](form, rng):
            form.damages.append(name)
    return form


def _pick(form: Form, rng: random.Random, *kinds: str) -> tuple[list[Line], Line] | None:
    table = rng.choice(form.tables)
    lines = [line for line in table if line.kind in kinds and line.boxes]
    return (table, rng.choice(lines)) if lines else None


def _values(line: Line) -> list[int]:
    return [index for index, box in enumerate(line.boxes) if box.value]


@damage
def value_lost(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked or not (at := _values(picked[1])):
        return False
    del picked[1].boxes[rng.choice(at)]
    return True


@damage
def value_doubled(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked or not (at := _values(picked[1])):
        return False
    index = rng.choice(at)
    picked[1].boxes.insert(index, Box(picked[1].boxes[index].text, value=True))
    return True


@damage
def value_added(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked or not (at := _values(picked[1])):
        return False
    text = rng.choice(("", "", "0", "0", str(rng.randrange(1, 999))))
    picked[1].boxes.insert(rng.choice([*at, at[-1] + 1]), Box(text, value=True))
    return True


@damage
def head_lost(form: Form, rng: random.Random) -> bool:
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    picked[1].boxes.pop(rng.randrange(len(picked[1].boxes)))
    return True


@damage
def head_doubled(form: Form, rng: random.Random) -> bool:
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    index = rng.randrange(len(picked[1].boxes))
    box = picked[1].boxes[index]
    picked[1].boxes.insert(index, Box(box.text, box.down, box.right))
    return True


@damage
def head_added(form: Form, rng: random.Random) -> bool:
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    picked[1].boxes.insert(rng.randrange(len(picked[1].boxes) + 1), Box(""))
    return True


@damage
def head_blanked(form: Form, rng: random.Random) -> bool:
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    rng.choice(picked[1].boxes).text = ""
    return True


@damage
def words_lost(form: Form, rng: random.Random) -> bool:
    """A group cell or label is missing."""
    picked = _pick(form, rng, "figures")
    at = [i for i, box in enumerate(picked[1].boxes) if not box.value] if picked else []
    if not picked or not at:
        return False
    del picked[1].boxes[rng.choice(at)]
    return True


@damage
def blank_before_label(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked:
        return False
    at = next((i for i, box in enumerate(picked[1].boxes) if box.value), 0)
    picked[1].boxes.insert(rng.randint(0, at), Box("", value=at == 0))
    return True


@damage
def span_wrong(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures", "heads", "article")
    if not picked:
        return False
    box = rng.choice(picked[1].boxes)
    if rng.random() < 0.5:
        box.down = rng.choice((1, box.down + 1, max(1, box.down - 1), 2, 0, 1000))
    else:
        box.right = rng.choice((1, box.right + 1, max(1, box.right - 1), 2, 3))
    return True


@damage
def span_of_words_wrong(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    boxes = [box for line in (picked[0] if picked else ()) for box in line.boxes if box.down > 1 or box.right > 1]
    if not boxes:
        return False
    box = rng.choice(boxes)
    box.down, box.right = rng.choice(((1, 1), (1, box.right), (box.down + 1, box.right), (box.down, 1)))
    return True


@damage
def row_lost(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures", "article")
    if not picked:
        return False
    picked[0].remove(picked[1])
    return True


@damage
def row_doubled(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked:
        return False
    copy = [Box(b.text, b.down, b.right, b.value, b.moved) for b in picked[1].boxes]
    picked[0].insert(rng.choice((picked[0].index(picked[1]), rng.randint(0, len(picked[0])))), Line(copy, "figures"))
    return True


@damage
def heads_lost(form: Form, rng: random.Random) -> bool:
    """A whole row of heads is missing."""
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    picked[0].remove(picked[1])
    return True


@damage
def heads_repeated(form: Form, rng: random.Random) -> bool:
    table = rng.choice(form.tables)
    heads = [line for line in table[:3] if line.kind in ("heads", "article")]
    if not heads or len(table) < 5:
        return False
    copies = [Line([Box(b.text, b.down, b.right) for b in line.boxes], line.kind) for line in heads]
    at = rng.randint(len(heads), len(table))
    table[at:at] = copies
    return True


@damage
def split_at_row(form: Form, rng: random.Random) -> bool:
    index = rng.randrange(len(form.tables))
    table = form.tables[index]
    if len(table) < 2:
        return False
    at = rng.randrange(1, len(table))
    form.tables[index : index + 1] = [table[:at], table[at:]]
    return True


@damage
def split_at_column(form: Form, rng: random.Random) -> bool:
    index = rng.randrange(len(form.tables))
    table = form.tables[index]
    at = rng.randint(1, 7)
    left = [Line(line.boxes[:-at], line.kind) for line in table]
    right = [Line(line.boxes[-at:], line.kind) for line in table]
    form.tables[index : index + 1] = [[line for line in half if line.boxes] for half in (left, right)]
    form.tables = [half for half in form.tables if half]
    return True


@damage
def tables_merged(form: Form, rng: random.Random) -> bool:
    if len(form.tables) < 2:
        return False
    at = rng.randrange(len(form.tables) - 1)
    form.tables[at : at + 2] = [[*form.tables[at], *form.tables[at + 1]]]
    return True


@damage
def cell_in_next_row(form: Form, rng: random.Random) -> bool:
    table = rng.choice(form.tables)
    at = [i for i, line in enumerate(table[:-1]) if line.kind == "figures" and line.boxes]
    if not at:
        return False
    index = rng.choice(at)
    box, after = table[index].boxes.pop(), table[index + 1].boxes
    values = next((i for i, other in enumerate(after) if other.value), len(after))
    after.insert(rng.choice((0, values, len(after))), box)
    return True


@damage
def heads_swapped(form: Form, rng: random.Random) -> bool:
    """Two columns change places with their heads, as a form of another order would print them."""
    table = next((t for t in form.tables if any("商业企业" in b.text for line in t for b in line.boxes)), None)
    if table is None or form.damages:
        return False
    first, second = rng.sample(range(5), 2)
    for line in table:
        if line.kind == "heads" and len(line.boxes) == 5:
            offset = 0
        elif len(values := _values(line)) == 7:
            offset = values[1]
        else:
            continue
        boxes = line.boxes
        boxes[offset + first], boxes[offset + second] = boxes[offset + second], boxes[offset + first]
    form.permuted = True
    return True


@damage
def labels_shifted(form: Form, rng: random.Random) -> bool:
    """The labels of some rows stand one row lower or higher than they ought to."""
    table = rng.choice(form.tables)
    lines = [line for line in table if line.kind == "figures" and line.boxes and not all(b.value for b in line.boxes)]
    if len(lines) < 3:
        return False
    start = rng.randrange(len(lines) - 2)
    stop = rng.randint(start + 2, min(len(lines), start + 8))
    labels = [[b for b in line.boxes if not b.value][-1:] for line in lines[start:stop]]
    if not all(labels):
        return False
    boxes = [label[0] for label in labels]
    texts = [box.text for box in boxes]
    shifted = ["", *texts[:-1]] if rng.random() < 0.5 else [*texts[1:], ""]
    for box, text in zip(boxes, shifted, strict=True):
        box.text, box.moved = text, True
    return True


@damage
def labels_merged(form: Form, rng: random.Random) -> bool:
    """One cell holds the labels of two rows."""
    table = rng.choice(form.tables)
    pairs = [
        (upper, lower)
        for upper, lower in pairwise(table)
        if all(line.kind == "figures" and any(not b.value for b in line.boxes) for line in (upper, lower))
    ]
    if not pairs:
        return False
    upper, lower = rng.choice(pairs)
    first = [b for b in upper.boxes if not b.value][-1]
    second = [b for b in lower.boxes if not b.value][-1]
    first.text, first.down = f"{first.text}\n{second.text}", 2
    lower.boxes.remove(second)
    return True


@damage
def figure_in_label(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked or not (at := _values(picked[1])) or at[0] == 0:
        return False
    value = picked[1].boxes[at[0]]
    picked[1].boxes[at[0] - 1].text += rng.choice(("", " ", "\n")) + value.text
    if rng.random() < 0.5:
        del picked[1].boxes[at[0]]
    else:
        value.text = ""
    return True


@damage
def figures_in_one_cell(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures")
    if not picked or len(at := _values(picked[1])) < 2:
        return False
    index = rng.choice(at[:-1])
    boxes = picked[1].boxes
    boxes[index].text += rng.choice((" ", "\n", "")) + boxes[index + 1].text
    if rng.random() < 0.5:
        boxes[index].right += 1
    del boxes[index + 1]
    return True


@damage
def column_added(form: Form, rng: random.Random) -> bool:
    """A blank column, in all rows or not quite."""
    table = rng.choice(form.tables)
    from_end = rng.randint(0, 7)
    everywhere = rng.random() < 0.5
    for line in table:
        if line.kind == "article":
            line.boxes[0].right += 1
        elif len(line.boxes) >= from_end and (everywhere or rng.random() < 0.9):
            line.boxes.insert(len(line.boxes) - from_end, Box("", value=line.kind == "figures"))
    return True


@damage
def wide_head_split(form: Form, rng: random.Random) -> bool:
    """A head stands over two columns, and its figures have a blank beside them."""
    picked = None if form.permuted else _pick(form, rng, "heads")
    if not picked:
        return False
    table, line = picked
    index = rng.randrange(len(line.boxes))
    line.boxes[index].right += 1
    from_end = len(line.boxes) - index - 1
    for other in table:
        if other.kind == "figures" and len(values := _values(other)) > from_end:
            other.boxes.insert(values[-1] - from_end + 1, Box("", value=True))
    return True


@damage
def table_in_cell(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures", "heads")
    if not picked:
        return False
    rng.choice(picked[1].boxes).nested = True
    return True


@damage
def tag_unclosed(form: Form, rng: random.Random) -> bool:
    picked = _pick(form, rng, "figures", "heads")
    if not picked:
        return False
    if rng.random() < 0.5:
        rng.choice(picked[1].boxes).open = True
    else:
        picked[1].unclosed = True
    return True


# Markup and truth ------------------------------------------------------------------------


def to_page(form: Form) -> bytes:
    """The report as a page of HTML, its tables under their sections as far as they are still whole."""
    parts = [f"<h1>{TITLE}</h1>", "<p>一、总体情况</p><p>本机关依照条例主动公开政府信息，办理公开申请。</p>"]
    headings = [
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
    ]
    for index, table in enumerate(form.tables):
        if index < len(headings):
            parts.append(f"<p>{headings[index]}</p>")
        parts.append(_table_html(table))
    parts.append("<p>五、存在的主要问题及改进情况</p><p>无。</p><p>六、其他需要报告的事项</p><p>无。</p>")
    return f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body>{''.join(parts)}</body></html>".encode()


def _table_html(table: Sequence[Line]) -> str:
    lines = "".join("<tr>" + "".join(map(_box_html, line.boxes)) + ("" if line.unclosed else "</tr>") for line in table)
    return f"<table border=1>{lines}</table>"


def _box_html(box: Box) -> str:
    inner = html.escape(box.text).replace("\n", "<br>")
    if box.nested:
        inner = f"<table><tr><td>{inner}</td></tr></table>"
    return f'<td rowspan="{box.down}" colspan="{box.right}">{inner}' + ("" if box.open else "</td>")


def plain_rows(form: Form) -> dict[str, list[list[str]]]:
    """Texts of figures of the rows that are printed plainly, by label: whatever they say may be read."""
    plain: dict[str, list[list[str]]] = {}
    for table in form.tables:
        grid = lay_out([[SpanningCell(b.text, b.down, b.right) for b in line.boxes] for line in table], 1)
        boxes = [box for line in table for box in line.boxes]
        by_row: dict[int, list[tuple[int, int, int, Box]]] = {}
        for placed, box in zip(grid.cells, boxes, strict=True):
            for row in range(placed.row, placed.row + placed.row_span):
                by_row.setdefault(row, []).append((placed.column, placed.column_span, placed.row, box))
        unlabelled = any(
            line.kind == "figures" and all(b.value or not b.text for b in line.boxes) and len(line.boxes) > 3
            for line in table
        )
        for row, line in enumerate(table):
            if line.kind != "figures":
                continue
            cells = sorted(by_row.get(row, ()), key=lambda entry: entry[0])
            labels = [entry for entry in cells if not entry[3].value and entry[3].text]
            after = labels[-1][0] if labels else -1
            values = [entry for entry in cells if entry[0] > after]
            if any(origin != row or box.down != 1 for _column, _span, origin, box in values):
                continue
            label = labels[-1][3] if labels else None
            if label is not None and label.moved and unlabelled:
                continue
            plain.setdefault(label_key(label.text) if label else "reviews", []).append(
                [tidy(entry[3].text) for entry in values]
            )
    return plain


def wrong_cells(form: Form, read: dict[str, dict[str, dict[str, tuple[str, str]]]]) -> list[str]:
    """Fields read as another number or blank than the page prints for them.

    ``read`` gives (kind, printed) by table, row and column.
    """
    plain = plain_rows(form)
    wrong = []
    for table, rows in read.items():
        for row, cells in rows.items():
            for position, (column, (kind, printed)) in enumerate(cells.items()):
                truth = form.truth[table].get(row, {}).get(column)
                if kind not in ("number", "blank") or printed == truth:
                    continue
                at = position if table != "reviews" else position + 5 * list(forms.PROCEEDINGS).index(row)
                if not _plainly_printed(plain, table, row, len(cells), at, printed):
                    wrong.append(f"{table}.{row}.{column}: {truth!r} read as {kind} {printed!r}")
    return wrong


def _plainly_printed(
    plain: dict[str, list[list[str]]], table: str, row: str, count: int, at: int, printed: str
) -> bool:
    if table == "reviews":
        keys, count = {"reviews"}, 15
    else:
        label = (forms.ITEMS if table == "disclosures" else forms.REQUEST_ROWS)[row]
        keys = {label_key(wording) for wording in label.wordings}
    rows = [texts for key in keys for texts in plain.get(key, ())]
    return any(len(texts) == count and texts[at] == printed for texts in rows)
