"""From bytes to report: the one entry point of the parsers."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.report import Report

PARSER_VERSION = "1"
"""Raised whenever the parsers may read a document differently; stored with every report."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from and what the pages that led to it said of it.

    ``url`` is None for a local file without a manifest. ``title`` is the text of the link
    that led here, ``published_on`` (ISO date) and ``publisher`` what the list or the landing
    page stated. ``trusted`` is whether the host belongs to a registered portal; hosts under
    gov.cn need no registration.
    """

    url: str | None = None
    title: str | None = None
    published_on: str | None = None
    publisher: str | None = None
    landing_url: str | None = None
    file_name: str | None = None
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document is not taken as a report: a stable code and a sentence for people."""

    reason: str
    detail: str


def extract(payload: bytes, origin: Origin) -> Report | Refusal:
    """Read ``payload`` (a whole file, format told by its content) into a report, or say why not.

    Pure: no network, no database. May abort the process on hostile PDFs, so callers run it
    in a process pool under limits.
    """
    raise NotImplementedError
