"""The page of files that were written with a publication, ``/-/downloads``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from publish.errors import SiteError
from publish.metadata import DATABASE
from publish.publication import Download, Publication


@dataclass(frozen=True, slots=True)
class _Group:
    """The files of one folder: a year, a province, or the whole tables."""

    name: str
    files: list[Download]


def has_downloads(datasette: Datasette) -> bool:
    """Whether the site is over a publication, which has a page of files."""
    path = datasette.get_database(DATABASE).path
    return path is not None and Path(path).with_suffix(".json").is_file()


async def downloads(datasette: Datasette, request: Request) -> Response:
    """List the files by year and province and the whole tables, with sizes and hashes."""
    path = datasette.get_database(DATABASE).path
    try:
        manifest = Publication.load(Path(path or ""))
    except SiteError as error:
        raise NotFound("Files are written by 'nianbao publish'") from error
    groups: dict[str, dict[str, list[Download]]] = defaultdict(lambda: defaultdict(list))
    for file in manifest.downloads:
        folder = PurePosixPath(file.path).parent
        groups[folder.parts[0]][file.label].append(file)
    page = await datasette.render_template(
        "downloads.html",
        {
            "manifest": manifest,
            "years": [_Group(name, files) for name, files in sorted(groups["years"].items(), reverse=True)],
            "provinces": [_Group(name, files) for name, files in sorted(groups["provinces"].items())],
            "parquet": groups["parquet"][""],
        },
        request=request,
    )
    return Response.html(page)
