"""``python -m fuzzing``: run targets, make the kept corpus small, say how far fuzzing has come."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from fuzzing.target import CORPUS, FINDINGS, ROOT, Target, digest, kept, run
from fuzzing.targets import all_targets

WORK = ROOT / "fuzzing" / ".work"
"""New inputs, findings and logs; not under version control."""
_LOG = "runs.jsonl"
_ROUND_SECONDS = 600
_MEGABYTES = 3000
_PROGRESS = re.compile(r"^#(\d+)\s.*?cov: (\d+) ft: (\d+)", re.MULTILINE)
_DONE = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)
_SIZE = 4
TARGETS = click.Choice(sorted(all_targets()))


@dataclass(frozen=True, slots=True)
class Round:
    """One process of fuzzing: how many inputs in how many seconds, what they reach, and the kinds of new findings.

    The seconds are those of fuzzing alone: on a busy machine, loading the program may take as long.
    """

    target: str
    began: int
    seconds: int
    executions: int
    coverage: int
    features: int
    findings: tuple[str, ...]
    exit_status: int


@click.group()
def main() -> None:
    """Fuzz what reads foreign bytes, guided by coverage; needs the extra ``fuzz``."""


@main.command("run")
@click.argument("names", nargs=-1, type=TARGETS)
@click.option("--seconds", type=click.IntRange(min=1), default=1800, show_default=True, help="For each target.")
def run_command(names: tuple[str, ...], seconds: int) -> None:
    """Run the targets named, or all, one after the other; exit status 1 if anything was found."""
    found = False
    for name in names or sorted(all_targets()):
        target = all_targets()[name]
        _seed(target)
        left = seconds
        while left > 0:
            one = _round(target, min(left, _ROUND_SECONDS))
            left -= max(1, one.seconds)
            found |= bool(one.findings)
            click.echo(_line(one))
    sys.exit(1 if found else 0)


@main.command()
@click.argument("names", nargs=-1, type=TARGETS)
@click.option("--bytes", "budget", type=click.IntRange(min=1000), default=320_000, help="At most, for each target.")
@click.option("--most", type=click.IntRange(min=20), default=80, show_default=True, help="Inputs kept of each target.")
def minimise(names: tuple[str, ...], budget: int, most: int) -> None:
    """Put into fuzzing/corpus the fewest small inputs that reach what all known ones reach, or a fair choice of them.

    More than the tests have time for is thinned out evenly over the sizes, since small inputs reach other code than
    large ones.
    """
    for name in names or sorted(all_targets()):
        target = all_targets()[name]
        _seed(target)
        merged = _folder(name, "merged")
        shutil.rmtree(merged, ignore_errors=True)
        merged.mkdir(parents=True)
        sources = [str(folder) for folder in (CORPUS / name, _folder(name, "corpus")) if folder.is_dir()]
        _libfuzzer(target, ["-merge=1", str(merged), *sources], _folder(name, "logs") / "merge.log")
        inputs = sorted((path.read_bytes() for path in merged.iterdir()), key=lambda data: (len(data), data))
        chosen = _thinned(inputs, most, budget)
        folder = CORPUS / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for data in chosen:
            (folder / digest(data)).write_bytes(data)
        size = sum(map(len, chosen))
        click.echo(f"{name}: {len(kept(CORPUS, name))} of {len(inputs)} inputs kept, {size:,} bytes")


@main.command()
def status() -> None:
    """Say for each target how long it has run, on how many inputs, and what they reach."""
    for name in sorted(all_targets()):
        rounds = list(_rounds(name))
        last = rounds[-1] if rounds else None
        click.echo(
            f"{name:<10} {sum(one.seconds for one in rounds):7,} s {sum(one.executions for one in rounds):10,} inputs"
            f"  cov {last.coverage if last else 0:,} ft {last.features if last else 0:,}"
            f"  corpus {len(kept(CORPUS, name))}  former findings {len(kept(FINDINGS, name))}"
            f"  findings {len(_found(name))}"
        )


@main.command()
@click.argument("name", type=TARGETS)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(name: str, files: tuple[Path, ...]) -> None:
    """Put files through a target once, without atheris; prints what they break."""
    target = all_targets()[name]
    broken = 0
    for file in files:
        began = time.process_time()
        found = run(target, file.read_bytes())
        broken += found is not None
        click.echo(
            f"{file}: {f'{found.kind}: {found.detail}' if found else 'holds'} ({time.process_time() - began:.2f} s)"
        )
    sys.exit(1 if broken else 0)


def _thinned(inputs: list[bytes], most: int, budget: int) -> list[bytes]:
    """At most so many ``inputs``, sorted by size, and together at most so many bytes, evenly over the sizes."""
    for count in range(min(most, len(inputs)), 0, -1):
        chosen = [inputs[position * len(inputs) // count] for position in range(count)]
        if sum(map(len, chosen)) <= budget:
            return chosen
    return []


def _seed(target: Target) -> None:
    """Begin the work folder with the project's own samples, where it is empty."""
    folder = _folder(target.name, "corpus")
    if folder.is_dir() and any(folder.iterdir()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for data in target.seeds():
        (folder / digest(data)).write_bytes(data)


def _round(target: Target, seconds: int) -> Round:
    name, began = target.name, time.time()
    log = _folder(name, "logs") / f"{int(began)}.log"
    before = _found(name)
    sources = [str(folder) for folder in (_folder(name, "corpus"), CORPUS / name) if folder.is_dir()]
    exit_status = _libfuzzer(target, [f"-max_total_time={seconds}", *sources], log)
    text = log.read_text("utf-8", errors="replace")
    if exit_status:
        _keep_last_input(name, exit_status, text)
    executions, coverage, features = map(int, (_PROGRESS.findall(text) or [(0, 0, 0)])[-1])
    took = round(time.time() - began)
    if done := _DONE.search(text):
        executions, took = map(int, done.groups())
    one = Round(
        target=name,
        began=int(began),
        seconds=took,
        executions=executions,
        coverage=coverage,
        features=features,
        findings=tuple(sorted(_found(name) - before)),
        exit_status=exit_status,
    )
    with (WORK / _LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(one)) + "\n")
    if not executions:
        raise click.ClickException(f"the target {name} did not start; see {log}")
    return one


def _libfuzzer(target: Target, arguments: list[str], log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    findings = _folder(target.name, "findings")
    findings.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_len={target.longest}", f"-rss_limit_mb={_MEGABYTES}", "-timeout=1000"]
    command = [sys.executable, "-m", "fuzzing.harness", target.name, str(findings)]
    with log.open("wb") as file:
        return subprocess.run(
            [*command, *limits, f"-artifact_prefix={_folder(target.name, 'logs')}/", *arguments],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode


def _keep_last_input(name: str, exit_status: int, log: str) -> None:
    """Make a finding of the input that was being read when the process ended."""
    content = _folder(name, "current").read_bytes()
    data = content[_SIZE : _SIZE + int.from_bytes(content[:_SIZE], "big")]
    kind = f"ended-{exit_status}-{digest(data)}"
    folder = _folder(name, "findings")
    (folder / f"{kind}.bin").write_bytes(data)
    (folder / f"{kind}.txt").write_text(log[-8000:], "utf-8")


def _folder(name: str, kind: str) -> Path:
    return WORK / name / kind


def _found(name: str) -> set[str]:
    return {path.stem for path in _folder(name, "findings").glob("*.txt")}


def _rounds(name: str) -> Iterator[Round]:
    log = WORK / _LOG
    for line in log.read_text("utf-8").splitlines() if log.exists() else ():
        one = json.loads(line)
        if one["target"] == name:
            yield Round(**{**one, "findings": tuple(one["findings"])})


def _line(one: Round) -> str:
    found = f", found {', '.join(one.findings)}" if one.findings else ""
    return (
        f"{one.target}: {one.executions:,} inputs in {one.seconds:,} s, coverage {one.coverage:,}, "
        f"features {one.features:,}{found}"
    )


if __name__ == "__main__":
    main()
