"""From every cell of a report to the same cell in its source, whatever the source's format."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from PIL import Image

from archive.packing import unpack_evidence
from publish import evidence, evidence_source
from publish.serve import build_app
from sample.generator import SampleReport
from tests.e2e import program
from tests.e2e.files import RENDERERS, reports

pytestmark = pytest.mark.anyio

RED = (0xCF, 0x22, 0x2E)
Seen = dict[str, dict[str, Any]]


class Published:
    """An archive of the sample's reports in several formats, and its site."""

    def __init__(self, folder: Path) -> None:
        files = folder / "files"
        files.mkdir()
        self.samples: dict[str, SampleReport] = dict(zip(RENDERERS, reports(), strict=False))
        for suffix, sample in self.samples.items():
            (files / f"report{suffix}").write_bytes(RENDERERS[suffix](sample))
        (files / "report.txt").write_text(_as_text(reports()[5]), "utf-8")
        program.run(folder, "import", "files")
        self.folder = folder
        self.site: Datasette = build_app(folder / "archive.db")
        query = (
            "SELECT d.media_type, r.id, r.document_sha256, e.cells FROM reports r "
            "JOIN evidence e ON e.report_id = r.id JOIN documents d ON d.sha256 = r.document_sha256"
        )
        self.reports: dict[str, tuple[str, str, Seen]] = {
            media_type: (report_id, sha256, unpack_evidence(cells))
            for media_type, report_id, sha256, cells in program.query(folder, query)
        }


def _as_text(sample: SampleReport) -> str:
    from sample import html

    soup = BeautifulSoup(html.render(sample), "lxml")
    for row in soup.find_all("tr"):
        row.replace_with("\t".join(cell.get_text(strip=True) for cell in row.find_all(["td", "th"])) + "\n")
    return f"{sample.report.title}\n{soup.get_text()}"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(tmp_path_factory.mktemp("evidence"))


async def page(published: Published, report_id: str, field: str) -> BeautifulSoup:
    response = await published.site.client.get(f"/-/evidence/{report_id}/{field}")
    assert response.status_code == 200
    return BeautifulSoup(response.text, "lxml")


@pytest.mark.parametrize("media_type", ["text/html", "docx", "text/plain"])
async def test_every_figure_is_marked_where_it_is_printed(published: Published, media_type: str) -> None:
    report_id, _sha256, seen = next(
        report for kind, report in published.reports.items() if kind == media_type or media_type in _SHORT.get(kind, "")
    )
    fields = sorted(name for name, cell in seen.items() if cell["kind"] == "number")[::17]
    assert len(fields) > 5
    for field in fields:
        shown = await page(published, report_id, field)
        [marked] = shown.select("mark")
        printed = seen[field]["printed"].strip()
        # A line of text holds the whole row; its cell is one of those between tabs.
        assert printed in (marked.get_text().strip(), *marked.get_text().split("\t"))


_SHORT = {"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx"}


async def test_cell_of_a_pdf_is_outlined_on_its_page(published: Published) -> None:
    report_id, sha256, seen = published.reports["application/pdf"]
    shown = await page(published, report_id, "requests.new.total")
    [image] = shown.select("img.page")
    assert image["src"].endswith(f"requests.new.total.png?document={sha256}")
    response = await published.site.client.get(image["src"])
    assert response.headers["content-type"] == "image/png"
    assert "immutable" in response.headers["cache-control"]
    outlined = Image.open(io.BytesIO(response.content)).convert("RGB")
    x0, top, x1, bottom = seen["requests.new.total"]["place"]["box"]
    red = [(x, y) for x in range(outlined.width) for y in range(outlined.height) if outlined.getpixel((x, y)) == RED]
    scale = outlined.width / 595.27
    assert abs(min(x for x, _y in red) - x0 * scale) < 8
    assert abs(max(y for _x, y in red) - bottom * scale) < 8
    assert abs(max(x for x, _y in red) - x1 * scale) < 8
    assert abs(min(y for _x, y in red) - top * scale) < 8


async def test_report_page_leads_from_each_cell_to_its_evidence(published: Published) -> None:
    report_id, _sha256, seen = published.reports["text/html"]
    response = await published.site.client.get(f"/archive/reports/{report_id}")
    links = BeautifulSoup(response.text, "lxml").select("td a.evidence")
    assert {link["href"].rpartition("/")[2] for link in links} == set(seen)
    assert all(link.get_text(strip=True) or link.get("aria-label") for link in links)


@pytest.mark.parametrize(
    "path", ["nowhere-2024/requests.new.total", "{id}/requests.new.nobody", "{id}/nothing.at.all", "{id}/../x.y.z"]
)
async def test_what_is_not_there_is_not_found(published: Published, path: str) -> None:
    report_id = published.reports["text/html"][0]
    response = await published.site.client.get("/-/evidence/" + path.format(id=report_id))
    assert response.status_code == 404


async def test_no_picture_of_a_page_without_pages(published: Published) -> None:
    report_id = published.reports["text/html"][0]
    response = await published.site.client.get(f"/-/evidence/{report_id}/requests.new.total.png")
    assert response.status_code == 404


async def test_source_that_cannot_be_read_is_said_and_logged(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    report_id = published.reports["text/html"][0]

    async def lost(*_arguments: object) -> None:
        raise LookupError("the document has no such cell")

    monkeypatch.setattr(evidence._worker, "run", lost)
    shown = await page(published, report_id, "requests.new.total")
    assert "下载原件" in shown.get_text()
    assert not shown.select("mark")
    assert "no such cell" in caplog.text


async def test_too_many_readers_are_asked_to_come_again(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "WAITING", 0)
    for kind, name in (("text/html", "requests.new.total"), ("application/pdf", "requests.carried_in.total.png")):
        response = await published.site.client.get(f"/-/evidence/{published.reports[kind][0]}/{name}")
        assert response.status_code == 503
        assert response.headers["retry-after"]


async def test_foreign_markup_is_inert(tmp_path: Path) -> None:
    sample = reports()[0]
    hostile = RENDERERS[".html"](sample).replace(
        "自然人".encode(), "<script>alert(1)</script>自然人<img src=x onerror=alert(1)>&lt;b&gt;".encode()
    )
    (tmp_path / "hostile.html").write_bytes(hostile)
    program.run(tmp_path, "import", "hostile.html")
    [(report_id,)] = program.query(tmp_path, "SELECT id FROM reports")
    response = await build_app(tmp_path / "archive.db").client.get(f"/-/evidence/{report_id}/requests.new.total")
    shown = BeautifulSoup(response.text, "lxml")
    assert "<b>" in shown.select_one("table.source").get_text()
    assert not shown.select("table.source script, table.source img, table.source b")
    assert "script" not in response.headers["content-security-policy"]


def test_long_table_is_cut_around_the_cell() -> None:
    from parsers.document import Place

    rows = "".join(f"<tr><td>第{number}行</td><td>{number}</td></tr>" for number in range(400))
    payload = f"<html><body><h1>年度报告</h1><table>{rows}</table></body></html>".encode()
    for number in (0, 200, 399):
        shown = evidence_source.excerpt(payload, Place(table=1, row=number + 1, column=2))
        assert isinstance(shown, evidence_source.SourceTable)
        assert shown.cut
        assert len(shown.rows) == evidence_source.MAX_ROWS
        assert [cell.text for row in shown.rows for cell in row if cell.marked] == [str(number)]


def test_spans_keep_every_cell_under_its_head() -> None:
    from parsers.document import Place

    payload = (
        "<html><body><table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>1</td><td>2</td></tr>"
        "<tr><td>丙</td><td>3</td><td>4</td></tr></table></body></html>"
    ).encode()
    shown = evidence_source.excerpt(payload, Place(table=1, row=2, column=3))
    assert isinstance(shown, evidence_source.SourceTable)
    assert [[(cell.text, cell.rows, cell.columns) for cell in row] for row in shown.rows] == [
        [("甲", 2, 1), ("乙", 1, 2)],
        [("1", 1, 1), ("2", 1, 1)],
        [("丙", 1, 1), ("3", 1, 1), ("4", 1, 1)],
    ]
    assert [cell.text for row in shown.rows for cell in row if cell.marked] == ["2"]
