"""``nianbao portals``: the registry of portals and users' own portal files."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click_default_group import DefaultGroup

from archive.errors import ArchiveError
from archive.store import Archive
from crawler import portals as portal_files
from crawler.portals import LEGACY_TLS, Portal, PortalFileError
from nianbao import console
from nianbao.portal_filter import PortalFilter, filter_options, level
from parsers import divisions

if TYPE_CHECKING:
    from crawler.probe import Candidate, Probe, Visit

_BUILTIN = "the built-in registry"
_OWN = Path("portals.toml")
_REASONS = {
    "failed:dns": "the name does not resolve; the portal may have moved, look for its new address and change “start”",
    "failed:connection": "nothing answers there; try again later, else look for the portal's address of today",
    "failed:tls": "no encryption can be agreed on, not even an outdated one; look for another address of the portal",
    "failed:timeout": "no answer in time; try again later or, if it is slow only by day, set “hours”",
    "hours": "its entry says when it may be asked; try then",
    "robots:unreadable": "robots.txt answers with an error or not at all, which forbids everything; try again later",
    "robots": "robots.txt forbids it; the portal is not crawled, its owner may be asked for leave",
    "host": "it sends to a host that is no government's; look for the portal's address of today and change “start”",
    "redirects": "it redirects in a circle; name the page that a browser ends at in “start”",
    "empty": "the page is empty; name the page that shows the portal in “start”",
    "not_a_page": "no page of the portal; name its home page in “start”",
    "soft404": "the page is gone; look for the home page and change “start”",
    "unreadable": "what came cannot be read; name another page of the portal in “start”",
    "too_large": "the page is too large to be a home page; name another in “start”",
    "truncated": "the answer broke off each time; try again later",
}
_BLOCKED = (
    "it asks visitors to prove something ({kind}); such pages are not solved. Try again later from another network, "
    "with NIANBAO_CONTACT set and a greater “delay”, or ask the portal's owner for leave"
)
_HTTP_404 = "the page is gone; look for the portal's address of today and change “start”"
_HTTP_403 = "the server refuses; try again later or from a network in China, or ask the portal's owner for leave"
_HTTP_5 = "the server is in trouble; try again later"


def _foreseen(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (PortalFileError, ArchiveError) as error:
            raise click.ClickException(str(error)) from error

    return wrapped


def _file_option(help_: str, default: Path | None = None) -> Callable[..., Any]:
    return click.option(
        "--portals",
        "portal_file",
        type=click.Path(dir_okay=False, path_type=Path),
        default=default,
        show_default=default is not None,
        help=help_,
    )


_archive_option = click.option(
    "--archive",
    "archive_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("archive.db"),
    show_default=True,
    help="The archive that tells how the last crawls went, if it is there.",
)


@click.group(cls=DefaultGroup, default="list", default_if_no_args=True)
@_archive_option
@click.pass_context
def portals(context: click.Context, archive_path: Path) -> None:
    """List, try, add and validate portals; without a command, list them.

    \b
      nianbao portals --province 河南省                        list those of a province
      nianbao portals probe anyang                             try one: does its entry still hold?
      nianbao portals add anyang 安阳市人民政府 https://www.anyang.gov.cn/ --division 410500
      nianbao portals validate --portals portals.toml          look a file through

    Addresses drift. To mend one, copy its entry to a file of your own, or work in the checkout's
    crawler/portals.toml, and run: nianbao portals probe ID --portals FILE --write
    """
    context.obj = archive_path


# Listing --------------------------------------------------------------------------------


@portals.command("list")
@_file_option("A file of [[portal]] tables instead of the built-in registry.")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of a table.")
@click.option("--probe", "probe_id", metavar="ID", help="Try this portal: the same as “probe ID”.")
@_archive_option
@click.pass_context
@_foreseen
def list_(
    context: click.Context,
    portal_file: Path | None,
    fitting: PortalFilter,
    as_json: bool,
    as_csv: bool,
    probe_id: str | None,
    archive_path: Path,
) -> None:
    """List portals: all, or those that the options choose."""
    if probe_id is not None:
        context.invoke(probe, portal_ids=(probe_id,), portal_file=portal_file, write=False, as_json=as_json)
        return
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    if context.get_parameter_source("archive_path") is click.core.ParameterSource.DEFAULT and context.obj:
        archive_path = context.obj
    known, _source = load(portal_file)
    rows = [{**_row(portal), **run} for portal, run in _with_runs(fitting.choose(known), archive_path)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if as_csv:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "start": " ".join(row["start"])} for row in rows)
        click.echo(buffer.getvalue(), nl=False)
        return
    columns = ("id", "name", "division", "level", "cms", "last_verified", "last_run", "start")
    table = [
        [" ".join(value) if isinstance(value := row[column], list) else value for column in columns] for row in rows
    ]
    console.table(f"{len(rows)} portals", [column.replace("_", " ") for column in columns], table)


def load(portal_file: Path | None) -> tuple[list[Portal], str]:
    """The portals of a file, or of the built-in registry, and what messages call it."""
    return (portal_files.load(portal_file), str(portal_file)) if portal_file else (portal_files.builtin(), _BUILTIN)


def _row(portal: Portal) -> dict[str, Any]:
    division = divisions.by_code(portal.division)
    return {
        "id": portal.id,
        "name": portal.name,
        "level": level(portal),
        "division": portal.division,
        "province": division.province.name if division else portal.province,
        "city": division.city.name if division and division.city else portal.city,
        "county": division.name if division and division.level == "county" else portal.county,
        "cms": portal.cms,
        "last_verified": portal.last_verified,
        "start": list(portal.start),
        "note": portal.note,
    }


def _with_runs(chosen: Sequence[Portal], archive_path: Path) -> list[tuple[Portal, dict[str, str | None]]]:
    """Each portal with its state after its last crawl, as the archive knows it."""
    runs: dict[str, tuple[str | None, str | None, str | None]] = {}
    if archive_path.exists():
        with Archive.read_only(archive_path) as archive:
            query = "SELECT id, last_run_at, status, status_reason FROM portals"
            runs = {row[0]: row[1:] for row in archive.db.conn.execute(query)}
    keys = ("last_run", "status", "reason")
    return [(portal, dict(zip(keys, runs.get(portal.id, (None, None, None)), strict=True))) for portal in chosen]


# Changing -------------------------------------------------------------------------------


@portals.command()
@click.argument("portal_id", metavar="ID")
@click.argument("name")
@click.argument("start", metavar="URL...", nargs=-1, required=True)
@click.option("--division", help="The body's division: a code of GB/T 2260, or its name such as 安阳市北关区.")
@click.option("--cms", help="The family of pages that show none.")
@click.option("--organ", help="The body whose portal it is, if the name is another.")
@click.option("--delay", type=float, help="Seconds between requests to one host.")
@click.option("--hours", help="When it may be asked, time of Beijing: 22:00-06:00.")
@click.option("--tls", type=click.Choice([LEGACY_TLS]), help="For a server that speaks only outdated TLS.")
@click.option("--contact", help="What the User-Agent names instead of NIANBAO_CONTACT.")
@click.option("--note", help="A remark, such as why its host is not under gov.cn.")
@_file_option("The file to add it to; made if it is not there.", _OWN)
@click.option("--allow-private", is_flag=True, help="Take an address in a private network.")
@_foreseen
def add(
    portal_id: str,
    name: str,
    start: tuple[str, ...],
    division: str | None,
    portal_file: Path,
    allow_private: bool,
    **options: Any,
) -> None:
    """Add a portal to a file of your own.

    Nothing is asked of the portal; “nianbao portals probe ID --portals FILE” does that.
    """
    from nianbao import portal_editing

    chosen = click.get_current_context().get_parameter_source("portal_file")
    if chosen is click.core.ParameterSource.DEFAULT and portal_file.resolve() == portal_files.builtin_path():
        raise click.UsageError(f"{portal_file} here is {_BUILTIN} itself; if you mean it, say --portals {portal_file}")
    entry = {"id": portal_id, "name": name, "start": list(start), "division": _code(division) if division else None}
    entry |= {**options, "last_verified": ""}
    portal_editing.add(
        portal_file, {key: value for key, value in entry.items() if value is not None}, allow_private=allow_private
    )
    console.out.print(f"{portal_file}: portal “{portal_id}” added", markup=False)
    others = {url: portal.id for portal in portal_files.builtin() for url in portal.start}
    for url in start:
        if url in others and portal_file.resolve() != portal_files.builtin_path():
            console.out.print(f"{_BUILTIN} has {url} as “{others[url]}”", markup=False)


def _code(division: str) -> str:
    """The code of a division given by code or name; click.UsageError if the name tells none or several."""
    if division.isascii() and division.isdigit():
        return division
    found = [one.division for one in divisions.read_prefix(division) if one.length == len(division)]
    found = [one for one in found if one.until is None]
    if len(found) == 1:
        return found[0].code
    if found:
        which = ", ".join(f"{(one.city or one.province).name}{one.name} {one.code}" for one in found)
        raise click.UsageError(f"--division: “{division}” may be {which}; give the code")
    raise click.UsageError(f"--division: there is no “{division}”; give its name in full or its code")


@portals.command()
@_file_option("The file to look through instead of the built-in registry.")
@click.option("--allow-private", is_flag=True, help="Addresses in private networks are meant.")
@_foreseen
def validate(portal_file: Path | None, allow_private: bool) -> None:
    """Look all entries of a file through; exit status 1 if any has a fault."""
    from nianbao.portal_checks import findings

    text = portal_files.read(portal_file or portal_files.builtin_path())
    found = findings(text, allow_private=allow_private)
    for finding in found:
        whose = f" portal “{finding.portal_id}”:" if finding.portal_id else ""
        shown = f"{portal_file or portal_files.builtin_path()}:{finding.line}:{whose} {finding.message}"
        console.out.print(console.visible(shown), markup=False, soft_wrap=True)
    entries = len(portal_files.examine(text)[0])
    console.out.print(f"{entries} portals, {len(found)} faults" if found else f"{entries} portals, no fault")
    sys.exit(int(bool(found)))


# Trying ---------------------------------------------------------------------------------


@portals.command()
@click.argument("portal_ids", metavar="ID...", nargs=-1, required=True)
@_file_option("A file of [[portal]] tables instead of the built-in registry.")
@click.option(
    "--write",
    is_flag=True,
    help="Where it works, write today as last_verified, and where it moved its new start, to the file of --portals.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of tables.")
@_foreseen
def probe(portal_ids: tuple[str, ...], portal_file: Path | None, write: bool, as_json: bool) -> None:
    """Try portals from a machine with internet: robots.txt, the home page, a few pages towards the reports.

    Exit status 1 if one cannot be crawled as it is registered; what to change is said.
    """
    if write and portal_file is None:
        raise click.UsageError("--write changes a file: name it with --portals")
    known, source = load(portal_file)
    chosen = portal_files.select(known, portal_ids, source)
    from crawler.probe import probe as try_portals

    with console.steps("asking") as stage:
        probes = try_portals(chosen, stage.advance)
    if as_json:
        click.echo(json.dumps([_told(one) for one in probes], ensure_ascii=False, indent=2))
    for one in probes:
        if not as_json:
            _show(one)
        if write and portal_file and one.would_work:
            _write(portal_file, one)
    if len(probes) < len(chosen):
        console.err.print(f"stopped after {len(probes)} of {len(chosen)} portals")
    sys.exit(int(len(probes) < len(chosen) or not all(one.works for one in probes)))


def _write(portal_file: Path, tried: Probe) -> None:
    from nianbao import portal_editing

    changed = {**tried.changes, "last_verified": date.today().isoformat()}
    portal_editing.change(portal_file, tried.portal.id, changed)
    said = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in changed.items())
    console.err.print(f"{portal_file}: portal “{tried.portal.id}”: {said}", markup=False)


def _show(tried: Probe) -> None:
    for visit in tried.visits:
        console.pairs(tried.portal.id, _facts(visit))
        if visit.url in tried.instead:
            other, _portal = tried.instead[visit.url]
            console.pairs(f"{tried.portal.id} otherwise", _facts(other))
    for line in advice(tried):
        console.out.print(console.visible(f"- {line}"), markup=False, soft_wrap=True)


def _facts(visit: Visit) -> Mapping[str, object]:
    facts: dict[str, object] = {
        "start": visit.url,
        "reachable": "yes" if visit.reached else f"no: {visit.reason}",
        "HTTP status": visit.status,
        "redirected to": " → ".join(visit.hops),
        "error": "" if visit.reached or visit.detail == visit.reason else visit.detail,
        "robots.txt": visit.robots,
        "title": visit.title,
        "encoding": visit.encoding,
        "declared as": visit.declared if not _same(visit.declared, visit.encoding) else "",
        "family": visit.family,
        "pages looked at": visit.pages or None,
    }
    for candidate in visit.candidates:
        facts[f"column {candidate.label}"] = f"{candidate.url}{_seen(candidate)}"
    return {name: value for name, value in facts.items() if value not in ("", None)}


def _seen(candidate: Candidate) -> str:
    if candidate.reports is None:
        return ""
    if not candidate.reports:
        return " (no report on the page itself: they are in folders, or loaded by script)"
    years = f", of {candidate.years[0]}–{candidate.years[-1]}" if candidate.years else ""
    return f" ({candidate.reports} reports on the page{years})"


def _same(declared: str, encoding: str) -> bool:
    return declared == encoding or (encoding == "gb18030" and declared in ("gbk", "gb2312"))


def advice(tried: Probe) -> list[str]:
    """What to make of a probe, and what to change in the entry, one line each."""
    lines = []
    for visit in tried.visits:
        if not visit.reached and visit.url not in tried.instead:
            reason = "robots:unreadable" if visit.robots == "unreadable" else visit.reason or ""
            lines.append(f"{visit.url}: {_remedy(reason)}")
    for key, value in tried.changes.items():
        lines.append(f"the entry should say: {key} = {json.dumps(value, ensure_ascii=False)}")
    best = [visit for visit in tried.visits if visit.reached] or [visit for visit, _portal in tried.instead.values()]
    families = {visit.family for visit in best} - {"static", ""}
    if tried.portal.cms and families and tried.portal.cms not in families:
        lines.append(f'the home page is of another family; if others are too: cms = "{sorted(families)[0]}"')
    if best and not any(visit.candidates for visit in best):
        lines.append("no column of annual reports within a few pages; a crawl looks further, or name it in “start”")
    if not lines and tried.works:
        lines.append("the entry holds")
    return lines


def _remedy(reason: str) -> str:
    if reason.startswith("blocked:"):
        return f"{reason}: " + _BLOCKED.format(kind=reason.removeprefix("blocked:"))
    if reason.startswith("http:"):
        status = reason.removeprefix("http:")
        text = _HTTP_5 if status.startswith("5") else _HTTP_403 if status in ("401", "403") else _HTTP_404
        return f"{reason}: {text}"
    return f"{reason}: {_REASONS.get(reason, 'try again later; docs/registry.md tells more')}"


def _told(tried: Probe) -> dict[str, Any]:
    return {
        "id": tried.portal.id,
        "works": tried.works,
        "visits": [{**asdict(visit), "reached": visit.reached} for visit in tried.visits],
        "instead": {url: asdict(visit) for url, (visit, _portal) in tried.instead.items()},
        "changes": tried.changes,
        "advice": advice(tried),
    }
