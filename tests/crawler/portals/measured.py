"""A simulated portal crawled as users crawl, and what the crawl found set against the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archive.store import Archive
from crawler import cms
from sample.portals.conduct import Offence, offences
from sample.portals.server import PortalServer
from sample.portals.truth import ExpectedReport
from tests.crawler.crawl_process import ROOT

SECONDS = 400


@dataclass
class Measured:
    """``missed`` are reports none of whose sources was captured, ``strange`` captures that belong to none.

    ``requests`` counts what the server was asked, robots.txt aside; ``offences`` are requests that
    should not have been made.
    """

    status: str
    reason: str | None
    expected: int
    missed: list[str]
    strange: list[str]
    requests: int
    minimum: int
    offences: list[Offence] = field(default_factory=list)
    row: dict[str, object] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.expected if self.expected else 1.0

    @property
    def ratio(self) -> float:
        return self.requests / max(1, self.minimum)


def crawl(
    folder: Path, server: PortalServer, options: str = "", *, extract: bool = False
) -> dict[str, dict[str, object]]:
    """Crawl the portal that ``server`` serves into the archive in ``folder``; results by portal id.

    ``options`` are further lines of its entry. With ``extract`` the command ``nianbao crawl`` does
    it, and reads what it found.
    """
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"http_proxy": server.proxy_url, "https_proxy": server.proxy_url, "no_proxy": ""}
    environment["PYTHONPATH"] = str(ROOT)
    portals = server.portal_file(folder / "portals.toml")
    portals.write_text(portals.read_text("utf-8") + options, "utf-8")
    archive = folder / "archive.db"
    by_command = ["nianbao", "crawl", "--workers", "1", "--archive", str(archive), "--portals", str(portals)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            *(by_command if extract else ("tests.crawler.portals.measured", str(archive), str(portals))),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if extract:
        assert done.returncode in (0, 1), done.stderr
        return _last_run(archive)
    assert done.returncode == 0, done.stderr
    return {result["portal_id"]: result for result in json.loads(done.stdout)}


def _last_run(path: Path) -> dict[str, dict[str, object]]:
    with Archive.read_only(path) as archive:
        cursor = archive.db.execute("SELECT * FROM portal_runs WHERE run_id = (SELECT max(id) FROM runs)")
        names = [column[0] for column in cursor.description]
        return {row["portal_id"]: row for row in (dict(zip(names, values, strict=True)) for values in cursor)}


def measure(folder: Path, server: PortalServer, key: str, options: str = "", *, extract: bool = False) -> Measured:
    """Crawl the site ``key`` and compare."""
    before = len(server.log)
    site = server.site(key)
    result = crawl(folder, server, options, extract=extract)[site.id]
    truth = server.truth(key)
    whole = server.log[before:]
    log = [entry for entry in whole if not entry.path.endswith("/robots.txt")]
    with Archive.open(folder / "archive.db") as archive:
        captured = {
            cms.key(row[0]): row[0]
            for row in archive.db.execute(
                "SELECT url FROM captures WHERE sha256 IS NOT NULL"
                " AND id NOT IN (SELECT capture_id FROM _page_captures)"
            )
        }
    allowed = {cms.key(url) for report in truth.reports for url in _addresses(report)}
    allowed |= {cms.key(page.url) for page in truth.non_reports if page.reason == "superior"}
    return Measured(
        status=str(result["status"]),
        reason=result["reason"] and str(result["reason"]),  # type: ignore[arg-type]
        expected=len(truth.reports),
        missed=[f"{one.organ} {one.year}" for one in truth.reports if not captured.keys() & _where_it_can_be_read(one)],
        strange=sorted(url for key, url in captured.items() if key not in allowed),
        requests=len(log),
        minimum=truth.minimum,
        offences=offences(site, whole, "Nianbao"),
        row=result,
    )


def _where_it_can_be_read(report: ExpectedReport) -> set[str]:
    """Its sources; with a page among them every address of that page."""
    in_page = set(report.urls) & set(report.sources)
    return {cms.key(url) for url in (*report.sources, *(report.urls if in_page else ()))}


def _addresses(report: ExpectedReport) -> Iterator[str]:
    yield from report.urls
    yield from report.sources
    yield from (attachment.url for attachment in report.attachments)


@contextmanager
def served(*keys: str, **options: object) -> Iterator[PortalServer]:
    """The sites ``keys`` on loopback."""
    with PortalServer(keys, **options) as server:  # type: ignore[arg-type]
        yield server


def _main() -> None:
    from dataclasses import asdict

    from crawler import portals
    from crawler.run import crawl as run

    archive = Archive.open(Path(sys.argv[1]))
    run_id = archive.begin_run("test")
    results = run(archive, portals.load(Path(sys.argv[2])), run_id)
    archive.finish_run(run_id)
    print(json.dumps([asdict(result) for result in results]))


if __name__ == "__main__":
    _main()
