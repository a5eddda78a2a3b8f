"""Which reports a portal's last whole crawl saw listed, by organ and year, whether or not they were taken."""

from __future__ import annotations

from archive.organs import Portals
from archive.store import Archive
from parsers.titles import read_title


def refresh(archive: Archive) -> None:
    """Bring ``_listed`` up to the portals' last finished crawls.

    What a title does not tell of organ and year is left out.
    """
    execute = archive.db.conn.execute
    portals = Portals(archive)
    for portal_id, crawl_id in execute(
        "SELECT portal_id, max(id) FROM _crawls WHERE finished_at IS NOT NULL GROUP BY portal_id"
    ).fetchall():
        key = f"listed {portal_id}"
        known = execute("SELECT value FROM _checked WHERE key = ?", (key,)).fetchone()
        if known and known[0] == str(crawl_id):
            continue
        new: set[tuple[str, int]] = set()
        for url, title in execute(
            "SELECT url, json_extract(context, '$.title') FROM _frontier WHERE crawl_id = ? AND kind = 'report'"
            " AND json_extract(context, '$.listed') AND json_extract(context, '$.title') IS NOT NULL",
            (crawl_id,),
        ):
            read = read_title(title)
            if read and read.organ and read.year:
                organ, _ = portals.organ(read.organ, url, portals.get(portal_id), (), read.year)
                new.add((organ.id, read.year))
        with archive.db.atomic():
            before = set(execute("SELECT organ_id, year FROM _listed WHERE portal_id = ?", (portal_id,)).fetchall())
            archive.db.conn.executemany(
                "INSERT OR IGNORE INTO _uncovered VALUES (?)", sorted({(organ_id,) for organ_id, _ in before ^ new})
            )
            execute("DELETE FROM _listed WHERE portal_id = ?", (portal_id,))
            archive.db.conn.executemany(
                "INSERT INTO _listed (portal_id, organ_id, year) VALUES (?, ?, ?)",
                [(portal_id, *one) for one in sorted(new)],
            )
            execute("INSERT OR REPLACE INTO _checked VALUES (?, ?)", (key, str(crawl_id)))
