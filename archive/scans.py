"""Which documents are read a second time because they are pictures, and how that is remembered.

Every document is first read under strict limits, without the recogniser. What proves to be a
scan, in whole or in part, is read again under wider ones where the extra ``ocr`` is installed.
The stored parser version tells the three cases apart, so that scans read before the extra was
there are pending once it is.
"""

from __future__ import annotations

from archive.sandbox import Limits
from parsers import extract as parser
from parsers.extract import SCANNED_PAGES, Refusal
from parsers.readers import ocr
from parsers.report import Report

MEMORY_BYTES = 3_000_000_000
TIMEOUT_SECONDS = 600.0


def limits() -> Limits:
    """What one scan may use: the models alone take half a gigabyte, thirty pages minutes of one busy processor."""
    return Limits(MEMORY_BYTES, TIMEOUT_SECONDS)


def is_scan(result: Report | Refusal) -> bool:
    """Whether pages that are pictures were left unread."""
    if isinstance(result, Refusal):
        return result.reason == "scanned"
    return any(problem.rule == SCANNED_PAGES for problem in result.problems)


def version_unread() -> str:
    """Parser version of a document whose pictures were left unread."""
    return f"{parser.PARSER_VERSION}-unscanned"


def version_recognised() -> str:
    """Parser version of a document whose pictures were recognised, with the recogniser's own."""
    return f"{parser.PARSER_VERSION}+rapidocr-{ocr.engine_version()}"


def version_of(result: Report | Refusal) -> str:
    """Parser version to store with what was read without the recogniser."""
    return version_unread() if is_scan(result) else parser.PARSER_VERSION


def present(version: str) -> bool:
    """Whether a document of this parser version need not be read again."""
    plain, _plus, _recogniser = version.partition("+")
    return plain == parser.PARSER_VERSION or (version == version_unread() and not ocr.available())
