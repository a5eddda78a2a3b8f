"""The options by which commands have the machines of a cluster do their work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cluster.connection import Cluster


@dataclass(frozen=True, slots=True)
class Machines:
    """Which cluster is to work, if any: the scheduler's address, and what storage its machines share."""

    address: str | None = None
    storage: str | None = None

    @contextmanager
    def joined(self, archive_path: Path) -> Iterator[Cluster | None]:
        """The cluster, found fit for work; None without one.

        Raises ClusterError as :func:`cluster.connection.connected`.
        """
        if self.address is None:
            yield None
            return
        try:
            from cluster.connection import connected
        except ImportError as error:
            raise click.ClickException(
                f"--cluster needs the package {error.name}: pip install 'nianbao[distributed]'"
            ) from error
        with connected(self.address, self.storage, archive_path) as cluster:
            yield cluster


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a cluster, handed over as ``machines``."""

    @click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Have the workers of the Dask scheduler at this address do the work, such as tcp://10.0.0.1:8786.",
    )
    @click.option(
        "--storage",
        metavar="URL",
        envvar="NIANBAO_STORAGE",
        show_envvar=True,
        help="With --cluster, what its machines share: a folder, or a URL such as s3://bucket/folder;"
        " without it the archive's own folder.",
    )
    @wraps(command)
    def wrapped(cluster: str | None, storage: str | None, **kwargs: Any) -> Any:
        source = click.get_current_context().get_parameter_source("storage")
        if storage and not cluster and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError("--storage goes with --cluster")
        return command(machines=Machines(cluster, storage), **kwargs)

    return wrapped
