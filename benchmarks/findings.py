"""How the rules of one report do: faults put in and found, and false alarms on clean reports.

Run from the checkout: ``python -m benchmarks.findings [RULE…]``.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

import click

import checks
from benchmarks.corpus.findings import INJECTORS, clean, faulty
from parsers.report import Finding, Report

SEED = 2021
ARITHMETIC = tuple(code for code, rule in checks.RULES.items() if rule.formula)
_PROSE = "prose."


def alarms(report: Report) -> set[str]:
    """Rules that found something; notes of arithmetic rules only say what cannot be tried."""
    return {
        finding.rule
        for finding in checks.run(report)
        if not (finding.rule in ARITHMETIC and finding.severity == "note")
    }


def recall(rule: str, count: int, seed: int = SEED) -> tuple[int, list[str]]:
    """How many of ``count`` faults a rule finds, and those it misses."""
    rng = random.Random(f"{seed}/{rule}")
    found, missed = 0, []
    for _ in range(count):
        written = faulty(rule, rng)
        if rule in alarms(written.report):
            found += 1
        else:
            missed.append(f"{written.report.organ} {written.report.year}: {written.fault}")
    return found, missed


def false_alarms(count: int, seed: int = SEED) -> tuple[Counter[str], list[Finding]]:
    """Findings on ``count`` clean reports: reports by rule, and the findings themselves."""
    rng = random.Random(f"{seed}/clean")
    by_rule: Counter[str] = Counter()
    found: list[Finding] = []
    for _ in range(count):
        report = clean(rng).report
        rules = alarms(report)
        by_rule.update(rules)
        found += [finding for finding in checks.run(report) if finding.rule in rules]
    return by_rule, found


def _needed(rule: str) -> float:
    return 0.95 if rule.startswith(_PROSE) else 1.0


@click.command()
@click.argument("rules", nargs=-1)
@click.option("--seed", default=SEED, show_default=True)
@click.option("--count", default=200, show_default=True, help="Faults put in per rule.")
@click.option("--clean-count", default=2000, show_default=True, help="Clean reports.")
@click.option("--details", is_flag=True, help="Print what was missed and what was falsely found.")
def main(rules: tuple[str, ...], seed: int, count: int, clean_count: int, details: bool) -> None:
    """Print per rule the faults put in and found, and the false alarms. Exit status 1 where a limit is not kept."""
    by_rule, found = false_alarms(clean_count, seed)
    kept = True
    click.echo(f"{'rule':32}{'injected':>9}{'found':>7}{'recall':>9}{'false alarms':>14}")
    for rule in rules or INJECTORS:
        hit, missed = recall(rule, count, seed)
        alarm = by_rule[rule]
        allowed = 0 if rule in ARITHMETIC else clean_count / 200
        good = hit / count >= _needed(rule) and alarm <= allowed
        kept = kept and good
        mark = "" if good else "  short"
        click.echo(f"{rule:32}{count:>9}{hit:>7}{hit / count:>9.1%}{f'{alarm}/{clean_count}':>14}{mark}")
        if details:
            for line in missed[:12]:
                click.echo(f"    missed: {line}")
    strange = {rule: alarm for rule, alarm in by_rule.items() if rule not in INJECTORS}
    if strange:
        click.echo(f"other rules on clean reports: {strange}")
    if details:
        for finding in found[:40]:
            click.echo(f"    false: {finding.rule}: {finding.message} | {finding.evidence}")
    click.echo(f"{_milliseconds(seed):.2f} ms of processor time per clean report for all rules")
    sys.exit(not kept)


def _milliseconds(seed: int) -> float:
    rng = random.Random(f"{seed}/time")
    reports = [clean(rng).report for _ in range(200)]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for report in reports:
            checks.run(report)
        best = min(best, time.process_time() - began)
    return best / len(reports) * 1000


if __name__ == "__main__":
    main()
