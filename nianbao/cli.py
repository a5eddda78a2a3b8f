"""The command line: it only joins the stages."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from archive import backup, checking, notes
from archive.elsewhere import Elsewhere
from archive.errors import ArchiveError, is_foreseeable, of_database, of_system
from archive.extraction import Outcome, extract_pending, pending
from archive.organs import Portals
from archive.sandbox import MEMORY_BYTES, TIMEOUT_SECONDS, Limits
from archive.store import Archive, program_version
from nianbao import clustering, console, portals_command, watching
from nianbao.clustering import Machines
from nianbao.portal_filter import PortalFilter, filter_options, place_options
from parsers.extract import Origin, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster.connection import Cluster
    from crawler.portals import Portal
    from crawler.result import PortalResult

_LISTED = 10

_archive_option = click.option(
    "--archive",
    "archive_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("archive.db"),
    show_default=True,
    help="The archive's database; captures stand beside it.",
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How documents are read: in how many processes (None for as many as fit), each under which limits."""

    workers: int | None = None
    limits: Limits = field(default_factory=Limits)


def _reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on reading documents, handed over as ``reading``."""

    @click.option(
        "--workers",
        type=click.IntRange(1, 256),
        help="Processes that read documents; without it one per processor, as far as memory allows.",
    )
    @click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=TIMEOUT_SECONDS,
        show_default=True,
        help="Seconds after which reading one document is given up.",
    )
    @click.option(
        "--memory",
        type=click.IntRange(min=300),
        default=MEMORY_BYTES // 10**6,
        show_default=True,
        help="Megabytes that reading one document may take.",
    )
    @wraps(command)
    def wrapped(workers: int | None, timeout: float, memory: int, **kwargs: Any) -> Any:
        return command(reading=_Reading(workers, Limits(memory * 10**6, timeout)), **kwargs)

    return wrapped


def _foreseen(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn errors that a user can act on into one line and exit status 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from crawler.portals import PortalFileError
        from nianbao.importing import ImportFailedError
        from publish.errors import SiteError
        from publish.table_files import ExportFailedError

        try:
            return command(*args, **kwargs)
        except (ArchiveError, PortalFileError, ImportFailedError, ExportFailedError, SiteError) as error:
            raise click.ClickException(str(error)) from error
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise click.ClickException(str(of_database(kwargs.get("archive_path", "the archive"), error))) from error
        except OSError as error:
            if not is_foreseeable(error):
                raise
            what = error.filename or kwargs.get("archive_path", "the archive")
            raise click.ClickException(str(of_system(f"cannot use {what}", error))) from error
        except KeyboardInterrupt:
            console.err.print("stopped; the same command goes on from here")
            sys.exit(1)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(program_version(), prog_name="nianbao")
def main() -> None:
    """Nianbao archives the annual reports of Chinese government bodies on information disclosure.

    Crawl or import reports, then serve the archive:

    \b
      nianbao demo                 try it on fictional portals
      nianbao import FOLDER        take local files
      nianbao crawl PORTAL_ID      crawl a registered portal
      nianbao serve                publish archive.db with Datasette
    """


main.add_command(portals_command.portals)


# Taking in ------------------------------------------------------------------------------


@main.command()
@click.argument("portal_ids", nargs=-1)
@click.option(
    "--portals",
    "portal_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of [[portal]] tables instead of the built-in registry.",
)
@filter_options
@watching.config_option
@clustering.options
@_archive_option
@_reading_options
@_foreseen
def crawl(
    portal_ids: tuple[str, ...],
    portal_file: Path | None,
    fitting: PortalFilter,
    config_path: Path | None,
    machines: Machines,
    reading: _Reading,
    archive_path: Path,
) -> None:
    """Crawl the registry, or the portals named or chosen by options; capture, extract and check.

    Run again, it fetches only what may have changed, and goes on where it was stopped: portals
    that were stopped come first, then those never crawled, then those crawled longest ago. At the
    end the monitors compare each portal with its earlier crawls and the season before.

    With --cluster other machines crawl and read; docs/scaling.md says how to start them.
    """
    from crawler import portals

    config = watching.configured(config_path, archive_path)
    with watching.could_run(archive_path, config):
        known = portals.load(portal_file) if portal_file else portals.builtin()
        source = str(portal_file) if portal_file else "the built-in registry"
        chosen = fitting.choose(portals.select(known, portal_ids, source))
        with (
            machines.joined(archive_path) as cluster,
            _writing(archive_path, "crawl") as (archive, run_id),
        ):
            watching.before_crawl(archive, config, run_id)
            results = _crawl(archive, run_id, chosen, cluster)
            unreadable = _extract(archive, run_id, reading, cluster)
            _check(archive)
            _summarise(archive)
            fell_short = _tell_portals(results) or unreadable
            failing = watching.after_crawl(archive, config, {portal.id for portal in chosen}, run_id)
    sys.exit(int(fell_short or failing))


def _crawl(
    archive: Archive, run_id: str, portals: Sequence[Portal], cluster: Cluster | None = None
) -> list[PortalResult]:
    if cluster is not None:
        from cluster.crawl import crawl as crawl_by_workers

        with console.steps("crawling") as stage:
            return crawl_by_workers(archive, portals, run_id, cluster, stage.advance_by)
    # Imported here because Scrapy takes a second to load and other commands need none of it.
    from crawler.run import crawl as crawl_portals

    with console.steps("crawling") as stage:
        return crawl_portals(
            archive,
            portals,
            run_id,
            lambda event: (
                stage.advance(event.url or event.detail or "") if event.kind in ("fetched", "failed") else None
            ),
        )


def _tell_portals(results: Sequence[PortalResult]) -> bool:
    """Print how each portal went; whether any fell short."""
    columns = ("portal", "status", "reason", "listed", "found", "new", "changed", "vanished", "failed", "requests")
    rows = [
        (
            result.portal_id,
            result.status,
            result.reason,
            result.listed,
            result.found,
            result.new,
            result.changed,
            result.vanished,
            result.failed,
            result.requests,
        )
        for result in results
    ]
    console.table("Portals", columns, rows)
    # A portal that waits for the hours in which it may be asked is as it was meant to be.
    return any(result.status != "ok" and result.reason != "partial:hours" for result in results)


@main.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--manifest",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON lines {"file": …, "url": …, "fetched_at": …} that give the files\' origin.',
)
@_archive_option
@_reading_options
@_foreseen
def import_(paths: tuple[Path, ...], manifest: Path | None, reading: _Reading, archive_path: Path) -> None:
    """Take local files or folders (HTML, PDF, DOCX, DOC, XLS(X), TXT, MD) as if captured.

    A file that is no report is refused with its reason; exit status 1 only if you named it.
    """
    from crawler import portals
    from nianbao import importing

    if not paths and not manifest:
        raise click.UsageError("give files or folders, or a --manifest")
    sources = importing.sources(paths, manifest)
    names: dict[str, Path] = {}
    named: dict[str, Path] = {}
    failures: list[str] = []
    again = 0
    with _writing(archive_path, "import") as (archive, run_id):
        archive.sync_portals(asdict(portal) for portal in portals.builtin())
        with console.steps("importing", len(sources)) as stage:
            for source in sources:
                try:
                    digest, new = importing.capture(archive, run_id, source)
                    again += not new
                    names[digest] = source.path
                    if source.named:
                        named[digest] = source.path
                except importing.ImportFailedError as error:
                    failures.append(str(error))
                stage.advance(importing.readable(Path(source.path.name)))
        unreadable = _extract(archive, run_id, reading)
        _check(archive)
        _summarise(archive)
        refused = _refused(archive, names)
    rows = [(importing.readable(names[digest]), reason, detail) for digest, reason, detail in refused]
    if rows:
        console.table("Refused", ("file", "reason", "detail"), rows)
    if again:
        console.out.print(f"{again} of {len(sources)} files were imported before.")
    for failure in failures:
        console.err.print(failure, markup=False)
    # Files from folders may be anything; what the user named himself he expected to be a report.
    sys.exit(int(bool(failures) or unreadable or any(digest in named for digest, _reason, _detail in refused)))


def _preview(archive_path: Path, listing: Path | None, reading: _Reading) -> None:
    from nianbao import previewing

    copy = previewing.copy_of(archive_path)
    try:
        with _writing(copy, "parse", create=False) as (archive, run_id):
            _extract(archive, run_id, reading, everything=True)
        if not previewing.tell(archive_path, copy, listing):
            console.out.print("Reading everything again would change nothing.")
    finally:
        backup.discard(copy)


# Working on what is there ---------------------------------------------------------------


@main.command()
@click.option(
    "--preview", is_flag=True, help="Only tell what would change; read into a copy of the database, then remove it."
)
@click.option(
    "--listing",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --preview, write every difference to this CSV file.",
)
@clustering.options
@_archive_option
@_reading_options
@_foreseen
def parse(preview: bool, listing: Path | None, machines: Machines, reading: _Reading, archive_path: Path) -> None:
    """Extract and check again from the kept captures, without asking any portal.

    With --cluster other machines read; docs/scaling.md says how to start them.
    """
    if listing and not preview:
        raise click.UsageError("--listing goes with --preview")
    if preview and machines.address:
        raise click.UsageError("--preview reads on this machine alone; give it without --cluster")
    if preview:
        _preview(archive_path, listing, reading)
        return
    with (
        machines.joined(archive_path) as cluster,
        _writing(archive_path, "parse", create=False) as (archive, run_id),
    ):
        unreadable = _extract(archive, run_id, reading, cluster, everything=True)
        _check(archive)
        _summarise(archive)
    sys.exit(int(unreadable))


@main.command()
@click.option("--all", "everything", is_flag=True, help="Build all reports again from what was read of them.")
@_archive_option
@_foreseen
def check(everything: bool, archive_path: Path) -> None:
    """Check what is new or altered, and all that it bears on: other years, other organs, the calendar.

    What editors say of findings is read from ARCHIVE-notes.csv beside the archive (columns
    finding_id, state, note, date; states confirmed, dismissed, asked). Exit status 1 if a line
    of it cannot be used.
    """
    with _writing(archive_path, "check", create=False) as (archive, _run_id):
        faults = _check(archive, everything=everything, tell=True)
        _summarise(archive)
    sys.exit(int(faults))


@main.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended from the captures; nothing is deleted.")
@click.option("--quick", is_flag=True, help="Leave out what reads every capture and every report.")
@_archive_option
@_foreseen
def verify(repair: bool, quick: bool, archive_path: Path) -> None:
    """Prove the archive whole: captures, documents, reports, references and the search index.

    Exit status 1 if a fault is left.
    """
    from nianbao import verifying

    def read_again() -> None:
        with _writing(archive_path, "verify", create=False) as (archive, run_id):
            _extract(archive, run_id)
            _check(archive)

    sys.exit(int(not verifying.run(archive_path, read_again, repair=repair, quick=quick)))


@main.command()
@click.argument("file_or_sha256")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a PNG of each page of a PDF to this folder, with the found cells drawn in.",
)
@click.option("--member", metavar="NAME", help="Of a ZIP or RAR file, the file inside whose name ends so.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables, with every cell as printed.")
@_archive_option
@_foreseen
def explain(file_or_sha256: str, pictures: Path | None, member: str | None, as_json: bool, archive_path: Path) -> None:
    """Show what the parser saw in a file, or in a captured document (its SHA-256, or the beginning of it).

    Exit status 1 if the document is refused.
    """
    from nianbao import explaining

    path = Path(file_or_sha256)
    if path.is_file():
        try:
            payload = path.read_bytes()
        except OSError as error:
            raise click.ClickException(f"{path}: cannot be read ({error.strerror})") from error
        origin = Origin(file_name=path.name)
        names: dict[str, object] = {"file": path.name, "SHA-256": hashlib.sha256(payload).hexdigest()}
    else:
        if not _is_hash(file_or_sha256):
            raise click.ClickException(f"{file_or_sha256} is neither a file nor a SHA-256; 'nianbao status' helps on")
        with Archive.read_only(archive_path) as archive:
            digest = archive.resolve(file_or_sha256)
            payload = archive.payload(digest)
            row = archive.db.conn.execute(
                "SELECT url FROM captures WHERE sha256 = ? ORDER BY id LIMIT 1", (digest,)
            ).fetchone()
            trusted = Portals(archive).trusts(row[0]) or archive.is_crawled(row[0])
            origin = replace(archive.origin(row[0]), trusted=trusted)
            names = {"SHA-256": digest, **_kept(archive, digest)}
    account = explaining.explain_safely(payload, origin, member=member, pictures=pictures is not None)
    if as_json:
        click.echo(explaining.as_json(account))
    else:
        explaining.show(account, names)
    if pictures:
        _write_pictures(pictures, account.pages)
    sys.exit(int(isinstance(account.explanation.outcome, Refusal)))


def _kept(archive: Archive, sha256: str) -> dict[str, object]:
    """What the archive says of a document: where and when it was captured, and what was made of it."""
    query = archive.db.conn.execute
    captures = query("SELECT url, min(fetched_at) FROM captures WHERE sha256 = ? GROUP BY url", (sha256,)).fetchall()
    read = query("SELECT DISTINCT report_id, parser_version FROM _extractions WHERE sha256 = ?", (sha256,)).fetchall()
    refused = query("SELECT DISTINCT reason FROM refusals WHERE sha256 = ?", (sha256,)).fetchall()
    return {
        "captured": "; ".join(f"{url} at {moment}" for url, moment in captures),
        "archived as": ", ".join(f"{report} (parser {version})" for report, version in read if report),
        "archived refusal": ", ".join(reason for (reason,) in refused),
    }


def _write_pictures(folder: Path, pages: Sequence[bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(pages, start=1):
            (folder / f"page-{number}.png").write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"cannot write pictures to {folder}: {error.strerror}") from error
    if pages:
        console.err.print(
            f"{len(pages)} pages drawn in {folder}: numbers green, blanks grey, unreadable red, others blue"
        )
    else:
        console.err.print("no pictures: only the pages of a PDF can be drawn")


@main.command()
@click.argument("portal_ids", nargs=-1)
@click.option(
    "--portals",
    "portal_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge only the portals of this file.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@place_options
@watching.config_option
@_archive_option
@_foreseen
def status(
    portal_ids: tuple[str, ...],
    portal_file: Path | None,
    as_json: bool,
    fitting: PortalFilter,
    config_path: Path | None,
    archive_path: Path,
) -> None:
    """Show the portals' health, the last runs, and what is missing.

    Exit status 1 if a portal failed or fell short, or if crawls do not end or no longer begin.
    """
    from archive.health import assess
    from crawler import portals
    from nianbao import status as shown

    config = watching.configured(config_path, archive_path)
    chosen = set(portal_ids) or None
    if portal_file:
        chosen = {portal.id for portal in portals.select(portals.load(portal_file), portal_ids, str(portal_file))}
    with Archive.read_only(archive_path) as archive:
        fitting_ids = fitting.ids(archive)
        if fitting_ids is not None:
            chosen = fitting_ids if chosen is None else chosen & fitting_ids
        query = archive.db.conn.execute
        _refuse_unknown(archive, portal_ids)
        health = assess(archive, portal_ids=chosen, thresholds=config.thresholds)
        counts = {
            **_counts(archive),
            "documents to read": len(pending(archive)),
            "reports to check": checking.due(archive),
        }
        if as_json:
            click.echo(shown.as_json(archive, health, counts, config.language))
            sys.exit(int(health.failing))
        console.pairs("Archive", {str(archive_path): "", **counts})
        shown.show(health)
        gaps = query(
            "SELECT year, sum(state IN ('complete', 'partial', 'text_only')), sum(state = 'vanished'),"
            " sum(state = 'unread'), sum(state = 'missing'), sum(state = 'crawl_short'), sum(state = 'not_due_yet')"
            " FROM coverage GROUP BY year ORDER BY year DESC"
        ).fetchall()
        console.table(
            "Reports by year", ("year", "present", "vanished", "unread", "missing", "crawl short", "not due yet"), gaps
        )
        runs = query(
            "SELECT id, command, started_at, coalesce(finished_at, 'not finished') FROM runs ORDER BY id DESC LIMIT 10"
        ).fetchall()
        console.table("Last runs", ("run", "command", "started", "finished"), runs)
        refusals = query("SELECT reason, count(*) FROM refusals GROUP BY reason ORDER BY 2 DESC").fetchall()
        console.table("Refused documents", ("reason", "documents"), refusals)
        if writer := archive.writer():
            console.out.print(f"A nianbao command is writing ({writer}).", markup=False)
        console.out.print(shown.summary_line(health), markup=False)
    sys.exit(int(health.failing))


def _refuse_unknown(archive: Archive, portal_ids: Sequence[str]) -> None:
    known = {row[0] for row in archive.db.conn.execute("SELECT id FROM portals")}
    if unknown := [portal_id for portal_id in portal_ids if portal_id not in known]:
        raise ArchiveError(f"{archive.path} knows no portal {', '.join(unknown)}; 'nianbao status' shows those crawled")


@main.command()
@click.option("--test", is_flag=True, help="Send a trial message, to see whether it arrives.")
@click.option("--message", metavar="TEXT", help="Send this text, such as a failure that a scheduler saw.")
@watching.config_option
@_archive_option
@_foreseen
def notify(test: bool, message: str | None, config_path: Path | None, archive_path: Path) -> None:
    """Tell those named in the configuration how the portals are, as the end of a crawl does.

    Says what changed or failed since the last message only. Exit status 1 if a message could not be delivered.
    """
    from archive.health import assess

    config = watching.configured(config_path, archive_path)
    if test and message is not None:
        raise click.UsageError("give either --test or --message")
    if not config.channels:
        raise click.ClickException("nobody to tell: write [notify] into nianbao.toml beside the archive, or --config")
    if test or message is not None:
        text = message if message is not None else "This is a trial message. 这是一条测试消息。"
        sys.exit(int(watching.send(archive_path, config, text)))
    with Archive.open(archive_path, create=False) as archive, archive.write_lock():
        health = assess(archive, thresholds=config.thresholds)
        sys.exit(int(watching.tell(archive, config, health)))


@main.command()
@click.argument("sha256")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@_archive_option
@_foreseen
def document(sha256: str, output: Path | None, archive_path: Path) -> None:
    """Write the original bytes of a document (its SHA-256, or the beginning of it)."""
    with Archive.read_only(archive_path) as archive:
        payload = archive.payload(archive.resolve(sha256))
    if output is None:
        sys.stdout.buffer.write(payload)
        return
    try:
        output.write_bytes(payload)
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from error
    console.out.print(f"{output}: {len(payload)} bytes", markup=False)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(["csv", "parquet", "xlsx"]), default="csv", show_default=True)
@click.option(
    "--headings",
    type=click.Choice(["code", "zh"]),
    default="code",
    show_default=True,
    help="Names of columns: codes for programs, or Chinese for people; Chinese CSV opens in Excel as it is.",
)
@click.option("--where", help='Only the reports for which this SQL condition holds, such as "year = 2024".')
@_archive_option
@_foreseen
def export(folder: Path, format_: str, headings: Literal["code", "zh"], where: str | None, archive_path: Path) -> None:
    """Write the tables as files with a Frictionless datapackage.json."""
    from publish import table_files

    with Archive.read_only(archive_path) as archive, console.steps("exporting") as stage:
        rows = table_files.export(archive, folder, where, stage.advance, format_=format_, headings=headings)
    console.out.print(f"{rows} rows in {folder}", markup=False)


# Publishing -----------------------------------------------------------------------------


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), default=2, show_default=True, help="Copies to keep, the new one included."
)
@click.option("--downloads/--no-downloads", default=True, help="Also files by year, by province, and whole tables.")
@_archive_option
@_foreseen
def publish(folder: Path, keep: int, downloads: bool, archive_path: Path) -> None:
    """Write a read-only, optimised copy of the archive to DIR for 'nianbao serve --published DIR'.

    The copy is tried before it takes the place of the one before; a site that serves DIR changes
    over to it by itself, without a request failing.
    """
    from publish.publication import publish as make

    with console.steps("publishing") as stage:
        made = make(archive_path, folder, keep=keep, downloads=downloads, advance=stage.advance)
    console.pairs("Published", made.words())


def _contact(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from publish.contact import contact_link
    from publish.errors import SiteError

    if value:
        try:
            contact_link(value)
        except SiteError as error:
            raise click.BadParameter(str(error)) from error
    return value


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option(
    "--published",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the copy that 'nianbao publish' made in this folder, and each later one once it is there.",
)
@click.option(
    "--contact",
    callback=_contact,
    help="E-mail address or web page at which readers report errors; shown on the site.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer side by side; one for each processor answers the most readers.",
)
@_archive_option
@_foreseen
def serve(host: str, port: int, published: Path | None, contact: str | None, workers: int, archive_path: Path) -> None:
    """Serve the Datasette site over the archive."""
    if published is None:
        _serve(archive_path, host, port, contact, workers)
        return
    from publish.serve import serve_published

    console.out.print(f"http://{host}:{port}/ serves {published}; stop with Ctrl-C", markup=False)
    serve_published(published, host, port, contact=contact, workers=workers)


def _serve(archive_path: Path, host: str, port: int, contact: str | None = None, workers: int = 1) -> None:
    from publish.serve import serve as serve_site

    console.out.print(f"http://{host}:{port}/ serves {archive_path}; stop with Ctrl-C", markup=False)
    serve_site(archive_path, host, port, contact=contact, workers=workers)


@main.command()
@click.option("--no-serve", is_flag=True, help="Stop after the crawl.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@_archive_option
@_foreseen
def demo(no_serve: bool, host: str, port: int, archive_path: Path) -> None:
    """Start the fictional sample portals, crawl them, and serve the result."""
    from crawler import portals

    try:
        from sample.server import SampleServer
    except ImportError as error:
        raise click.ClickException("the sample portals need: pip install 'nianbao[sample]'") from error
    with SampleServer() as server, tempfile.TemporaryDirectory() as folder:
        entries = portals.load(server.portal_file(Path(folder) / "portals.toml"))
        _refuse_mixing(archive_path, {entry.id for entry in entries})
        # The sample's hosts exist behind its own proxy only.
        with (
            _environment(http_proxy=server.proxy_url, no_proxy=""),
            _writing(archive_path, "demo") as (archive, run_id),
        ):
            results = _crawl(archive, run_id, entries)
            unreadable = _extract(archive, run_id)
            _check(archive)
            _summarise(archive)
        fell_short = _tell_portals(results) or unreadable
    if fell_short or no_serve:
        sys.exit(int(fell_short))
    _serve(archive_path, host, port)


def _refuse_mixing(archive_path: Path, sample_portals: set[str]) -> None:
    if not archive_path.exists():
        return
    with Archive.read_only(archive_path) as archive:
        captures = archive.db.conn.execute("SELECT DISTINCT portal_id FROM captures").fetchall()
    if any(row[0] not in sample_portals for row in captures):
        raise ArchiveError(
            f"{archive_path} holds real captures; name another file for the demo, such as --archive demo.db"
        )


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# Shared ---------------------------------------------------------------------------------


@contextmanager
def _writing(archive_path: Path, command: str, *, create: bool = True) -> Iterator[tuple[Archive, str]]:
    with Archive.open(archive_path, create=create) as archive, archive.write_lock():
        run_id = archive.begin_run(command)
        yield archive, run_id
        archive.finish_run(run_id)


def _extract(
    archive: Archive,
    run_id: str,
    reading: _Reading = _Reading(),
    cluster: Cluster | None = None,
    *,
    everything: bool = False,
) -> bool:
    """Read what is to be read; whether the captures of any document cannot be read, which is said."""
    documents = pending(archive)
    total = archive.db.conn.execute("SELECT count(*) FROM _extractions").fetchone()[0] if everything else len(documents)
    unread: list[Outcome] = []
    with console.steps("extracting", total) as stage:

        def progress(outcome: Outcome) -> None:
            stage.advance(outcome.url)
            if outcome.report is None:
                unread.append(outcome)

        extract_pending(
            archive,
            run_id,
            reparse=everything,
            workers=reading.workers,
            limits=reading.limits,
            progress=progress,
            elsewhere=_reader(cluster, archive, run_id),
        )
    reasons = Counter(outcome.refusal.reason for outcome in unread if outcome.refusal)
    if reasons:
        console.table("Not taken as reports", ("reason", "documents"), reasons.most_common())
    # What was read of them before stays; they are read as soon as their captures can be.
    unreadable = [outcome.error for outcome in unread if outcome.error]
    for error in unreadable[:_LISTED]:
        console.err.print(f"not read: {error}", markup=False)
    if len(unreadable) > _LISTED:
        console.err.print(f"not read: {len(unreadable) - _LISTED} more documents; 'nianbao verify' names them all")
    return bool(unreadable)


def _reader(cluster: Cluster | None, archive: Archive, run_id: str) -> Elsewhere | None:
    if cluster is None:
        return None
    from cluster.reading import ClusterReader

    return ClusterReader(cluster, archive, run_id)


def _check(archive: Archive, *, everything: bool = False, tell: bool = False) -> bool:
    """Run the checks that are due and read the editors' notes; whether any line of these cannot be used.

    ``tell`` prints what is new and gone by rule.
    """
    with console.steps("checking") as stage:
        summary = checking.check(archive, everything=everything, progress=stage.advance_by)
    if tell:
        codes = sorted(summary.new.keys() | summary.gone.keys())
        counts = dict(archive.db.conn.execute("SELECT rule, count(*) FROM findings GROUP BY rule"))
        console.table(
            f"Checked: {summary.built} reports built again, {summary.compared} compared",
            ("rule", "findings", "new", "gone"),
            [(code, counts.get(code, 0), summary.new[code], summary.gone[code]) for code in sorted({*counts, *codes})],
        )
    read = notes.load(archive)
    if read.notes or read.errors:
        lost = f", {read.without_finding} of findings that no longer exist" if read.without_finding else ""
        console.out.print(f"{read.notes} editors' notes from {read.path}{lost}", markup=False)
    for error in read.errors:
        console.err.print(error, markup=False)
    return bool(read.errors)


def _refused(archive: Archive, names: Mapping[str, Path]) -> list[tuple[str, str, str]]:
    """(SHA-256, reason, detail) of the imported documents ``names`` that are no reports."""
    query = "SELECT sha256, reason, detail FROM refusals WHERE sha256 = ? ORDER BY url"
    return [row for name in sorted(names) for row in archive.db.conn.execute(query, (name,))]


def _counts(archive: Archive) -> dict[str, object]:
    query = archive.db.conn.execute
    reports = Counter(dict(query("SELECT status, count(*) FROM reports GROUP BY status").fetchall()))
    findings = Counter(dict(query("SELECT severity, count(*) FROM findings GROUP BY severity").fetchall()))
    cells = query("SELECT coalesce(sum(cell_count), 0) FROM evidence").fetchone()[0]
    return {
        "reports": _total(reports),
        "organs": query("SELECT count(*) FROM organs").fetchone()[0],
        "cells": cells,
        "findings": _total(findings),
        "changes": query("SELECT count(*) FROM changes").fetchone()[0],
        "refused": query("SELECT count(*) FROM refusals").fetchone()[0],
        "documents": query("SELECT count(*) FROM documents").fetchone()[0],
    }


def _total(counts: Counter[str]) -> str:
    parts = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{counts.total()} ({parts})" if counts else "0"


def _summarise(archive: Archive) -> None:
    console.pairs("Archive", {str(archive.path): "", **_counts(archive)})


def _is_hash(text: str) -> bool:
    return 4 <= len(text) <= 64 and all(character in "0123456789abcdefABCDEF" for character in text)


if __name__ == "__main__":
    main()
