"""Files, portals and options that are wrong: each is named with its reason, and nothing else suffers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.readers import MAX_BYTES
from sample import html
from sample.server import SampleServer
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl
from tests.e2e.files import (
    SPARE_PNG,
    blank_form,
    encrypted_pdf,
    page,
    reports,
    truncated_pdf,
    write_reports,
)

CASES = next(
    (found for folder in program.ROOT.parents if (found := folder / "shared" / "cases").is_dir()),
    program.ROOT.parent / "shared" / "cases",
)
with_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"the real cases are not at {CASES}")

_LIST = "".join(f"<li><a>青汀县水务局{year}年政府信息公开工作年度报告</a></li>" for year in range(2015, 2025))
_NOTICE = "关于做好2023年政府信息公开工作年度报告编制工作的通知"
_READING = "【图解】青汀县水务局2023年政府信息公开工作年度报告"
_PROSE = "<p>各单位要按时公开年度报告，内容完整、数据准确，公开后及时报送链接。</p>" * 12

BAD_FILES: dict[str, tuple[bytes, str]] = {
    "form.docx": (blank_form(), "blank_form"),
    "empty.html": (b"", "empty"),
    "cut.pdf": (truncated_pdf(), "truncated"),
    "locked.pdf": (encrypted_pdf(), "encrypted"),
    "missing.html": (page("404 Not Found", "<p>您访问的页面不存在。</p>").encode(), "error_page"),
    "challenge.html": (
        b"<html><head><script>var x=window;$_ts=window['$_ts'];</script></head><body></body></html>",
        "challenge",
    ),
    "notice.html": (page(_NOTICE, _PROSE).encode(), "notice"),
    "reading.html": (page(_READING, _PROSE).encode(), "interpretation"),
    "list.html": (page("政府信息公开年报", f"<ul>{_LIST}</ul>").encode(), "list_page"),
    "picture.png": (SPARE_PNG, "scanned"),
}


@pytest.fixture(scope="module")
def bad_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what is no report, with two good files beside it."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (payload, _) in BAD_FILES.items():
        (folder / name).write_bytes(payload)
    write_reports(folder / "good", 2)
    return folder


def _refusals(folder: Path) -> dict[str, str]:
    """Reasons by name of the file."""
    return dict(program.query(folder, "SELECT o.file_name, r.reason FROM refusals r JOIN _origins o ON o.url = r.url"))


def test_named_files_that_are_none_are_refused_with_their_reason(bad_folder: Path, tmp_path: Path) -> None:
    good = bad_folder / "good"
    done = program.run(tmp_path, "import", good, *(bad_folder / name for name in BAD_FILES), status=1)
    assert _refusals(tmp_path) == {name: reason for name, (_, reason) in BAD_FILES.items()}
    for name, (_, reason) in BAD_FILES.items():
        (line,) = [line for line in done.stdout.splitlines() if f"/{name} " in line]
        assert f" {reason} " in line
    assert program.query(tmp_path, "SELECT count(*) FROM reports WHERE status = 'complete'") == [(2,)]


def test_one_bad_file_named_is_enough_to_fail(bad_folder: Path, tmp_path: Path) -> None:
    good = sorted((bad_folder / "good").iterdir())
    program.run(tmp_path, "import", *good)
    program.run(tmp_path, "import", *good, bad_folder / "notice.html", status=1)


def test_the_same_files_in_a_folder_are_no_failure(bad_folder: Path, tmp_path: Path) -> None:
    program.run(tmp_path, "import", bad_folder)
    assert _refusals(tmp_path) == {name: reason for name, (_, reason) in BAD_FILES.items()}
    assert program.query(tmp_path, "SELECT count(*) FROM reports WHERE status = 'complete'") == [(2,)]


@pytest.mark.parametrize("named", [True, False])
def test_a_file_over_the_limit_is_named(named: bool, bad_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    write_reports(folder, 1)
    big = folder / "big.html"
    with big.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    done = program.run(tmp_path, "import", *([*folder.iterdir()] if named else [folder]), status=1)
    (line,) = [line for line in done.stderr.splitlines() if "big.html" in line]
    assert str(MAX_BYTES) in line
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(1,)]


def test_a_mirror_is_refused_by_its_host(tmp_path: Path) -> None:
    sample = reports()[0]
    body = page(sample.report.title, html.render(sample))
    manifest = []
    for name, url in {
        "mirror": "http://www.beispiel.example/nb/1.html",
        "own": "http://www.beispiel.gov.cn/1.html",
    }.items():
        (tmp_path / f"{name}.html").write_text(f"{body}<!-- {name} -->", "utf-8")
        manifest.append({"file": f"{name}.html", "url": url, "fetched_at": "2024-05-01T08:00:00+08:00"})
    _write_manifest(tmp_path, manifest)
    done = program.run(tmp_path, "import", "--manifest", "manifest.jsonl")
    assert "foreign_mirror" in done.stdout
    assert program.query(tmp_path, "SELECT url, reason FROM refusals") == [(manifest[0]["url"], "foreign_mirror")]
    assert program.query(tmp_path, "SELECT url, captured_at FROM reports") == [
        (manifest[1]["url"], "2024-05-01T00:00:00Z")
    ]


def _write_manifest(folder: Path, entries: list[dict[str, str]]) -> None:
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries]
    (folder / "manifest.jsonl").write_text("".join(lines), "utf-8")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, kept from others while the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_an_unreachable_portal_fails_alone(closed_port: int, tmp_path: Path) -> None:
    with SampleServer(direct=True) as server:
        portal_file = server.portal_file(tmp_path / "portals.toml")
        entry = f'\n[[portal]]\nid = "away"\nname = "远方"\nstart = ["http://127.0.0.1:{closed_port}/"]\ndelay = 0\n'
        portal_file.write_text(portal_file.read_text("utf-8") + entry, "utf-8")
        done = program.run(tmp_path, "crawl", "--portals", portal_file, status=1)
    outcome = {
        portal_id: (status, reason)
        for portal_id, status, reason in program.query(tmp_path, "SELECT portal_id, status, reason FROM portal_runs")
    }
    assert outcome["away"][0] == "failed"
    assert outcome["away"][1]
    assert outcome["yunting"][0] == outcome["qingyan"][0] == "ok"
    (line,) = [line for line in done.stdout.splitlines() if "away" in line]
    assert "failed" in line
    assert outcome["away"][1] in line
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(72,)]


PORTAL = '[[portal]]\nid = "a"\nname = "甲"\nstart = ["http://a.example/"]\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[portal]\n", "not valid TOML"),
        ("", "no [[portal]] table"),
        ('[[portal]]\nid = "a"\n', "“name” is missing"),
        (PORTAL + 'delay = "fast"\n', "“delay” must be"),
        (PORTAL + "colour = 1\n", "unknown key “colour”"),
        (PORTAL + PORTAL, "two portals"),
    ],
)
def test_a_bad_portal_file_is_one_line(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "portals.toml").write_text(content, "utf-8")
    done = program.run(tmp_path, "crawl", "--portals", "portals.toml", status=1)
    line = program.one_line(done.stderr)
    assert "portals.toml" in line
    assert said in line
    assert not (tmp_path / "archive.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("crawl", "--portals", "none.toml"), "none.toml"),
        (("crawl", "nowhere-at-all"), "nowhere-at-all"),
        (("import", "none.pdf"), "none.pdf"),
        (("parse",), "archive.db"),
        (("check",), "archive.db"),
        (("status",), "archive.db"),
        (("export", "out"), "archive.db"),
        (("serve",), "archive.db"),
        (("explain", "abcdef12"), "archive.db"),
        (("explain", "none.pdf"), "none.pdf"),
        (("document", "abcdef12"), "archive.db"),
        (("status", "--archive", "no/such/archive.db"), "archive.db"),
    ],
)
def test_what_is_not_there_is_one_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = program.run(tmp_path, *arguments, status=1)
    assert said in program.one_line(done.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not valid JSON"),
        ('["a.html"]', "line 2: needs at least"),
        ('{"url": "http://a.gov.cn/"}', "line 2: needs at least"),
        ('{"file": "a.html", "url": 7}', "line 2: “url” must be text"),
        ('{"file": "none.html"}', "none.html does not exist"),
        ('{"file": "b.html", "fetched_at": "yesterday"}', "yesterday"),
    ],
)
def test_a_bad_manifest_is_one_line(line: str, said: str, tmp_path: Path) -> None:
    sample = reports()[0]
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text(page(sample.report.title, html.render(sample)), "utf-8")
    (tmp_path / "manifest.jsonl").write_text('{"file": "a.html"}\n' + line + "\n", "utf-8")
    done = program.run(tmp_path, "import", "--manifest", "manifest.jsonl", status=1)
    (told,) = [text for text in done.stderr.splitlines() if not text.startswith(("importing:", "extracting:"))]
    assert said in told


@pytest.mark.parametrize(
    "arguments", [("import",), ("crawl", "--nonsense"), ("nonsense",), ("export",), ("serve", "--port", "0")]
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert "Error: " in program.run(tmp_path, *arguments, status=2).stderr


@pytest.mark.parametrize("command", ["parse", "status", "check", "serve", "import"])
def test_a_file_that_is_no_archive_is_left_alone(command: str, tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_text("这不是数据库。" * 100, "utf-8")
    before = (tmp_path / "archive.db").read_bytes()
    (tmp_path / "a.txt").write_text("空", "utf-8")
    arguments = (command, "a.txt") if command == "import" else (command,)
    done = program.run(tmp_path, *arguments, status=1)
    assert "archive.db" in program.one_line(done.stderr)
    assert (tmp_path / "archive.db").read_bytes() == before


def test_unknown_hashes_and_short_ones_are_one_line(first_crawl: FirstCrawl) -> None:
    for command in ("document", "explain"):
        for prefix in ("0" * 64, "ffff0000"):
            done = program.run(first_crawl.folder, command, prefix, status=1)
            assert prefix in program.one_line(done.stderr)


def _jsonl(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines() if line.strip()]


@with_cases
def test_real_mirrors_and_pages_that_only_look_like_reports_are_refused(tmp_path: Path) -> None:
    sample = reports()[0]
    manifest = []
    for number, entry in enumerate(_jsonl("mirrors.jsonl")):
        name = f"mirror{number}.html"
        title = f"{entry['impersonated_organ']}{entry['year']}年政府信息公开工作年度报告"
        (tmp_path / name).write_text(page(title, html.render(sample)), "utf-8")
        manifest.append({"file": name, "url": entry["url"]})
    for number, entry in enumerate(_jsonl("not_reports.jsonl")):
        name = f"other{number}.html"
        (tmp_path / name).write_text(page(entry["title"], f"{_PROSE}<!-- {number} -->"), "utf-8")
        manifest.append({"file": name, "url": entry["url"], "title": entry["title"]})
    _write_manifest(tmp_path, manifest)
    program.run(tmp_path, "import", "--manifest", "manifest.jsonl")
    reasons = dict(program.query(tmp_path, "SELECT url, reason FROM refusals"))
    assert reasons.keys() == {entry["url"] for entry in manifest}
    assert {reasons[entry["url"]] for entry in _jsonl("mirrors.jsonl")} == {"foreign_mirror"}
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(0,)]


@with_cases
def test_real_titles_give_organ_and_year(tmp_path: Path) -> None:
    sample = next(report for report in reports() if report.organ.key == "mzj" and report.report.year == 2021)
    # The body names no organ, so that the title alone decides.
    body = html.render(sample)
    for name in (sample.organ.name, sample.organ.local_name, sample.organ.short):
        body = body.replace(name, "本机关")
    cases = _jsonl("titles.jsonl")
    manifest = []
    for number, case in enumerate(cases):
        (tmp_path / f"{number}.html").write_text(page(case["title"], body), "utf-8")
        manifest.append({"file": f"{number}.html", "url": case["url"], "title": case["title"]})
    _write_manifest(tmp_path, manifest)
    program.run(tmp_path, "import", "--manifest", "manifest.jsonl")
    rows = program.query(tmp_path, "SELECT r.url, o.name, r.year FROM reports r JOIN organs o ON o.id = r.organ_id")
    found = {url: (name, year) for url, name, year in rows}
    refused = dict(program.query(tmp_path, "SELECT url, reason FROM refusals"))
    wrong = [
        (case, found.get(case["url"], refused.get(case["url"])))
        for case in cases
        if not _is_that(case, found.get(case["url"]))
    ]
    assert wrong == []


def _is_that(case: dict[str, str], found: tuple[str, int] | None) -> bool:
    """Whether year and organ are those of the case; registered portals add the places before the name."""
    if found is None or found[1] != case["year"]:
        return False
    return found[0].endswith((case["organ"], f"{case['organ']}人民政府"))
