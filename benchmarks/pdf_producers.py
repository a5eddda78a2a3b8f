"""How fast PDF is read against plain pdfplumber, producer by producer, with the cells that each gets right.

Run from the checkout: ``python -m benchmarks.pdf_producers``.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from benchmarks.corpus.build import build, chosen
from benchmarks.corpus.truth import CorpusDocument
from benchmarks.drawn_pdfs import Dialect, draw_document
from benchmarks.speeds import ROUNDS, pdf_speed

_DIALECTS = ("pdf-plain", "pdf-short-pages")
_PRINTED = ("chromium", "libreoffice", "weasyprint")
_DRAWN = Dialect("", "", "", "", "", "", "", "", "", "", "", size=8.0, pad=2.0, share=1.0)


def documents(producer: str, seed: int, count: int) -> Iterator[CorpusDocument]:
    """``count`` documents of a producer, ``reportlab`` or one that the corpus prints with."""
    if producer == "reportlab":
        for number in range(seed, seed + count):
            yield draw_document(number, _DRAWN)[0]
        return
    wanted = {f"{producer}/{dialect}" for dialect in _DIALECTS}
    keys = [one for one in chosen(()) if one.key in wanted]
    yield from build(keys, seed, max(count // len(_DIALECTS), 1), tell=lambda line: None)


@click.command()
@click.option("--seed", default=2021, show_default=True)
@click.option("--count", default=6, show_default=True, help="Documents of each producer.")
@click.option("--rounds", default=ROUNDS, show_default=True)
def main(seed: int, count: int, rounds: int) -> None:
    """Print a line for each producer: the median ratio, and the cells right of both readers."""
    for producer in ("reportlab", *_PRINTED):
        speed = pdf_speed(list(documents(producer, seed, count)), rounds)
        click.echo(f"{producer:<12} {speed}" if speed else f"{producer:<12} cannot be printed here")


if __name__ == "__main__":
    main()
