"""Runs the sample portals until interrupted: ``python -m sample --port 8010``."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from sample.server import SampleServer


@click.command()
@click.option("--port", default=8010, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--phase",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="2 shows one report altered after publication and one more report.",
)
@click.option("--direct", is_flag=True, help="One port per portal, no proxy needed.")
@click.option(
    "--portals", type=click.Path(dir_okay=False, path_type=Path), help="Write a portals file for these portals here."
)
def main(port: int, phase: int, direct: bool, portals: Path | None) -> None:
    """Serve the fictional portals of the sample on loopback."""
    try:
        with SampleServer(phase=phase, port=port, direct=direct) as server:
            if portals:
                _write_portals(server, portals)
            for host, base in server.bases.items():
                click.echo(f"{host}: {base}/")
            if not direct:
                click.echo(f"http_proxy={server.proxy_url} makes these names work.")
            threading.Event().wait()
    except OSError as error:
        raise click.ClickException(f"cannot serve on port {port}: {error.strerror}; try --port 0") from error
    except KeyboardInterrupt:
        click.echo("stopped")


def _write_portals(server: SampleServer, path: Path) -> None:
    try:
        server.portal_file(path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}; name another file") from error


if __name__ == "__main__":
    main()
