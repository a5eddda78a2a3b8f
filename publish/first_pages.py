"""The pages that most readers ask for first: a site is ready, and a publication proven, once these are served."""

from __future__ import annotations

from urllib.parse import quote

from datasette.app import Datasette
from datasette.utils import tilde_encode

from publish.errors import SiteError
from publish.metadata import DATABASE

_SEARCHED = "信访"
_PATHS = ("/", "/-/place", "/-/findings", "/-/about", "/archive/reports", f"/archive/search?q={quote(_SEARCHED)}")


async def ask_first_pages(datasette: Datasette) -> None:
    """Ask for the pages made of the whole archive, a search of two characters, a report and its organ.

    What these gather or read from the disk is there afterwards. Raises SiteError where the site does not serve one.
    """
    archive = datasette.get_database(DATABASE)
    found = await archive.execute("SELECT id, organ_id FROM reports ORDER BY id LIMIT 1")
    keys = [(tilde_encode(row["id"]), tilde_encode(row["organ_id"])) for row in found.rows]
    paths = [path for report, organ in keys for path in (f"/archive/reports/{report}", f"/archive/organs/{organ}")]
    for path in (*_PATHS, *paths):
        response = await datasette.client.get(path)
        if response.status_code != 200:
            raise SiteError(f"{archive.path} does not serve {path} ({response.status_code}); it is not used")
