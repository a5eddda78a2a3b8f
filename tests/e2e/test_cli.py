"""What the commands say of themselves, of a file, and of the archive."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from nianbao.cli import main
from sample.server import SampleServer
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl
from tests.e2e.files import RENDERERS, blank_form, reports


def test_help_lists_every_command(tmp_path: Path) -> None:
    output = program.run(tmp_path, "--help").stdout
    assert {"crawl", "import", "parse", "check", "explain", "status", "document", "export", "serve", "demo"} <= set(
        main.commands
    )
    for name, command in main.commands.items():
        assert f"  {name} " in output
        assert command.help
    assert program.run(tmp_path, "-h").stdout == output


@pytest.mark.parametrize("name", sorted(main.commands))
def test_help_of_a_command_names_its_options(name: str, tmp_path: Path) -> None:
    output = program.run(tmp_path, name, "--help").stdout
    parameters = main.commands[name].params
    assert any(isinstance(parameter, click.Option) and "--archive" in parameter.opts for parameter in parameters)
    for parameter in parameters:
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            assert option in output
    assert list(tmp_path.iterdir()) == []


def test_version_is_one_line(tmp_path: Path) -> None:
    output = program.run(tmp_path, "--version").stdout
    assert output.startswith("nianbao, version ")
    assert output.count("\n") == 1


@pytest.mark.parametrize("suffix", [".html", ".docx", ".pdf"])
def test_explain_shows_what_is_read_in_a_file(suffix: str, tmp_path: Path) -> None:
    sample = next(one for one in reports() if one.organ.key == "wjw" and one.report.year == 2022)
    (tmp_path / f"file{suffix}").write_bytes(RENDERERS[suffix](sample))
    output = program.run(tmp_path, "explain", f"file{suffix}").stdout
    report = sample.report
    for told in (report.organ, str(report.year), report.title, "requests", "reviews", "disclosures", report.status):
        assert told in output
    assert "handled_total" in output
    (row,) = [line for line in output.splitlines() if line.startswith("│ 本年新收")]
    figures = [part.strip() for part in row.strip("│").split("│")][1:]
    assert figures == [reading.printed for reading in report.requests["new"].values()]
    assert [path.name for path in tmp_path.iterdir()] == [f"file{suffix}"]


def test_explain_tells_why_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "form.docx").write_bytes(blank_form())
    output = program.run(tmp_path, "explain", "form.docx", status=1).stdout
    assert "Refused: blank_form" in output


@pytest.mark.parametrize("suffix", [".html", ".docx", ".pdf"])
def test_explain_fits_a_page_and_cuts_nothing(suffix: str, tmp_path: Path) -> None:
    sample = reports()[0]
    (tmp_path / f"file{suffix}").write_bytes(RENDERERS[suffix](sample))
    output = program.run(tmp_path, "explain", f"file{suffix}").stdout
    assert max(cell_len(line) for line in output.splitlines()) <= 100
    assert "…" not in output.replace("“…”", "")
    (told,) = [line for line in output.splitlines() if f"{sample.report.year} *" in line]
    assert "title" in told


def test_explain_as_json_has_every_cell(tmp_path: Path) -> None:
    sample = reports()[0]
    (tmp_path / "file.html").write_bytes(RENDERERS[".html"](sample))
    told = json.loads(program.run(tmp_path, "explain", "file.html", "--json").stdout)
    printed = {
        f"{table}.{row}.{column}": reading["printed"]
        for table in ("disclosures", "requests", "reviews")
        for row, cells in told["report"][table].items()
        for column, reading in cells.items()
    }
    assert printed == {name: reading.printed for name, reading in sample.report.readings()}
    assert told["encoding"] == "utf-8"
    assert {row["code"]: row["score"] for row in told["rows"]}["handled_total"] == 100
    assert len(told["document"]["tables"]) == 3
    (tmp_path / "form.docx").write_bytes(blank_form())
    refused = json.loads(program.run(tmp_path, "explain", "form.docx", "--json", status=1).stdout)
    assert refused["refused"]["reason"] == "blank_form"


def test_explain_tells_what_is_inside_of_an_archive(tmp_path: Path) -> None:
    one, other = reports()[:2]
    with zipfile.ZipFile(tmp_path / "files.zip", "w") as packed:
        packed.writestr("甲.docx", RENDERERS[".docx"](one))
        packed.writestr("附件/乙.pdf", RENDERERS[".pdf"](other))
    output = program.run(tmp_path, "explain", "files.zip", status=1).stdout
    for told in ("several_inside", "甲.docx (", "附件/乙.pdf ("):
        assert told in output
    assert other.report.title in program.run(tmp_path, "explain", "files.zip", "--member", "乙.pdf").stdout
    assert "“丙”" in program.run(tmp_path, "explain", "files.zip", "--member", "丙", status=1).stdout


def test_explain_takes_a_hash_or_its_beginning(first_crawl: FirstCrawl) -> None:
    sha256, title = program.query(first_crawl.folder, "SELECT document_sha256, title FROM reports ORDER BY id")[0]
    whole = program.run(first_crawl.folder, "explain", sha256).stdout
    assert title in whole
    assert program.run(first_crawl.folder, "explain", sha256[:16]).stdout == whole
    ((report_id,),) = program.query(first_crawl.folder, f"SELECT id FROM reports WHERE document_sha256 = '{sha256}'")
    assert report_id in whole


def test_document_gives_the_very_bytes_that_the_portal_sent(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    with SampleServer() as server:
        for report in first_crawl.truth.reports:
            if report.attachment_urls:
                break
        host, _, path = report.source_url.removeprefix("http://").partition("/")
        resource = server.site.find(host, f"/{path}", "")
        assert resource
    sha256 = hashlib.sha256(resource.body).hexdigest()
    done = program.run(first_crawl.folder, "document", sha256, "-o", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == resource.body
    assert str(len(resource.body)) in done.stdout


def test_status_tells_of_portals_runs_and_what_is_missing(first_crawl: FirstCrawl) -> None:
    output = program.run(first_crawl.folder, "status").stdout
    ((run_id, started),) = program.query(first_crawl.folder, "SELECT id, started_at FROM runs")
    for told in ("yunting", "qingyan", "robots", run_id, started, "crawl", "72 (72 complete)", "documents to read"):
        assert told in output
    refused = program.query(first_crawl.folder, "SELECT reason, count(*) FROM refusals GROUP BY reason")
    assert refused
    for reason, count in refused:
        (row,) = [line for line in output.splitlines() if f"│ {reason} " in line]
        assert [part.strip() for part in row.strip("│").split("│")] == [reason, str(count)]


def test_crawl_of_one_portal_leaves_the_other_alone(tmp_path: Path, portals: SampleServer) -> None:
    program.run(tmp_path, "crawl", "qingyan", "--portals", "portals.toml", proxy=portals.proxy_url)
    assert program.query(tmp_path, "SELECT portal_id FROM portal_runs") == [("qingyan",)]
    own = sum(report.urls[0].startswith("http://www.qingyan.") for report in portals.truth().reports)
    assert program.query(tmp_path, "SELECT count(*) FROM reports WHERE url LIKE 'http://www.qingyan.%'") == [(own,)]


def test_import_again_takes_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(RENDERERS[".pdf"](reports()[0]))
    program.run(tmp_path, "import", "a.pdf")
    before = program.dump(tmp_path)
    output = program.run(tmp_path, "import", "a.pdf").stdout
    assert "1 of 1 files were imported before" in output
    assert program.differences(before, program.dump(tmp_path)) == {}
    assert program.query(tmp_path, "SELECT count(*) FROM captures") == [(1,)]
