"""``nianbao portals`` without the network: list, add, validate."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import times
from archive.store import Archive
from crawler import portals
from nianbao.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["portals", *arguments])
    assert result.exit_code == status, result.output
    return result


def test_without_a_command_portals_are_listed() -> None:
    listed = run("--city", "安阳").output
    assert listed == run("list", "--city", "安阳").output
    assert "安阳市人民政府" in listed
    assert "https://www.anyang.gov.cn/" in listed
    assert "鹤壁" not in listed
    assert f"{len(portals.builtin())} portals" in run().output


def test_a_list_is_taken_on_as_json_or_csv() -> None:
    rows = json.loads(run("--province", "河南", "--level", "city", "--json").output)
    assert len(rows) == 17
    assert {"id": "anyang", "division": "410500", "city": "安阳市", "level": "city"}.items() <= next(
        row for row in rows if row["id"] == "anyang"
    ).items()
    table = list(csv.DictReader(io.StringIO(run("--province", "河南", "--level", "city", "--csv").output)))
    assert [row["id"] for row in table] == [row["id"] for row in rows]
    assert table[0]["start"] == "https://www.zhengzhou.gov.cn/"
    run("--json", "--csv", status=2)


def test_a_list_tells_the_last_run_where_there_is_an_archive(folder: Path) -> None:
    with Archive.open(folder / "other.db") as archive:
        archive.sync_portals(asdict(portal) for portal in portals.builtin())
        archive.db["portals"].update("anyang", {"last_run_at": "2026-03-01T00:00:00Z", "status": "ok"})
    for arguments in (("--archive", "other.db", "list"), ("list", "--archive", "other.db")):
        (row,) = json.loads(run(*arguments, "--city", "安阳", "--json").output)
        assert (row["last_run"], row["status"]) == ("2026-03-01T00:00:00Z", "ok")
    (row,) = json.loads(run("--city", "安阳", "--json").output)
    assert row["last_run"] is None


def test_portals_of_a_file_are_listed(folder: Path) -> None:
    entry = '[[portal]]\nid = "a"\nname = "安阳市人民政府"\nstart = ["http://a.gov.cn/"]\ndivision = "410500"\n'
    (folder / "mine.toml").write_text(entry, "utf-8")
    assert [row["id"] for row in json.loads(run("--portals", "mine.toml", "--json").output)] == ["a"]
    assert "no portal fits" in run("--portals", "mine.toml", "--province", "河北", status=2).output
    assert "cannot be read" in run("--portals", "none.toml", status=1).output


def test_a_portal_is_added_to_a_file_of_ones_own(folder: Path) -> None:
    before = portals.builtin_path().read_bytes()
    output = run("add", "tangyin", "汤阴县人民政府", "https://www.tangyin.gov.cn/", "--division", "汤阴县").output
    assert "added" in output
    district = ("beiguan", "安阳市北关区人民政府", "https://www.beiguan.gov.cn/", "--division", "安阳市北关区")
    run("add", *district, "--delay", "3")
    run("validate", "--portals", "portals.toml")
    added = portals.load(folder / "portals.toml")
    assert [(one.id, one.division, one.delay) for one in added] == [
        ("tangyin", "410523", None),
        ("beiguan", "410503", 3.0),
    ]
    assert portals.builtin_path().read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("tangyin", "汤阴县人民政府", "https://other.gov.cn/"), 1, "two portals have the id"),
        (("other", "汤阴县人民政府", "http://tangyin.gov.cn/"), 1, "that of portal “tangyin” too"),
        (("other", "汤阴县人民政府", "http://192.168.0.1/"), 1, "--allow-private"),
        (("other", "汤阴县人民政府", "http://other.gov.cn/", "--division", "朝阳区"), 2, "give the code"),
        (("other", "汤阴县人民政府", "http://other.gov.cn/", "--division", "火星"), 2, "there is no “火星”"),
        (("other", "汤阴县人民政府", "http://other.gov.cn/", "--division", "410500"), 1, "安阳市 (410500)"),
        (("other", "汤阴县人民政府"), 2, "Missing argument"),
    ],
)
def test_what_may_not_be_added_is_told_in_one_line(
    arguments: tuple[str, ...], status: int, said: str, folder: Path
) -> None:
    run("add", "tangyin", "汤阴县人民政府", "https://www.tangyin.gov.cn/")
    before = (folder / "portals.toml").read_bytes()
    output = run("add", *arguments, status=status).output
    assert said in output
    assert output.splitlines()[-1].startswith("Error: ")
    assert (folder / "portals.toml").read_bytes() == before


def test_the_registry_itself_is_changed_only_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "portals.toml").write_text("", "utf-8")
    monkeypatch.setattr(portals, "builtin_path", lambda: folder / "portals.toml")
    entry = ("add", "tangyin", "汤阴县人民政府", "https://www.tangyin.gov.cn/")
    assert "say --portals portals.toml" in run(*entry, status=2).output
    assert (folder / "portals.toml").read_text("utf-8") == ""
    run(*entry, "--portals", "portals.toml")


def test_what_the_registry_has_already_is_said() -> None:
    output = run("add", "mine", "安阳市人民政府", "https://www.anyang.gov.cn/").output
    assert "the built-in registry has https://www.anyang.gov.cn/ as “anyang”" in output


def test_validate_tells_every_fault_with_file_and_line(folder: Path) -> None:
    assert "no fault" in run("validate").output
    (folder / "a.toml").write_text(
        '[[portal]]\nid = "a"\nname = "安阳市人民政府"\nstart = ["http://127.0.0.1/"]\ndivision = "410600"\n'
        '[[portal]]\nid = "a\\u001b[31m"\nname = "乙"\nstart = ["http://b.gov.cn/"]\ncms = "\\u001b"\n',
        "utf-8",
    )
    lines = run("validate", "--portals", "a.toml", status=1).output.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["a.toml:3:", "a.toml:4:", "a.toml:7:", "a.toml:10:", "2"]
    assert "portal “a”" in lines[0]
    assert "\x1b" not in "".join(lines)
    assert lines[-1] == "2 portals, 4 faults"
    assert "4:" not in run("validate", "--portals", "a.toml", "--allow-private", status=1).output
    run("validate", "--portals", "none.toml", status=1)


def test_probe_needs_a_known_portal_and_writes_only_to_a_named_file() -> None:
    assert "no portal “nowhere-at-all”" in run("probe", "nowhere-at-all", status=1).output
    assert "no portal “nowhere-at-all”" in run("--probe", "nowhere-at-all", status=1).output
    assert "name it with --portals" in run("probe", "anyang", "--write", status=2).output


@pytest.mark.parametrize("arguments", [("crawl", "--province", "火星"), ("crawl", "anyang", "--city", "鹤壁")])
def test_a_crawl_of_no_portal_is_wrong_usage(arguments: tuple[str, ...], folder: Path) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "no portal fits" in result.output
    assert list(folder.iterdir()) == []


def test_status_shows_the_portals_chosen(folder: Path) -> None:
    with Archive.open(folder / "archive.db") as archive:
        archive.sync_portals(asdict(portal) for portal in portals.builtin())
        run_id = archive.begin_run("crawl")
        for portal_id in ("anyang", "hebi"):
            archive.db["portals"].update(portal_id, {"last_run_at": times.now(), "status": "ok"})
            counts = dict.fromkeys(("listed", "found", "new", "changed", "vanished", "failed", "requests", "bytes"), 1)
            archive.db["portal_runs"].insert({"run_id": run_id, "portal_id": portal_id, "status": "ok", **counts})
        archive.finish_run(run_id)
    shown = CliRunner().invoke(main, ["status", "--city", "安阳市"])
    assert shown.exit_code == 0
    assert "anyang" in shown.output
    assert "hebi" not in shown.output
