"""kill -9 at fifty seeded moments over the simulated portals, each crawl continued and compared.

Run from the checkout: ``python -m benchmarks.crawl_kills``; it takes some twenty minutes. Exit status 1
if any crawl ended with another archive than the undisturbed one, or fetched a document more than
once more than needed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from tests.crawler.portals.kills import SITES, Undisturbed, killed, moments, undisturbed


@click.command()
@click.option("--moments", "count", default=50, show_default=True, help="How many kills.")
@click.option("--after", default=0, show_default=True, help="Leave out so many, to go on with a run.")
@click.option("--site", "only", multiple=True, type=click.Choice(SITES), help="Only this site; may be repeated.")
def main(count: int, after: int, only: tuple[str, ...]) -> None:
    """Kill and continue, and print a line for each."""
    whole: dict[str, Undisturbed] = {}
    fell_short = tried = 0
    click.echo("site     killed at       captures then/in the end   documents fetched again")
    with tempfile.TemporaryDirectory() as top:
        for number, (site, share, fetching) in enumerate(moments(count)):
            if number < after or (only and site not in only):
                continue
            if site not in whole:
                folder = Path(top) / site
                folder.mkdir()
                whole[site] = undisturbed(site, folder)
            folder = Path(top) / f"{site}-{number}"
            folder.mkdir()
            found = killed(whole[site], folder, share, fetching=fetching)
            verdict = "same archive" if not found.faults else "FELL SHORT: " + "; ".join(found.faults)
            click.echo(
                f"{site:<5} {found.after:6.1f} of {whole[site].seconds:5.1f} s"
                f"   {found.kept:6} / {found.captures:<6} {found.again:18}   {verdict}"
            )
            fell_short += bool(found.faults)
            tried += 1
    click.echo(f"{tried - fell_short} of {tried} as undisturbed")
    sys.exit(int(bool(fell_short)))


if __name__ == "__main__":
    main()
