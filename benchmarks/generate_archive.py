"""Generates a large archive of fictional reports: ``python -m benchmarks.generate_archive --reports N FILE``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from benchmarks.corpus.synthetic_archive import build


@click.command()
@click.option("--reports", type=click.IntRange(min=1), required=True, help="How many reports.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same archive.")
@click.option("--unchecked", is_flag=True, help="Leave the checks across reports to be done.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def main(reports: int, seed: int, unchecked: bool, file: Path) -> None:
    """Write an archive to FILE, which must not exist yet; its folder is made."""
    if file.exists():
        raise click.UsageError(f"{file} exists: name another file, or remove it")
    file.parent.mkdir(parents=True, exist_ok=True)
    began, written, told = time.monotonic(), 0, 0

    def progress(more: int) -> None:
        nonlocal written, told
        written += more
        if written - told >= 20_000 or written == reports:
            told = written
            print(f"{written:,} reports in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    try:
        build(file, reports, seed, checked=not unchecked, progress=progress)
    except ValueError as error:
        raise click.UsageError(f"--reports: {error}") from error
    size = file.stat().st_size
    took, cpu = time.monotonic() - began, time.process_time()
    print(f"{file}: {reports:,} reports, {size / 1e6:,.0f} MB, {size / reports:,.0f} bytes per report; "
          f"{took:.0f} s ({cpu:.0f} s of processor time)")  # fmt: skip


if __name__ == "__main__":
    main()
