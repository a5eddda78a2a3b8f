"""How many damaged tables are read wrong in silence (none may be), and what care costs in cells given up.

Run from the checkout: ``python benchmarks/damaged_tables.py [--documents N] [--seed S] [--damages K]``.
Every document is a form with known figures and 1 to 5 errors of markup; a document is its seed.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from parsers.readers.html import read_html  # noqa: E402
from parsers.tables import read_tables  # noqa: E402
from tests.parsers.damaged_forms import Form, damaged, sound_form, to_page, wrong_cells  # noqa: E402

MOST_DAMAGES = 5


@dataclass
class Outcome:
    """One damaged document: its errors of markup, its fields read wrong, and how many cells were read."""

    seed: int
    damages: list[str]
    wrong: list[str]
    printed: int
    read: int
    error: str | None = None


def make(seed: int, damages: int | None = None) -> Form:
    """The document of a seed."""
    rng = random.Random(seed)
    return damaged(sound_form(rng), rng, damages if damages is not None else rng.randint(1, MOST_DAMAGES))


def measure(seed: int, damages: int | None = None) -> Outcome:
    """Make and read the document of a seed."""
    form = make(seed, damages)
    printed = sum(len(cells) for rows in form.truth.values() for cells in rows.values())
    try:
        found = read_tables(read_html(to_page(form)))
    except Exception as error:  # a reader that fails is what is looked for
        return Outcome(seed, form.damages, [], printed, 0, repr(error))
    read = {
        table: {
            row: {column: (cell.kind, cell.printed) for column, cell in cells.items()}
            for row, cells in getattr(found, table).items()
        }
        for table in form.truth
    }
    certain = sum(
        kind != "unreadable" for rows in read.values() for cells in rows.values() for kind, _printed in cells.values()
    )
    return Outcome(seed, form.damages, wrong_cells(form, read), printed, certain)


@dataclass
class Tally:
    """Sums over documents with the same number of damages, or the same single damage."""

    documents: int = 0
    wrong: int = 0
    printed: int = 0
    read: int = 0
    seeds: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count a document in."""
        self.documents += 1
        self.wrong += bool(outcome.wrong or outcome.error)
        self.printed += outcome.printed
        self.read += outcome.read

    def line(self, name: str) -> str:
        """One line of the report."""
        given_up = 1 - self.read / self.printed if self.printed else 0.0
        return f"{name:>24} {self.documents:>9} {self.wrong:>7} {given_up:>9.1%}"


@click.command()
@click.option("--documents", default=2000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Seed of the first document.")
@click.option("--damages", type=int, help="Damages to a document; drawn from 1 to 5 by default.")
@click.option("--processes", type=click.IntRange(1, 2), default=1, show_default=True)
@click.option("--show", default=10, show_default=True, help="Wrong documents to print.")
def main(documents: int, seed: int, damages: int | None, processes: int, show: int) -> None:
    """Read damaged documents; exit status 1 if any is read wrong in silence."""
    by_count: dict[int, Tally] = {}
    by_damage: dict[str, Tally] = {}
    culprits: Counter[str] = Counter()
    bad: list[Outcome] = []
    with ProcessPoolExecutor(processes) as pool:
        for outcome in pool.map(partial(measure, damages=damages), range(seed, seed + documents), chunksize=50):
            by_count.setdefault(len(outcome.damages), Tally()).add(outcome)
            if len(outcome.damages) == 1:
                by_damage.setdefault(outcome.damages[0], Tally()).add(outcome)
            if outcome.wrong or outcome.error:
                bad.append(outcome)
                culprits.update(set(outcome.damages))
    click.echo(f"{'damages':>24} {'documents':>9} {'wrong':>7} {'given up':>9}")
    for count, tally in sorted(by_count.items()):
        click.echo(tally.line(str(count)))
    for name, tally in sorted(by_damage.items()):
        click.echo(tally.line(name))
    for outcome in bad[:show]:
        click.echo(f"seed {outcome.seed}: {', '.join(outcome.damages)}")
        for line in (outcome.error and [outcome.error]) or outcome.wrong[:4]:
            click.echo(f"    {line}")
    if bad:
        click.echo(f"in wrong documents: {dict(culprits.most_common(12))}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
