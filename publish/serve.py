"""Build the Datasette site over an archive, and serve it."""

from __future__ import annotations

import errno
import socket
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm
from uvicorn.supervisors import Multiprocess

from publish import connection, plugin
from publish.contact import contact_link
from publish.dictionary import dictionary
from publish.errors import SiteError
from publish.language import LanguageUrls
from publish.metadata import DATABASE, SETTINGS, build_metadata
from publish.publication import Publication, downloads_of
from publish.rendering import compile_templates
from publish.succession import PublishedSite

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
_PLUGIN = "nianbao"
_ANSWER_SECONDS = 60
"""For how long a process of several may say nothing, as while it starts, before it is replaced."""


class Site(Datasette):
    """Datasette whose links keep the language of the page.

    Before each page it looks whether tables have changed; those of a publication cannot.
    """

    _looked = False

    async def invoke_startup(self) -> None:
        """Make ready, the templates too."""
        await super().invoke_startup()
        compile_templates(self.jinja_env, TEMPLATES)

    async def refresh_schemas(self) -> None:
        """Look for changed tables, once where nothing can change."""
        if self._looked and not self.get_database(DATABASE).is_mutable:
            return
        await super().refresh_schemas()
        self._looked = True

    @property
    def urls(self) -> LanguageUrls:
        """Makes the addresses of pages."""
        return LanguageUrls(self)


def _tables(path: Path, *, immutable: bool) -> set[str]:
    """Return the archive's tables; raise :class:`SiteError` where it is no archive of this version."""
    if not path.is_file():
        raise SiteError(f"no archive at {path}: crawl or import something first, or name another --archive")
    try:
        conn = connection.open_readonly(path, immutable=immutable)
        try:
            tables = {row[0] for row in conn.execute("select name from sqlite_master where type = 'table'")}
            for name, table in dictionary().tables.items():
                columns = {row[1] for row in conn.execute(f"pragma table_info({name})")}
                missing = table.columns.keys() - columns
                if missing:
                    raise SiteError(
                        f"{path} lacks {name}.{min(missing)}: it is no archive, or one of another version; "
                        "any command that writes to an older archive brings it up to date"
                    )
        finally:
            conn.close()
    except sqlite3.Error as error:
        raise SiteError(f"{path} cannot be read as an archive: {error}") from error
    return tables


def build_app(
    archive_path: Path,
    *,
    immutable: bool = False,
    downloads: Path | None = None,
    contact: str | None = None,
    manifest: Publication | None = None,
    query_ms: int | None = None,
) -> Datasette:
    """Return the site over ``archive_path``, opened read-only.

    ``immutable`` is for a published copy that nobody writes to: faster, and the counts of
    tables are kept. Leave it off for an archive that a crawl may be writing. ``downloads`` is a
    folder of files to offer below ``/downloads/``, ``contact`` where readers report errors, ``manifest``
    what is known of a publication, so that its tables are not counted. ``query_ms`` is for who may wait longer for a
    query than a reader.

    Raises :class:`SiteError` where there is no such archive, it cannot be served safely, or ``contact`` is no
    address.
    """
    connection.require_limits()
    settings_of_site = {"contact": contact, "contact_link": contact_link(contact)} if contact else {}
    path = Path(archive_path).resolve()
    tables = _tables(path, immutable=immutable)
    private = [name for name in tables - dictionary().tables.keys() if not name.startswith("sqlite_")]
    if not pm.has_plugin(_PLUGIN):
        pm.register(plugin, _PLUGIN)
        # It runs beside any other handler and prints a traceback for every missing page.
        pm.unregister(name="datasette.handle_exception")
        # Its facets are replaced by ones that a page can afford.
        pm.unregister(name="datasette.facets")
    datasette = Site(
        metadata={**build_metadata(private), "plugins": {_PLUGIN: settings_of_site}},
        settings={**SETTINGS, **({"sql_time_limit_ms": query_ms} if query_ms else {})},
        template_dir=str(TEMPLATES),
        static_mounts=[
            ("static", str(_HERE / "static")),
            *([("downloads", str(downloads))] if downloads else []),
        ],
        cors=True,
        inspect_data={DATABASE: _inspected(manifest)} if manifest else None,
    )
    # Without files Datasette starts with an in-memory database; the archive takes its place
    # under a fixed name, so that addresses do not depend on what the file is called.
    datasette.remove_database("_memory")
    datasette.add_database(
        connection.ArchiveDatabase(datasette, path=str(path), is_mutable=not immutable), name=DATABASE
    )
    return datasette


def _inspected(manifest: Publication) -> dict[str, Any]:
    """What ``datasette inspect`` would tell of the publication."""
    counts = {name: {"count": rows} for name, rows in manifest.tables.items()}
    return {"hash": manifest.sha256, "size": manifest.bytes, "file": manifest.file, "tables": counts}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, so that asyncio knows what it is and sends small answers at once (TCP_NODELAY).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SiteError(f"port {port} on {host} is in use: choose another with --port") from error
        raise SiteError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


def build_published(database: Path, contact: str | None = None) -> Datasette:
    """Return the site over one publication, which nobody writes to; its manifest knows the counts of its tables.

    Raises :class:`SiteError` as :func:`build_app` does.
    """
    manifest = Publication.load(database)
    folder = downloads_of(database)
    downloads = folder if folder.is_dir() else None
    return build_app(database, immutable=True, downloads=downloads, contact=contact, manifest=manifest)


def serve_published(
    folder: Path, host: str = "127.0.0.1", port: int = 8001, *, contact: str | None = None, workers: int = 1
) -> None:
    """Serve what is published in ``folder``, and each later publication once it is there.

    Of several processes each changes over by itself, all within some seconds. Raises :class:`SiteError`
    where nothing is published, and as :func:`serve` does.
    """
    _run(partial(PublishedSite, folder, partial(build_published, contact=contact)), host, port, workers)


def serve(
    archive_path: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    *,
    immutable: bool = False,
    contact: str | None = None,
    workers: int = 1,
) -> None:
    """Serve the site until interrupted, by ``workers`` processes that share the port.

    Raises :class:`SiteError` for a missing archive, a busy port or an address of another machine.
    """
    _run(partial(_started, archive_path, immutable=immutable, contact=contact), host, port, workers)


def _started(archive_path: Path, **options: Any) -> Any:
    """Return the application, which is ready before the server accepts its first requests.

    Datasette by itself makes ready during the first one, and answers others meanwhile with errors.
    """
    datasette = build_app(archive_path, **options)
    app = datasette.app()

    async def started(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await datasette.invoke_startup()
        await app(scope, receive, send)

    return started


def _run(make: Callable[[], Any], host: str, port: int, workers: int) -> None:
    # What is wrong with the archive is said here, once, and not by each process.
    app = make()
    listener = _listen(host, port)
    try:
        config = uvicorn.Config(
            make if workers > 1 else app,
            factory=workers > 1,
            workers=workers,
            loop="publish.event_loop:SharingEventLoop",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_worker_healthcheck=_ANSWER_SECONDS,
        )
        if workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
