"""The end of a crawl: what the monitors say of it, and telling those who are to know."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive import times
from archive.errors import ArchiveError
from archive.health import Health, assess, killed_before
from archive.store import Archive
from crawler.portals import PortalFileError
from nianbao import console, status
from nianbao.notify import delivery
from nianbao.notify.config import Config, find
from nianbao.notify.errors import ConfigError
from nianbao.notify.message import of_text

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="NIANBAO_CONFIG",
    show_envvar=True,
    help="Who is told and by which way; without it nianbao.toml beside the archive, if there is one.",
)


def configured(path: Path | None, archive_path: Path) -> Config:
    """The configuration; click's error of exit status 1 where it cannot be used."""
    try:
        return find(path, archive_path)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def could_run(archive_path: Path, config: Config) -> Iterator[None]:
    """Tell of a crawl that cannot be run at all, such as for want of a usable file or of disk space."""
    try:
        yield
    except (ArchiveError, PortalFileError, sqlite3.Error, OSError) as error:
        send(archive_path, config, f"The crawl could not be run: {error}")
        raise


def before_crawl(archive: Archive, config: Config, run_id: str) -> None:
    """Tell of a crawl before this one that did not come to its end: it could not do so itself."""
    if killed := killed_before(archive, run_id):
        tell(archive, config, Health((), killed))


def after_crawl(archive: Archive, config: Config, portal_ids: Collection[str], run_id: str) -> bool:
    """Judge the portals just crawled and tell of it; whether anything failed, sending included."""
    health = assess(archive, portal_ids=portal_ids, thresholds=config.thresholds, running=run_id)
    status.show_verdicts(health)
    console.out.print(status.summary_line(health), markup=False)
    return tell(archive, config, health) or health.failing


def tell(archive: Archive, config: Config, health: Health) -> bool:
    """Tell every channel what is new to it; whether any could not be reached, which is said."""
    return _say_failures(delivery.tell(archive, health, config))


def send(archive_path: Path, config: Config, text: str) -> bool:
    """Send ``text`` by every channel; whether any could not be reached, which is said."""
    message = of_text(text, archive=str(archive_path), at=times.now())
    return _say_failures(delivery.send(message, config.channels))


def _say_failures(failures: list[str]) -> bool:
    for failure in failures:
        console.err.print(f"could not be told: {failure}", markup=False)
    return bool(failures)
