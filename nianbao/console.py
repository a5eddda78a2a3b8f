"""What the commands show: progress while they work, a table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

# A pipe or log file has no width of its own; rich would take 80 columns and break every address.
_WIDTH = None if Console().is_terminal else 160
out = Console(highlight=False, width=_WIDTH)
# Messages are one line each, however long the path in them.
err = Console(stderr=True, highlight=False, soft_wrap=True)

_SECONDS_BETWEEN_LINES = 5.0


_CONTROLS = {
    code: "\ufffd" for code in (*range(32), *range(127, 160), *range(0xD800, 0xE000)) if chr(code) not in "\n\t"
}


def visible(text: str) -> str:
    """Text of foreign origin without what a terminal would obey and without half characters."""
    return text.translate(_CONTROLS)


class Steps:
    """Progress of one stage: a bar on a terminal, now and then a plain line elsewhere."""

    def __init__(self, label: str, total: int | None, progress: Progress | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self._progress = progress
        self._task = progress.add_task(label, total=total) if progress else None
        self._told = time.monotonic()

    def advance_by(self, note: str, count: int) -> None:
        """So many more are done."""
        self.advance(note, count)

    def advance(self, note: str = "", count: int = 1) -> None:
        """One more is done, or ``count``."""
        self.done += count
        note = visible(note)
        if self._progress and self._task is not None:
            self._progress.update(self._task, advance=count, description=f"{self.label} {note[:60]}".strip())
        elif time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            err.print(
                f"{self.label}: {self.done}{f' of {self.total}' if self.total else ''} {note}".rstrip(), markup=False
            )


@contextmanager
def steps(label: str, total: int | None = None) -> Iterator[Steps]:
    """Show the progress of a stage; ``total`` None where the end is not known."""
    if not err.is_terminal:
        stage = Steps(label, total, None)
        yield stage
        err.print(f"{label}: {stage.done} done", markup=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err) as progress:
        yield Steps(label, total, progress)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right."""
    shown = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float | None) for row in rows)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*("" if value is None else _plain(value) for value in row))
    out.print(shown)


def pairs(title: str, values: Mapping[str, object]) -> None:
    """Print names and values as a table of two columns."""
    table(title, ("", ""), [(name, _plain(value)) for name, value in values.items()])


def _plain(value: object) -> str:
    # Square brackets in fetched text are no markup.
    return visible(str(value)).replace("[", r"\[")
