"""How exactly documents become reports: the corpus read and scored by renderer and dialect.

Run from the checkout: ``python -m benchmarks.extraction [PATTERN…]``; a pattern names renderers
or dialects, as ``chromium``, ``pdf-no-rules`` or ``hand/html-blank*``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import get_context

import click
from pebble import ProcessExpired, ProcessPool

from archive import scans
from archive.sandbox import Limits, confine
from benchmarks.corpus.build import FOLDER, build, chosen, path_of
from benchmarks.corpus.dialects import registered
from benchmarks.corpus.scoring import Score, score
from benchmarks.corpus.truth import CorpusDocument
from benchmarks.speeds import measure
from nianbao import explaining
from parsers.extract import Origin, Refusal, extract, extract_scan
from parsers.readers import ocr
from parsers.report import Report

SEED = 2021
SCANNED = "rasteriser"
"""The renderer whose documents are pictures; they are counted by themselves."""
_LIMITS = Limits(timeout_seconds=60)
_TASKS_PER_WORKER = 200
_DETAILS = 6


def read_all(
    documents: Iterable[CorpusDocument], workers: int, *, recognise: bool = False
) -> Iterator[tuple[CorpusDocument, Score]]:
    """Yield each document with its score; each is read in a process that a hostile file may end.

    With ``recognise`` pages that are pictures are read too, under the limits of scans.
    """
    limits = scans.limits() if recognise else _LIMITS
    with ProcessPool(
        max_workers=workers,
        max_tasks=_TASKS_PER_WORKER,
        initializer=confine,
        initargs=(limits.memory_bytes,),
        context=get_context("forkserver"),
    ) as pool:
        waiting = []
        for document in documents:
            arguments = (document.payload, document.file_name, recognise)
            waiting.append((document, pool.schedule(_read, args=arguments, timeout=limits.timeout_seconds)))
            if len(waiting) > 2 * workers:
                yield _scored(*waiting.pop(0), limits)
        for document, task in waiting:
            yield _scored(document, task, limits)


def _read(payload: bytes, file_name: str, recognise: bool) -> tuple[Report | Refusal, float]:
    began = time.perf_counter()
    outcome = (extract_scan if recognise else extract)(payload, Origin(file_name=file_name))
    return outcome, time.perf_counter() - began


def _scored(document: CorpusDocument, task: object, limits: Limits) -> tuple[CorpusDocument, Score]:
    try:
        outcome, seconds = task.result()  # type: ignore[attr-defined]
    except FutureTimeoutError:
        seconds = limits.timeout_seconds
        outcome = Refusal("timeout", f"more than {seconds:g} seconds")
    except (ProcessExpired, MemoryError) as error:
        outcome, seconds = Refusal("crashed", str(error)), 0.0
    return document, score(outcome, document.truth, seconds)


_HEAD = (
    f"{'renderer':<16} {'dialect':<34} {'docs':>4} {'found':>7} {'cells exact':>13} {'null':>6} {'(no why)':>8} "
    f"{'WRONG':>6} {'refused':>7} {'s/doc':>6}"
)


def _line(renderer: str, dialect: str, result: Score) -> str:
    found = f"{result.reports}/{result.reports_due}" if result.reports_due else ""
    cells = f"{result.exact}/{result.cells}" if result.cells else ""
    refused = f"{result.refused}/{result.refusals_due}" if result.refusals_due else ""
    return (
        f"{renderer:<16} {dialect:<34} {result.documents:>4} {found:>7} {cells:>13} {result.null or '':>6} "
        f"{result.unexplained or '':>8} {result.wrong or '':>6} {refused:>7} "
        f"{result.seconds / max(result.documents, 1):>6.2f}"
    )


def _scans_line(scanned: Score) -> str:
    if not scanned.reports:
        return f"scans refused rightly: {scanned.refused} of {scanned.documents}; install the extra `ocr` to read them"
    exact, confirmable, withheld = (
        f"{100 * part / max(whole, 1):.1f} % of {whole}"
        for part, whole in (
            (scanned.exact, scanned.cells),
            (scanned.confirmable_exact, scanned.confirmable),
            (scanned.withheld, scanned.unconfirmable),
        )
    )
    return (
        f"scans: {exact} cells exact; {confirmable} figures that printed sums bear out exact, "
        f"{scanned.confirmable_null} null; {withheld} figures that nothing bears out withheld, as they must be; "
        f"{scanned.wrong} wrong"
    )


@click.command()
@click.argument("patterns", nargs=-1)
@click.option("--seed", default=SEED, show_default=True)
@click.option("--count", default=3, show_default=True, help="Documents of each dialect.")
@click.option("--scans", "scan_count", default=1, show_default=True, help="Documents of each dialect of scans.")
@click.option("--workers", default=1, show_default=True)
@click.option("--list", "only_list", is_flag=True, help="Name the renderers and dialects, and end.")
@click.option("--failing", is_flag=True, help="Print only dialects that fall short.")
@click.option("--details", is_flag=True, help="Print path and faults of each document that falls short.")
@click.option("--speeds", is_flag=True, help="Also measure the speeds and print them against their limits.")
@click.option("--explain", is_flag=True, help="Also print what `nianbao explain` shows of the first such document.")
def main(
    patterns: tuple[str, ...],
    seed: int,
    count: int,
    scan_count: int,
    workers: int,
    only_list: bool,
    failing: bool,
    details: bool,
    speeds: bool,
    explain: bool,
) -> None:
    """Read the corpus, or the dialects that fit PATTERNS, and print how well by renderer and dialect.

    Scans are read with the extra `ocr`, some seconds a page, and are not in the totals. Exit status 1 if any number
    was read silently wrong.
    """
    dialects = chosen(patterns)
    if only_list:
        for one in dialects:
            click.echo(one.key)
        return
    if not dialects:
        raise click.UsageError(f"no dialect fits; see --list ({len(list(registered()))} of them)")
    click.echo(_HEAD)
    total, scanned = Score(), Score()
    by_renderer: dict[str, Score] = {}
    current, running = ("", ""), Score()
    shown = False

    def close() -> None:
        if running.documents:
            if not failing or running.failed:
                click.echo(_line(*current, running))
            if current[0] == SCANNED:
                scanned.add(running)
                return
            total.add(running)
            by_renderer.setdefault(current[0], Score()).add(running)

    def read() -> Iterator[tuple[CorpusDocument, Score]]:
        printed = [one for one in dialects if one.renderer != SCANNED]
        yield from read_all(build(printed, seed, count, tell=click.echo), workers)
        pictured = [one for one in dialects if one.renderer == SCANNED]
        if pictured and scan_count:
            documents = build(pictured, seed, scan_count, tell=click.echo)
            yield from read_all(documents, workers, recognise=ocr.available())

    for document, found in read():
        key = (document.renderer, document.dialect + (" ~" if document.truth.expect == "right_or_null" else ""))
        if key != current:
            close()
            current, running = key, Score()
        running.add(found)
        if found.failed and (details or explain):
            click.echo(f"  {path_of(document, seed)}")
            for detail in sorted(found.details, key=lambda text: not text.startswith("WRONG"))[:_DETAILS]:
                click.echo(f"    {detail}")
            if len(found.details) > _DETAILS:
                click.echo(f"    … {len(found.details) - _DETAILS} more")
        if found.failed and explain and not shown:
            shown = True
            account = explaining.explain_safely(document.payload, Origin(file_name=document.file_name))
            explaining.show(account, {})
    close()
    click.echo()
    for renderer, result in by_renderer.items():
        click.echo(_line(renderer, "all", result))
    click.echo(_line("all", "", total))
    if scanned.documents:
        click.echo(_line("scans, besides", "all", scanned))
        click.echo(_scans_line(scanned))
    click.echo(
        f"~ the rendering destroyed information, so a cell may be null with a finding: {total.lossy_null} of "
        f"{total.null} nulls"
    )
    click.echo(
        f"wrong sums found: {total.sums_found} of {total.sums_due} printed; reports without all six sections: "
        f"{total.sections_lost}"
    )
    click.echo(f"documents and manifests: {FOLDER / str(seed)}")
    if speeds:
        click.echo()
        for speed in measure(seed, count):
            click.echo(str(speed))
    sys.exit(int(total.wrong + scanned.wrong > 0))


if __name__ == "__main__":
    main()
