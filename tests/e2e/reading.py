"""What tests of the site share: an archive with known truth, the served site, and Chromium."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parsers.report import Report
from sample.generator import SampleReport
from tests.e2e import program
from tests.e2e.expectations import report_ids
from tests.e2e.files import RENDERERS, reports

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ORGAN = "wjw"
FORMATS = {2021: ".docx", 2022: ".html", 2023: ".html", 2024: ".pdf"}
CLAIMED = 97
"""How many requests the prose of the contradictory reports says were received; no table of the sample prints it."""
CONTRADICTORY = (2023, 2024)
_RECEIVED = re.compile(r"((?:受理|收到|新收到)(?:政府信息公开)?申请)\d+件")


@dataclass(frozen=True)
class KnownArchive:
    """An archive of one organ's reports, each in another format, with the truth of every one."""

    folder: Path
    truth: dict[int, Report]
    ids: dict[int, str]

    @property
    def organ(self) -> str:
        return self.truth[2023].organ


def _contradict(sample: SampleReport) -> SampleReport:
    report = Report.from_json(sample.report.to_json())
    for at, section in enumerate(report.sections):
        text, times = _RECEIVED.subn(rf"\g<1>{CLAIMED}件", section.text)
        if times:
            report.sections[at] = replace(section, text=text)
            return replace(sample, report=report)
    raise AssertionError("the prose states no number of requests")


def build_known_archive(folder: Path) -> KnownArchive:
    """Import one organ's reports of four years into ``folder``; the prose of two contradicts table 三."""
    files = folder / "files"
    files.mkdir(parents=True)
    truth: dict[int, Report] = {}
    for sample in reports():
        year = sample.report.year
        if sample.organ.key == ORGAN and year in FORMATS:
            written = _contradict(sample) if year in CONTRADICTORY else sample
            truth[year] = written.report
            (files / f"{year}{FORMATS[year]}").write_bytes(RENDERERS[FORMATS[year]](written))
    program.run(folder, "import", "files")
    ids = {year: key for (_organ, year), key in report_ids(folder).items()}
    assert ids.keys() == FORMATS.keys()
    return KnownArchive(folder, truth, ids)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str) -> Any:
    """Open ``url``; no proxy of the environment stands between a test and loopback."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30)


def _answers(url: str) -> bool:
    try:
        with fetch(url) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve the archive in ``folder`` by ``nianbao serve``; gives its address and the process's id.

    A traceback in what the server printed fails the test.
    """
    port = free_port()
    process = program.start(folder, "serve", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while not _answers(url):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the site did not start"
        time.sleep(0.1)
    try:
        yield url, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors, errors


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's Chromium under Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
