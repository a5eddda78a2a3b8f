"""From files to organs: an office's report and its area's are two, and short names come out in full."""

import json
from dataclasses import asdict

import pytest

from archive.extraction import extract_pending
from archive.store import Archive
from crawler import portals
from nianbao import importing
from tests.parsers.printed_forms import page, zero_figures

REPORT = "政府信息公开工作年度报告"


def document(title, text="", opening=""):
    made = page(title, zero_figures("2021")).decode().replace("<p>一、总体情况</p>", f"{opening}<p>一、总体情况</p>")
    return made.replace("<p>一、总体情况</p>", f"<p>一、总体情况</p><p>{text}</p>").encode()


@pytest.fixture
def imported(tmp_path):
    """Import (url, payload) pairs with a manifest, as the command does; return the rows of what became of them."""
    with Archive.open(tmp_path / "archive.db") as archive:

        def run(*files, registry=True):
            if registry:
                archive.sync_portals(asdict(portal) for portal in portals.builtin())
            lines = []
            for number, (url, payload) in enumerate(files):
                (tmp_path / f"{number}.html").write_bytes(payload)
                lines.append(json.dumps({"file": f"{number}.html"} | ({"url": url} if url else {})))
            manifest = tmp_path / "manifest.jsonl"
            manifest.write_text("\n".join(lines))
            run_id = archive.begin_run("import")
            for source in importing.sources([], manifest):
                importing.capture(archive, run_id, source)
            summary = extract_pending(archive, run_id, workers=1)
            assert summary.errors == []
            rows = archive.db.conn.execute(
                "SELECT o.name, r.year, r.scope, o.level, o.kind, o.province, o.city, o.county, o.division_code "
                "FROM reports r JOIN organs o ON o.id = r.organ_id ORDER BY o.name, r.year"
            ).fetchall()
            ids = archive.db.conn.execute("SELECT id, organ_id FROM reports ORDER BY id").fetchall()
            extract_pending(archive, run_id, workers=1, reparse=True)
            assert archive.db.conn.execute("SELECT id, organ_id FROM reports ORDER BY id").fetchall() == ids
            return rows

        yield run


def test_an_office_and_its_area_are_two_reports(imported):
    rows = imported(
        ("http://xxgk.sxgp.gov.cn/a.html", document(f"高平市人民政府办公室\n2023年{REPORT}", "我办主动公开信息。")),
        ("http://xxgk.sxgp.gov.cn/b.html", document(f"高平市2023年{REPORT}", "本报告由市人民政府办公室编制。")),
    )
    place = ("山西省", "晋城市", "高平市", "140581")
    assert rows == [
        ("高平市人民政府", 2023, "area", "county", "government", *place),
        ("高平市人民政府办公室", 2023, "office", "county", "department", *place),
    ]


def test_a_report_for_the_area_under_the_offices_name(imported):
    text = "本报告由县人民政府办公室综合各乡（镇）、县政府各组成部门政府信息公开年度报告编制。"
    rows = imported(
        ("http://www.xjwqx.gov.cn/a.html", document(f"乌恰县人民政府办公室2023年{REPORT}", text)),
        ("http://www.xjwqx.gov.cn/b.html", document(f"乌恰县2023年{REPORT}")),
        ("http://www.xjwqx.gov.cn/c.html", document(f"乌恰县人民政府办公室2022年{REPORT}", "我办主动公开信息。")),
    )
    assert [row[:3] for row in rows] == [
        ("乌恰县人民政府", 2023, "area"),
        ("乌恰县人民政府办公室", 2022, "office"),
        ("乌恰县人民政府办公室", 2023, "area"),
    ]


def test_one_organ_however_it_is_named(imported):
    rows = imported(
        (None, document(f"北关区信访局2021年{REPORT}")),
        (None, document(f"安阳市北关区信访局2022年{REPORT}")),
        (None, document(f"河南省安阳市北关区信访局2023年{REPORT}")),
        (None, document(f"信访局2024年{REPORT}", opening="<p>编制单位：安阳市北关区信访局</p>")),
    )
    place = ("河南省", "安阳市", "北关区", "410503")
    assert rows == [
        ("河南省安阳市北关区信访局", year, "office", "county", "department", *place) for year in range(2021, 2025)
    ]


def test_an_organ_bears_the_fullest_of_its_names_in_whatever_order_they_come(imported):
    url = "http://www.suijiang.gov.cn/{}.html"
    names = {2020: "会仪镇人民政府", 2021: "会仪镇", 2022: "云南省绥江县会仪镇人民政府", 2023: "绥江县会仪镇"}
    rows = imported(*((url.format(year), document(f"{name}{year}年{REPORT}")) for year, name in names.items()))
    assert [row[:2] for row in rows] == [("云南省绥江县会仪镇人民政府", year) for year in names]


def test_a_registered_portal_completes_bare_names(imported):
    files = [("http://www.htq.gov.cn/x.html", document(f"东大街街道办事处2020年{REPORT}"))]
    place = ("陕西省", "汉中市", "汉台区", "610702")
    assert imported(*files) == [("汉中市汉台区东大街街道办事处", 2020, "area", "township", "township", *place)]


def test_bare_names_on_two_hosts_stay_two_organs(imported):
    rows = imported(
        ("http://www.one.gov.cn/x.html", document(f"民政局2023年{REPORT}")),
        ("http://www.two.gov.cn/x.html", document(f"民政局2023年{REPORT}")),
        registry=False,
    )
    assert [row[:2] + row[5:] for row in rows] == [("民政局", 2023, None, None, None, None)] * 2
