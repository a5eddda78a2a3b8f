"""A small fictional archive, built by inserting rows through the schema."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette
from sqlite_utils import Database

from archive import schema
from archive.packing import pack_evidence
from archive.search import segment
from parsers import forms
from publish.serve import build_app

SCRIPT = "<script>alert('注入')</script>"
PLAIN, HOSTILE, OLD = "r-plain-2024", "r-hostile-2023", "r-old-2020"
FORMULA_NAME = "=1+1 虚构县公式局"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def main_of(site: Datasette, path: str) -> Tag:
    """Return what a page shows between its head and its foot."""
    response = await site.client.get(path)
    assert response.status_code == 200, response.text
    main = BeautifulSoup(response.text, "lxml").main
    assert main is not None
    return main


def _labels(conn: sqlite3.Connection) -> None:
    plain = {
        "items": forms.ITEMS,
        "applicants": forms.APPLICANTS,
        "proceedings": forms.PROCEEDINGS,
        "outcomes": forms.OUTCOMES,
    }
    for table, labels in plain.items():
        conn.executemany(
            f"insert into {table} (code, label, label_en, position) values (?, ?, ?, ?)",
            [(label.code, label.zh, label.en, label.position) for label in labels.values()],
        )
    conn.executemany(
        "insert into measures values (?, ?, ?, ?, ?)",
        [(label.code, label.zh, label.en, label.unit, label.position) for label in forms.MEASURES.values()],
    )
    for row in forms.REQUEST_ROWS.values():
        group = forms.REQUEST_GROUPS.get(row.group or "")
        conn.execute(
            "insert into request_items values (?, ?, ?, ?, ?, ?)",
            (row.code, row.zh, row.en, group and group.zh, group and group.en, row.position),
        )
    _insert(
        conn, "rules", code="requests.row_total", label="行合计", label_en="Row total", formula="total = 各申请人之和",
        meaning="每一行的总计应等于六类之和。", meaning_en="Totals are sums.", limits="空白不当作0。",
        limits_en="A blank is never 0.", scope="report",
    )  # fmt: skip


def _insert(conn: sqlite3.Connection, table: str, **values: object) -> None:
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    conn.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))


def _section(conn: sqlite3.Connection, report: str, number: int, heading: str, text: str) -> None:
    cursor = conn.execute(
        "insert into sections (report_id, number, heading, text) values (?, ?, ?, ?)",
        (report, number, heading, text),
    )
    conn.execute("insert into sections_fts (rowid, text) values (?, ?)", (cursor.lastrowid, segment(text)))


def _report(conn: sqlite3.Connection, report: str, organ: str, year: int, title: str, **more: object) -> None:
    sha256 = digest(report)
    _insert(
        conn, "documents", sha256=sha256, media_type="text/html", bytes=1234, warc="run.warc.gz", offset=0,
        length=600, first_captured_at="2025-02-01T08:00:00Z",
    )  # fmt: skip
    values: dict[str, object] = {
        "id": report,
        "organ_id": organ,
        "year": year,
        "edition": "2021",
        "disclosures_edition": "2021",
        "requests_edition": "2021",
        "title": title,
        "url": f"https://xugou.example/{report}.html",
        "published_on": f"{year + 1}-01-20",
        "status": "complete",
        "document_sha256": sha256,
        "content_sha256": digest(title),
        "captured_at": "2025-02-01T08:00:00Z",
        "parser_version": "1",
    }
    _insert(conn, "reports", **(values | more))
    _insert(
        conn, "versions", report_id=report, document_sha256=sha256, content_sha256=digest(title),
        first_captured_at="2025-02-01T08:00:00Z", last_captured_at="2025-03-01T08:00:00Z", is_current=1,
    )  # fmt: skip


def _plain(conn: sqlite3.Connection) -> None:
    _report(conn, PLAIN, "o-petition", 2024, "云溪县信访局2024年政府信息公开工作年度报告")
    texts = {
        1: "2024年，云溪县信访局认真做好政府信息公开工作。\n全年办理群众信访事项，5G基站问题较多。",
        2: "主动公开情况见下表。",
        3: "收到和处理政府信息公开申请情况见下表。",
        4: "行政复议、行政诉讼情况见下表。",
        5: "存在的主要问题：公开不够及时。",
        6: "本年度未收取信息处理费。",
    }
    for number, text in texts.items():
        mark = "一二三四五六"[number - 1]
        _section(conn, PLAIN, number, f"{mark}、{forms.SECTIONS[number].zh}", text)
    edition = forms.editions()["2021"]
    evidence: dict[str, object] = {}
    for group in edition.disclosures:
        for item in group.items:
            for measure in group.measures:
                value: float | None = 12.5 if measure == "amount" else 0
                printed = "12.5" if measure == "amount" else "0"
                kind = "number"
                if (item, measure) == ("administrative_coercion", "decisions"):
                    value, printed, kind = None, "l2", "unreadable"
                if (item, measure) == ("administrative_penalties", "decisions"):
                    value, printed, kind = None, "", "blank"
                if (item, measure) == ("administrative_permits", "decisions"):
                    value, printed = 1345, "1,345"
                unit = forms.MEASURES[measure].unit
                conn.execute(
                    "insert into disclosures values (?, ?, ?, ?, ?, ?)",
                    (PLAIN, item, measure, value, unit, printed),
                )
                evidence[f"disclosures.{item}.{measure}"] = {
                    "printed": printed, "kind": kind, "unit": unit, "sure": True,
                    "place": {"page": 2, "box": None, "table": 1, "row": 3, "column": 2, "line": None},
                }  # fmt: skip
    numbers = {"new": 7, "carried_in": 1, "granted": 5, "handled_total": 8, "carried_out": 0}
    for row in edition.request_rows():
        total = numbers.get(row, 0)
        values = dict.fromkeys(forms.APPLICANTS, 0) | {"natural_person": total, "total": total}
        if row == "new":
            values["total"] = 9
        _insert(conn, "requests", report_id=PLAIN, item=row, **values)
        for code, number in values.items():
            evidence[f"requests.{row}.{code}"] = {
                "printed": str(number), "kind": "number", "unit": None, "sure": row != "granted",
                "place": {"page": 3, "table": 2, "row": 4, "column": 4},
            }  # fmt: skip
    for proceeding in forms.PROCEEDINGS:
        blank = proceeding == "litigation_after_reconsideration"
        counts = dict.fromkeys(forms.OUTCOMES, None if blank else 0)
        _insert(conn, "reviews", report_id=PLAIN, proceeding=proceeding, **counts)
        for code in counts:
            evidence[f"reviews.{proceeding}.{code}"] = {
                "printed": "" if blank else "0", "kind": "blank" if blank else "number", "unit": None,
                "sure": True, "place": {"page": 4},
            }  # fmt: skip
    _insert(conn, "evidence", report_id=PLAIN, **pack_evidence(evidence)._asdict())
    _insert(
        conn, "findings", id="f-total", report_id=PLAIN, rule="requests.row_total", severity="error",
        cause="source", message="本年新收：各类申请人之和 7，总计印为 9",
        cells=json.dumps(["requests.new.total"]), expected="7", actual="9",
        evidence="一、本年新收 7 0 0 0 0 0 9",
    )  # fmt: skip
    _insert(conn, "finding_notes", finding_id="f-total", state="confirmed", note="已去函核实", noted_on="2025-04-01")
    _insert(conn, "coverage", organ_id="o-petition", year=2023, state="missing", since="2024-02-01")
    _insert(
        conn, "changes", report_id=PLAIN, field="requests.new.total", old="7", new="9",
        detected_at="2025-03-01T08:00:00Z",
    )  # fmt: skip
    _insert(
        conn, "captures", run_id="run-1", portal_id="p-yunxi", url=f"https://xugou.example/{PLAIN}.html",
        http_status=200, sha256=digest(PLAIN), fetched_at="2025-02-01T08:00:00Z",
    )  # fmt: skip


def _hostile(conn: sqlite3.Connection) -> None:
    _report(
        conn, HOSTILE, "o-hostile", 2023, f"坏{SCRIPT}标题", url="javascript:alert(1)", edition=SCRIPT,
        scope=SCRIPT, published_on=SCRIPT, status="partial",
    )  # fmt: skip
    _section(conn, HOSTILE, 1, f"一、{SCRIPT}", f"信访 {SCRIPT} 与 \x02{SCRIPT}\x03")
    _insert(
        conn, "disclosures", report_id=HOSTILE, item="regulations", measure="issued", value=None,
        unit=SCRIPT, printed=SCRIPT,
    )  # fmt: skip
    seen = {"printed": SCRIPT, "kind": "unreadable", "place": {"page": SCRIPT}}
    cells = {"disclosures.regulations.issued": seen}
    _insert(conn, "evidence", report_id=HOSTILE, **pack_evidence(cells)._asdict())
    _insert(
        conn, "findings", id="f-hostile", report_id=HOSTILE, rule="requests.row_total", severity=SCRIPT,
        cause=SCRIPT, message=SCRIPT, cells=json.dumps([SCRIPT]), expected=SCRIPT, actual=SCRIPT,
        evidence=SCRIPT,
    )  # fmt: skip
    _insert(
        conn, "changes", report_id=HOSTILE, field=SCRIPT, old=SCRIPT, new="=cmd|' /C calc'!A0",
        detected_at="2025-03-02T08:00:00Z",
    )  # fmt: skip
    _insert(conn, "indicators", report_id=HOSTILE, position=1, label=SCRIPT, unit=SCRIPT, value=None)


def build_archive(path: Path, *, extra_reports: int = 0) -> Path:
    """Make the archive at ``path``; ``extra_reports`` adds that many bare reports of 2022."""
    db = Database(path)
    schema.migrations.apply(db)
    conn = db.conn
    with conn:
        _labels(conn)
        portal = {"id": "p-yunxi", "name": "云溪县人民政府", "start_url": "https://xugou.example/"}
        _insert(conn, "portals", **portal, status="ok")
        _insert(conn, "runs", id="run-1", command="crawl", started_at="2025-02-01T07:00:00Z")
        organs = [
            ("o-petition", "云溪县信访局", "安宁省", "county", "department"),
            ("o-hostile", f"坏{SCRIPT}机关", "平和省", "city", "government"),
            ("o-formula", FORMULA_NAME, "平和省", "county", "department"),
            ("o-letters", "云溪县信访办公室", "安宁省", "county", "department"),
        ]
        for key, name, province, level, kind in organs:
            _insert(
                conn, "organs", id=key, name=name, province=province, level=level, kind=kind,
                portal_id="p-yunxi",
            )  # fmt: skip
        _insert(
            conn, "organ_successions", predecessor_id="o-letters", successor_id="o-petition", basis="reform",
            year=2018, note="信访办公室改组为信访局", note_en=f"reorganised {SCRIPT}",
        )  # fmt: skip
        _plain(conn)
        _hostile(conn)
        _report(
            conn, OLD, "o-petition", 2020, "云溪县信访局2020年政府信息公开工作年度报告", edition="2019",
            disclosures_edition="2019", requests_edition="2019",
        )  # fmt: skip
        _section(conn, OLD, 1, "一、总体情况", "推进不动产登记信息公开。")
        _insert(
            conn, "disclosures", report_id=OLD, item="procurement", measure="amount", value=23600, unit="元",
            printed="23600元",
        )  # fmt: skip
        _insert(conn, "requests", report_id=OLD, item="other", natural_person=2, total=2)
        _insert(
            conn, "findings", id="f-reading", report_id=OLD, rule="requests.row_total", severity="error",
            cause="extraction", message="读取存疑", cells="[]", other_report_id=PLAIN, other_cells="[]",
        )  # fmt: skip
        for number in range(extra_reports):
            organ = f"o-extra-{number}"
            place = {"province": "平和省", "level": "township", "kind": "township"}
            _insert(conn, "organs", id=organ, name=f"虚构镇{number}", **place)
            _report(conn, f"r-extra-{number}", organ, 2022, f"虚构镇{number}2022年报告")
        _insert(conn, "_origins", url="https://xugou.example/x", title="内部")
    db.close()
    return path


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def archive_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("archive") / "some name.db")


@pytest.fixture
def site(archive_path: Path) -> Datasette:
    return build_app(archive_path)
