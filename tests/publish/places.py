"""A fictional archive with cities, counties, offices and whole areas, for pages that add up."""

import sqlite3
from pathlib import Path

from parsers import forms
from tests.publish.conftest import SCRIPT, build_archive, digest

CITY, COUNTY = "临川市", "东山县"
DISTRICT = "直属县"


def _insert(conn: sqlite3.Connection, table: str, **values: object) -> None:
    conn.execute(
        f"insert into {table} ({', '.join(values)}) values ({', '.join('?' * len(values))})", list(values.values())
    )


def _organ(conn: sqlite3.Connection, key: str, name: str, city: str | None, county: str | None, **more: object) -> None:
    level = "county" if county else "city" if city else "province"
    values: dict[str, object] = {"province": "江右省", "city": city, "county": county, "level": level}
    values |= {"kind": "department", "portal_id": "p-linchuan"} | more
    _insert(conn, "organs", id=key, name=name, **values)


def _report(
    conn: sqlite3.Connection,
    organ: str,
    year: int,
    scope: str | None,
    figures: dict[str, int | None],
    corrected: int = 0,
) -> str:
    report = f"r-{organ}-{year}"
    _insert(
        conn, "documents", sha256=digest(report), media_type="text/html", bytes=1, warc="w", offset=0, length=1,
        first_captured_at=f"{year + 1}-02-01T00:00:00Z",
    )  # fmt: skip
    _insert(
        conn, "reports", id=report, organ_id=organ, year=year, edition="2021", scope=scope, title=f"{organ} {year}",
        status="complete", document_sha256=digest(report), content_sha256="", parser_version="1",
        captured_at=f"{year + 1}-02-01T00:00:00Z",
    )  # fmt: skip
    for item, total in figures.items():
        _insert(conn, "requests", report_id=report, item=item, total=total)
    _insert(conn, "reviews", report_id=report, proceeding="reconsideration", corrected=corrected, total=corrected + 1)
    _insert(conn, "coverage", organ_id=organ, year=year, state="complete")
    return report


DENIED = [row.code for row in forms.REQUEST_ROWS.values() if row.group == "denied"]


def build_places(path: Path) -> Path:
    """Make the archive at ``path``: a province with a city, a county in it, and a county that lies in no city."""
    build_archive(path)
    conn = sqlite3.connect(path)
    with conn:
        portal = {"id": "p-linchuan", "name": f"临川{SCRIPT}门户", "start_url": "javascript:alert(1)"}
        _insert(
            conn, "portals", **portal, status="blocked", status_reason="blocked:412", last_run_at="2025-04-01T00:00:00Z"
        )
        _insert(conn, "runs", id="run-ok", command="crawl", started_at="2025-03-01T00:00:00Z")
        _insert(conn, "portal_runs", run_id="run-ok", portal_id="p-linchuan", status="ok")
        _insert(conn, "runs", id="run-bad", command="crawl", started_at="2025-04-01T00:00:00Z")
        _insert(conn, "portal_runs", run_id="run-bad", portal_id="p-linchuan", status="blocked", reason="blocked:412")
        _organ(conn, "o-city", "临川市人民政府", CITY, None, kind="government", division_code="980100")
        _organ(conn, "o-bureau", "临川市民政局", CITY, None, division_code="980100")
        _organ(conn, "o-county", "东山县司法局", CITY, COUNTY, division_code="980121")
        _organ(conn, "o-direct", "直属县民政局", None, DISTRICT, division_code="989001")
        outcomes = {"granted": 6, "partly_granted": 1, DENIED[0]: 2, DENIED[1]: 1, "handled_total": 10}
        _report(conn, "o-bureau", 2023, "office", {"new": 9, **outcomes, "handled_total": 11})
        _report(conn, "o-bureau", 2024, "office", {"new": 11, **outcomes}, corrected=3)
        county = _report(conn, "o-county", 2024, None, {"new": 4, "granted": None, "handled_total": 4})
        _report(conn, "o-city", 2024, "area", {"new": 1000, **outcomes})
        direct = _report(conn, "o-direct", 2024, "office", {"new": 70})
        _insert(conn, "coverage", organ_id="o-bureau", year=2022, state="missing")
        _insert(conn, "coverage", organ_id="o-county", year=2023, state="crawl_short")
        _insert(conn, "coverage", organ_id="o-county", year=2025, state="not_due_yet")
        findings = [
            ("f-one", direct, "error", "source"),
            ("f-note", county, "note", "source"),
            ("f-read", "r-o-bureau-2023", "error", "extraction"),
            ("f-no", "r-o-bureau-2024", "error", "source"),
        ]
        for key, report, severity, cause in findings:
            _insert(
                conn, "findings", id=key, report_id=report, rule="requests.row_total", severity=severity, cause=cause,
                message=f"{key}{SCRIPT}", cells="[]",
            )  # fmt: skip
        _insert(conn, "finding_notes", finding_id="f-no", state="dismissed")
    conn.close()
    return path
