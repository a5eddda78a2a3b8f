"""Names of cells for people, in the words that the form prints."""

from __future__ import annotations

from parsers import forms


def cell_label(field: str) -> str:
    """Return the printed name of a cell: ``requests.new.total`` is 表三“本年新收…／总计”."""
    table, _, rest = field.partition(".")
    row, _, column = rest.partition(".")
    if table == "disclosures" and row in forms.ITEMS and column in forms.MEASURES:
        return f"表二“{forms.ITEMS[row].zh}／{forms.MEASURES[column].zh}”"
    if table == "requests" and row in forms.REQUEST_ROWS and column in forms.APPLICANTS:
        return f"表三“{row_label(row)}／{forms.APPLICANTS[column].zh}”"
    if table == "reviews" and row in forms.PROCEEDINGS and column in forms.OUTCOMES:
        return f"表四“{forms.PROCEEDINGS[row].zh}／{forms.OUTCOMES[column].zh}”"
    if table == "sections" and row.isdigit():
        return f"第{row}部分"
    return field


def row_label(row: str) -> str:
    """Return the printed name of a row of table 三 with its enumerator, under its group where it has one."""
    label = forms.REQUEST_ROWS[row]
    name = label.zh.partition("（")[0]
    if label.group is None or label.group == "results":
        return f"{label.enumerator}{name}" if label.group else name
    group = forms.REQUEST_GROUPS[label.group]
    return f"{group.enumerator}{group.zh}{label.enumerator}{name}"
