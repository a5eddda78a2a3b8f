"""Lookup tables: the form's codes and the checks' rules with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

import checks
from parsers import forms

_RULE_COLUMNS = ("code", "label", "label_en", "formula", "meaning", "meaning_en", "limits", "limits_en", "scope")


def fill(db: Database) -> None:
    """Bring the lookup tables up to the program; writes nothing where they are."""
    for table, rows in _expected().items():
        columns = list(rows[0])
        current = db.conn.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        missing = {tuple(row.values()) for row in rows} - set(current)
        if missing:
            _upsert(db, table, columns, sorted(missing, key=str))


def _upsert(db: Database, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    with db.atomic():
        db.conn.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
            f"ON CONFLICT ({columns[0]}) DO UPDATE SET {updates}",
            rows,
        )


def _expected() -> dict[str, list[dict[str, Any]]]:
    plain = {
        "items": forms.ITEMS,
        "applicants": forms.APPLICANTS,
        "proceedings": forms.PROCEEDINGS,
        "outcomes": forms.OUTCOMES,
    }
    tables: dict[str, list[dict[str, Any]]] = {
        table: [_label(label) for label in labels.values()] for table, labels in plain.items()
    }
    tables["measures"] = [_label(label) | {"unit": label.unit} for label in forms.MEASURES.values()]
    tables["request_items"] = [_label(row) | _group(row) for row in forms.REQUEST_ROWS.values()]
    tables["rules"] = [{column: getattr(rule, column) for column in _RULE_COLUMNS} for rule in checks.RULES.values()]
    return tables


def _label(label: forms.Label) -> dict[str, Any]:
    return {"code": label.code, "label": label.zh, "label_en": label.en, "position": label.position}


def _group(row: forms.Label) -> dict[str, Any]:
    group = forms.REQUEST_GROUPS[row.group] if row.group else None
    return {"group_label": group.zh if group else None, "group_label_en": group.en if group else None}
