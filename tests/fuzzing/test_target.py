"""That the harness sees what breaks: a check that finds nothing would pass for a sound program."""

from __future__ import annotations

import random
import time
from unittest import mock

import pytest

from fuzzing import invariants, mutations, parts
from fuzzing.target import Target, run
from fuzzing.targets import all_targets, office
from parsers import extract
from parsers.document import Cell, Document, Paragraph, Place, Table, UnreadableDocumentError
from parsers.extract import Refusal
from parsers.report import Reading
from sample.generator import generate


def target(check) -> Target:
    return Target("made up", check, lambda: [b"a"], lambda *_: None)


def raising(error: Exception):
    def check(data: bytes) -> None:
        raise error

    return check


def test_an_error_that_is_not_documented_is_a_finding_named_after_it() -> None:
    found = run(target(raising(KeyError("a"))), b"x")
    assert found is not None
    assert found.kind.startswith("KeyError-")
    assert found.data == b"x"


def test_an_error_of_native_code_that_is_no_exception_is_a_finding() -> None:
    class PanicException(BaseException):  # as pyo3 raises it
        pass

    found = run(target(raising(PanicException("index out of bounds"))), b"x")
    assert found is not None
    assert found.kind.startswith("PanicException-")


def test_being_stopped_is_no_finding() -> None:
    with pytest.raises(KeyboardInterrupt):
        run(target(raising(KeyboardInterrupt())), b"x")


def test_what_takes_long_is_a_finding() -> None:
    def check(data: bytes) -> None:
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass

    found = run(target(check), b"x", slow=0.02)
    assert found is not None
    assert found.kind == "slow"
    assert run(target(check), b"x", slow=30.0) is None


def sound() -> tuple[object, Document]:
    report = generate().reports[-1].report
    cells = [
        Cell(reading.printed, row, 0, place=Place(table=1, row=row + 1, column=1))
        for row, (_name, reading) in enumerate(report.readings())
    ]
    return report, Document("text/html", [Table(cells)])


def test_a_sound_report_keeps_every_promise() -> None:
    report, document = sound()
    invariants.check_document(document)
    invariants.check_outcome(report, document)


@pytest.mark.parametrize(
    "reading",
    [
        Reading("number", "5", 6),
        Reading("number", "12345678", 12345678),
        Reading("blank", "", 0),
        Reading("number", "5", None),
        Reading("number", "5", -5),
    ],
    ids=["another number", "not in the document", "a blank that is nought", "no number", "negative"],
)
def test_a_figure_that_is_not_printed_breaks_a_promise(reading: Reading) -> None:
    report, document = sound()
    report.requests["new"]["total"] = reading
    document.blocks.append(Table([Cell("5", 0, 0)]))
    with pytest.raises(invariants.BrokenPromiseError):
        invariants.check_outcome(report, document)


@pytest.mark.parametrize(
    "cells",
    [
        [Cell("a", -1, 0)],
        [Cell("a", 0, 0, row_span=0)],
        [Cell("a", 0, 0), Cell("b", 0, 0)],
        [Cell("a", 0, 0, place=Place(page=0))],
        [Cell("a", 0, 0, place=Place(page=1, box=(5.0, 0.0, 1.0, 1.0)))],
        [Cell("a", 0, 0, place=Place(page=1, box=(0.0, 0.0, float("inf"), 1.0)))],
    ],
)
def test_a_table_that_cannot_be_breaks_a_promise(cells: list[Cell]) -> None:
    with pytest.raises(invariants.BrokenPromiseError):
        invariants.check_document(Document("text/html", [Table(cells)]))


def test_a_refusal_without_words_breaks_a_promise() -> None:
    with pytest.raises(invariants.BrokenPromiseError):
        invariants.check_outcome(Refusal("", "x"), Document("text/html", [Paragraph("a")]))


def test_a_reader_that_fails_is_found_by_every_target_of_documents() -> None:
    with mock.patch.object(extract, "read", side_effect=ZeroDivisionError):
        for name in ("markup", "office", "packages", "pdf"):
            found = run(all_targets()[name], b"<html><body>a</body></html>")
            assert found is not None
            assert found.kind.startswith("ZeroDivisionError-"), name
    with mock.patch.object(extract, "read", side_effect=UnreadableDocumentError("empty", "nothing")):
        assert run(all_targets()["markup"], b"a") is None


def test_parts_survive_being_joined() -> None:
    made = {"word/document.xml": b"<a>\n</a>", "b": b""}
    assert parts.split(parts.join(made)) == made
    assert parts.split(b"PK\x03\x04") is None
    assert parts.split(b"--- no line ends here") is None
    assert office.built(parts.join(made)).startswith(b"PK\x03\x04")


@pytest.mark.parametrize("name", sorted(all_targets()))
def test_mutations_change_seeds_within_bounds_and_repeatably(name: str) -> None:
    one = all_targets()[name]
    data = next(data for data in one.seeds() if parts.split(data) is not None or name == "markup")
    changed = {one.mutate(data, one.longest, random.Random(number)) for number in range(30)} - {None, data}
    assert len(changed) > 10
    assert all(len(made) <= one.longest for made in changed)
    assert one.mutate(data, one.longest, random.Random(7)) == one.mutate(data, one.longest, random.Random(7))


def test_markup_stays_markup_and_json_stays_json() -> None:
    import json

    from lxml import etree

    document = b'<w xmlns="a"><p>1</p><p b="2">x</p></w>'
    trees = [mutations._tree(document, random.Random(number)) for number in range(40)]
    assert len({etree.tostring(etree.fromstring(tree)) for tree in trees if tree}) > 10
    answers = [mutations._json(b'{"a":[1,{"b":"c"}]}', random.Random(number)) for number in range(40)]
    assert len({json.dumps(json.loads(answer)) for answer in answers if answer}) > 10
