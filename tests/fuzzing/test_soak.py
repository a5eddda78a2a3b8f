"""The soak of damaged documents, in small."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from archive.packing import pack, unpack
from benchmarks import soak

DOCUMENTS = 40


def test_documents_are_the_same_for_the_same_seed_and_mostly_damaged() -> None:
    made = [soak.document(1, number) for number in range(120)]
    assert [soak.document(1, number)[0] for number in (3, 50)] == [made[3][0], made[50][0]]
    assert soak.document(2, 3)[0] != made[3][0]
    sound = [truth for _payload, _suffix, truth in made if truth is not None]
    assert 1 <= len(sound) <= 20
    assert len({suffix for _payload, suffix, _truth in made}) > 4


@pytest.mark.e2e
def test_a_soak_goes_on_where_it_was_and_tells_of_what_comes_out_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "SOUND_SHARE", 0.3)
    monkeypatch.setattr(soak, "PDF_SHARE", 0.0)
    passed = soak.load(tmp_path, 1)
    soak.run_batch(passed, tmp_path, DOCUMENTS, 1)
    soak.save(passed, tmp_path)
    again = soak.load(tmp_path, 1)
    assert again == passed
    assert (again.documents, again.batches, again.crashes, again.unanswered, again.wrong) == (DOCUMENTS, 1, [], 0, 0)
    # Some are damaged into the same few bytes.
    assert DOCUMENTS - 5 <= sum(again.outcomes.values()) <= DOCUMENTS
    assert again.outcomes["report"] >= again.sound / 2 > 0
    assert again.memory[0][1] > 0
    assert any("crashes of the command 0" in line for line in soak.lines(again))
    # A figure altered in the archive is told, and a document that got no answer.
    truths = soak.write_batch(1, 0, DOCUMENTS, tmp_path / "batch")
    files = dict.fromkeys(truths, "a")
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        for digest, packed in connection.execute("SELECT sha256, report FROM _extractions WHERE report IS NOT NULL"):
            report = unpack(packed)
            report.year += 1
            connection.execute("UPDATE _extractions SET report = ? WHERE sha256 = ?", (pack(report), digest))
    soak._note(again, tmp_path / "archive.db", {**files, "f" * 64: "b"}, truths)
    assert again.wrong > 0
    assert again.details
    assert again.unanswered == 1


@pytest.mark.e2e
def test_a_command_that_crashes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_folder: Path, _archive: Path, _workers: int | None, log: Path) -> tuple[int, list[tuple[int, int]]]:
        log.write_text("Traceback (most recent call last):\n", "utf-8")
        return 1, []

    monkeypatch.setattr(soak, "_import", crash)
    monkeypatch.setattr(soak, "_note", lambda *_: None)
    passed = soak.Passed(1)
    soak.run_batch(passed, tmp_path, 20, 1)
    assert passed.crashes
