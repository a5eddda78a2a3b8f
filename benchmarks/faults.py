"""Every fault on every command: kills, full disks, lost rights, damage, rivals, clocks, and networks that go away.

Run from the checkout as root, which may mount small disks: ``make bench-faults``. It takes about an
hour. Exit status 1 if anything was lost or any stop explained nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks.fault_rig import clocks, damage, disks, kills, networks, rights, rivals
from benchmarks.fault_rig.verdict import Case
from benchmarks.fault_rig.workloads import COMMANDS, Stage

SEED = 20261126
MOMENTS = 40
Cases = Callable[[Stage, Path, int, int], Iterator[Case]]
FAULTS: dict[str, Cases] = {
    "kill": kills.cases,
    "disk": disks.cases,
    "rights": rights.cases,
    "warc": damage.warc_cases,
    "page": damage.page_cases,
    "rivals": rivals.cases,
    "clock": clocks.cases,
    "network": networks.cases,
}


@click.command()
@click.option("--fault", "faults", multiple=True, type=click.Choice(list(FAULTS)), help="Only this; may be repeated.")
@click.option("--command", "commands", multiple=True, type=click.Choice(COMMANDS), help="Only this; may be repeated.")
@click.option("--seed", default=SEED, show_default=True, help="Other moments and places.")
@click.option("--moments", default=MOMENTS, show_default=True, help="How many kills of each command.")
@click.option("--part", default="1/1", show_default=True, help="Of all cases only this part, such as 1/2.")
@click.option("--after", default=0, show_default=True, help="Leave out so many cases, to go on with a run.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the archives to begin with are kept from one call to the next.",
)
@click.option("--said", is_flag=True, help="Also print what commands said that stopped.")
def main(
    faults: tuple[str, ...],
    commands: tuple[str, ...],
    seed: int,
    moments: int,
    part: str,
    after: int,
    keep: Path | None,
    said: bool,
) -> None:
    """Bring each fault about, let the next run go on, and print what became of it."""
    found: list[Case] = []
    number, _, of = part.partition("/")
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as top,
        Stage(keep or Path(top), commands or COMMANDS, (int(number), int(of)), after) as stage,
    ):
        for name in faults or FAULTS:
            for case in FAULTS[name](stage, Path(top) / "tried", seed, moments):
                found.append(case)
                _tell(case, time.monotonic() - began, said=said)
    _table(found)
    sys.exit(int(any(case.losses or case.unexplained for case in found)))


def _tell(case: Case, seconds: float, *, said: bool) -> None:
    verdict = "completed" if case.completed else "stopped"
    click.echo(f"{seconds:6.0f} s  {case.fault:<20} {case.command:<8} {case.seed}: {verdict}")
    for what, lines in (("LOST", case.losses), ("UNEXPLAINED", case.unexplained), ("said", case.said if said else [])):
        for line in lines:
            click.echo(f"            {what}: {line}")
    sys.stdout.flush()


def _table(found: list[Case]) -> None:
    click.echo(
        "\n| fault | command | moments | next run completes | stops with a message | losses | unexplained stops |"
    )
    click.echo("|---|---|---|---|---|---|---|")
    for fault in dict.fromkeys(case.fault for case in found):
        for command in COMMANDS:
            these = [case for case in found if (case.fault, case.command) == (fault, command)]
            if these:
                _row(fault, command, these)
    _row("all", "", found)
    for case in found:
        if case.losses or case.unexplained:
            click.echo(f"\n{case.fault}, {case.seed}: {'; '.join([*case.losses, *case.unexplained])}")


def _row(fault: str, command: str, cases: list[Case]) -> None:
    counts = (
        len(cases),
        sum(case.completed for case in cases),
        sum(case.explained for case in cases),
        sum(bool(case.losses) for case in cases),
        sum(bool(case.unexplained) for case in cases),
    )
    click.echo(f"| {fault} | {command} | {' | '.join(map(str, counts))} |")


if __name__ == "__main__":
    main()
