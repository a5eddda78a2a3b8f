"""What is done with any document: read, recognised, its tables taken, checked, packed, and traced back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from fuzzing import invariants
from parsers import media
from parsers.document import NOWHERE, Document, UnreadableDocumentError
from parsers.extract import Origin, explain
from parsers.readers import programs
from parsers.report import Report
from publish import evidence_source

ORIGIN = Origin(
    url="http://www.yunxi.gov.cn/zwgk/nb/t20250120_1.html",
    title="云溪县民政局2024年政府信息公开工作年度报告",
    published_on="2025-01-20",
)
_TRACED_OF, _DRAWN_OF = 4, 16
"""Of so many reports one has a figure traced back, or drawn: both take as long as all the rest."""


@contextmanager
def no_programs() -> Iterator[None]:
    """Start no other program: what LibreOffice and unpackers make of an input is not ours and takes seconds."""
    with mock.patch.object(programs, "find", return_value=None):
        yield


def check(payload: bytes) -> None:
    """Put ``payload`` through the parsers; raises BrokenPromiseError, or whatever comes up undocumented."""
    with no_programs():
        seen = explain(payload, ORIGIN)
        if seen.document is not None:
            invariants.check_document(seen.document)
        invariants.check_outcome(seen.outcome, seen.document)
        if isinstance(seen.outcome, Report):
            assert seen.document is not None
            _check_evidence(payload, seen.outcome, seen.document)


def _check_evidence(payload: bytes, report: Report, document: Document) -> None:
    """A figure leads back to its place in the source."""
    places = [reading.place for _name, reading in report.readings() if reading.kind == "number"]
    places = [place for place in places if place != NOWHERE]
    chance = int.from_bytes(hashlib.sha256(payload).digest()[:4], "big")
    if not places or chance % _TRACED_OF:
        return
    place = places[chance % len(places)]
    if place.box is not None:
        if chance % _DRAWN_OF == 0:
            evidence_source.picture(payload, place)
        return
    try:
        evidence_source.excerpt(payload, place)
    except UnreadableDocumentError as error:
        if error.reason != "too_big":
            raise
    except LookupError as error:
        raise invariants.BrokenPromiseError(f"no figure stands at {place} of a {document.media_type}") from error


def is_binary(payload: bytes) -> bool:
    """Whether ``payload`` is none of the formats that are text."""
    return media.sniff(payload) not in (media.HTML, media.TEXT, media.MHTML, media.WORD_XML, media.RTF)
