"""Runs simulated portals until interrupted: ``python -m sample.portals --port 8020 --site S3``."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import click

from sample.portals import catalogue
from sample.portals.faults import FAULTS
from sample.portals.server import PortalServer

_POLL_SECONDS = 0.5


@click.command()
@click.option("--port", default=8020, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--site", "sites", multiple=True, type=click.Choice(list(catalogue.SITES)), help="Only this site; may be repeated."
)
@click.option("--phase", type=click.IntRange(1, 2), default=1, show_default=True, help="2 shows the sites changed.")
@click.option("--fault", type=click.Choice(list(FAULTS)), help="Let this befall every host.")
@click.option("--speed", default=1.0, show_default=True, help="How many times faster delays and limits run.")
@click.option("--variant", type=click.IntRange(0, 2), default=0, help="1 words every site otherwise, 2 tells it anew.")
@click.option("--suffix", default="gov.cn", show_default=True, help="How the names of government hosts end.")
@click.option(
    "--portals", type=click.Path(dir_okay=False, path_type=Path), help="Write the portals file here, not to the screen."
)
@click.option("--log", "show_log", is_flag=True, help="Print every request.")
def main(
    port: int,
    sites: tuple[str, ...],
    phase: int,
    fault: str | None,
    speed: float,
    variant: int,
    suffix: str,
    portals: Path | None,
    show_log: bool,
) -> None:
    """Serve simulated government portals on loopback, through one proxy address."""
    server = PortalServer(sites, phase=phase, port=port, speed=speed, suffix=suffix, fault=fault, variant=variant)
    try:
        with server:
            _introduce(server, portals)
            if show_log:
                _follow(server)
            threading.Event().wait()
    except OSError as error:
        raise click.ClickException(f"cannot serve on port {port}: {error.strerror}; try --port 0") from error
    except KeyboardInterrupt:
        click.echo("stopped")


def _introduce(server: PortalServer, portals: Path | None) -> None:
    if portals is None:
        with tempfile.TemporaryDirectory() as folder:
            click.echo(server.portal_file(Path(folder) / "portals.toml").read_text("utf-8"))
        portals = Path("portals.toml")
        click.echo(f"# Save the above as {portals}, then:")
    else:
        server.portal_file(portals)
    proxy = server.proxy_url
    click.echo(f"# http_proxy={proxy} https_proxy={proxy} no_proxy= nianbao crawl --portals {portals}")


def _follow(server: PortalServer) -> None:
    seen = 0
    while True:
        for entry in server.log[seen:]:
            click.echo(f"{entry.status} {entry.method} {entry.url} {entry.sent}")
            seen += 1
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    main()
