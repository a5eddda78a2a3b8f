"""The editors' file is read whatever program saved it, and no line of it is lost."""

from __future__ import annotations

import pytest

from archive import notes
from archive.reports import store_extraction
from tests.archive.factory import payload_of, sound_report, with_new_total

ONE, OTHER = "0123456789abcdef", "fedcba9876543210"
HEAD = "finding_id,state,note,date"


@pytest.fixture
def write(archive):
    def file(*lines, encoding="utf-8", head=HEAD, newline="\n"):
        notes.path_for(archive.path).write_bytes(newline.join([head, *lines, ""]).encode(encoding))

    return file


def stored(archive):
    return archive.db.conn.execute("SELECT * FROM finding_notes ORDER BY 1").fetchall()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize(
    ("head", "line"),
    [
        (HEAD, f"{ONE},confirmed,已去函核实,2026-01-31"),
        ("疑点编号;处理;批注;日期", f"{ONE};已证实;已去函核实;2026/1/31"),
        ("日期\t编号\t备注\t状态", f"2026年1月31日\t{ONE}\t已去函核实\t证实"),
    ],
)
def test_what_spreadsheets_save_is_undfirstood(archive, write, encoding, head, line):
    write(line, encoding=encoding, head=head, newline="\r\n")
    summary = notes.load(archive)
    assert summary.errors == []
    assert stored(archive) == [(ONE, "confirmed", "已去函核实", "2026-01-31")]


def test_a_note_may_have_lines_and_quotes(archive, write):
    write(f'{ONE},asked,"第一行，""引文""\n第二行",', f"{OTHER},dismissed,,")
    assert notes.load(archive).errors == []
    assert stored(archive) == [(ONE, "asked", '第一行，"引文"\n第二行', None), (OTHER, "dismissed", "", None)]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("12,confirmed,,", "copy the 16 characters"),
        (f"{ONE},maybe,,", "write confirmed, dismissed, asked"),
        (f"{ONE},asked,,2026-02-30", "write it like 2026-01-31"),
        (f"{ONE},asked,,soon", "write it like 2026-01-31"),
        (f'{ONE},asked,"never closed,', "quote"),
        (f"{ONE}", "write confirmed, dismissed, asked"),
    ],
)
def test_a_bad_line_is_named_with_its_remedy_and_costs_no_other(archive, write, line, remedy):
    write(f"{'a' * 16},asked,before,", line, f"{OTHER},confirmed,after,", "", "")
    (error,) = notes.load(archive).errors
    assert "line 3" in error
    assert remedy in error
    assert [row[0] for row in stored(archive)] == ["a" * 16, OTHER]


def test_a_line_spoilt_later_keeps_what_it_said(archive, write):
    write(f"{ONE},confirmed,first,")
    notes.load(archive)
    write(f"{ONE},confirmd,second,")
    assert len(notes.load(archive).errors) == 1
    assert stored(archive) == [(ONE, "confirmed", "first", None)]


def test_a_line_taken_out_is_gone_and_a_file_taken_away_is_not(archive, write):
    write(f"{ONE},confirmed,,", f"{OTHER},asked,,")
    notes.load(archive)
    write(f"{ONE},confirmed,,")
    notes.load(archive)
    assert [row[0] for row in stored(archive)] == [ONE]
    notes.path_for(archive.path).unlink()
    assert notes.load(archive).notes == 1


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x81", "甲,乙\n1,2\n".encode()])
def test_a_file_that_is_no_notes_loses_none(archive, write, content):
    write(f"{ONE},confirmed,,")
    notes.load(archive)
    notes.path_for(archive.path).write_bytes(content)
    summary = notes.load(archive)
    assert bool(summary.errors) == bool(content)
    assert summary.notes == (1 if content else 0)


def test_the_same_finding_twice_is_said_and_the_later_holds(archive, write):
    write(f"{ONE},asked,,", f"{ONE},confirmed,,")
    (error,) = notes.load(archive).errors
    assert "line 3" in error
    assert "line 2" in error
    assert stored(archive)[0][1] == "confirmed"


def test_a_note_whose_finding_is_gone_is_kept_and_counted(archive, write, capture):
    report = with_new_total(sound_report(), 6)
    sha256 = capture("http://www.yunxi.example/a.html", payload_of(report), "2025-02-01T00:00:00Z")
    store_extraction(archive, sha256, "http://www.yunxi.example/a.html", report, "1")
    ((identity,),) = archive.db.conn.execute("SELECT id FROM findings WHERE rule = 'requests.identity'").fetchall()
    write(f"{identity},confirmed,,", f"{ONE},asked,,")
    summary = notes.load(archive)
    assert (summary.notes, summary.without_finding) == (2, 1)
