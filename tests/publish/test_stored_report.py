"""The report page over what the archive itself stores, not over rows made for the test."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive.reports import store_extraction
from archive.store import Archive
from parsers import forms
from parsers.document import Place
from parsers.report import Reading, Report, Section
from publish.serve import build_app

pytestmark = pytest.mark.anyio

URL = "https://xugou.example/2024.html"


def _report() -> Report:
    report = Report(organ="云溪县信访局", year=2024, title="云溪县信访局2024年政府信息公开工作年度报告")
    report.edition = report.disclosures_edition = report.requests_edition = "2021"
    report.status = "partial"
    report.sections = [Section(3, "三、收到和处理政府信息公开申请情况", "全年收到信访类申请若干。")]
    place = Place(page=2, row=5)
    zeros = {code: Reading("number", "0", 0, place=place) for code in forms.APPLICANTS}
    report.requests = {
        "new": zeros | {"total": Reading("number", "3", 3, place=place)},
        "carried_in": zeros | {"total": Reading("blank", "", place=place)},
        "granted": zeros | {"total": Reading("unreadable", "l0", place=place)},
        "handled_total": zeros | {"total": Reading("placeholder", "—", place=place)},
    }
    return report


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        run = archive.begin_run("test")
        sha256 = archive.record_capture(run, URL, b"<html>", fetched_at="2025-02-01T08:00:00Z", http_status=200)
        assert sha256
        report_id = store_extraction(archive, sha256, URL, _report(), "1")
        assert report_id
    return path, report_id


async def test_every_kind_of_cell_is_shown_as_what_it_is(stored: tuple[Path, str]) -> None:
    path, report_id = stored
    response = await build_app(path).client.get(f"/archive/reports/{report_id}")
    assert response.status_code == 200
    page = BeautifulSoup(response.text, "lxml")

    def cell(name: str) -> tuple[str, str]:
        found = page.find(id=f"requests.{name}")
        assert found is not None
        for mark in found.find_all("sup"):
            mark.decompose()
        return str(found["class"][0]), found.get_text(" ", strip=True)

    assert cell("new.total") == ("kind-number", "3")
    assert cell("new.business") == ("kind-number", "0")
    assert cell("carried_in.total") == ("kind-blank", "")
    assert cell("granted.total") == ("kind-unreadable", "无法识别 原文 l0")
    assert cell("handled_total.total") == ("kind-placeholder", "—")
    assert cell("carried_out.total") == ("kind-absent", "未见")
    marked = page.find(id="requests.new.total")
    assert marked is not None
    assert marked["title"] == "原件位置：第2页第5行"
    # The applicants are all 0, the total is 3: the check's own finding is named by the cell.
    finding = page.find(id=str(marked["aria-describedby"]))
    assert finding is not None
    assert "实为 3" in finding.get_text(" ")


async def test_its_text_is_found(stored: tuple[Path, str]) -> None:
    path, report_id = stored
    rows = (await build_app(path).client.get("/archive/search.json?q=信访类&_shape=array")).json()
    assert [row["report_id"] for row in rows] == [report_id]
