"""Programs that are not ours and turn sources into documents, many at a time."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in _BROWSERS if (path := shutil.which(name))), "")
SOFFICE = next((path for name in ("soffice", "libreoffice") if (path := shutil.which(name))), "")
_SOFFICE_SECONDS = 30.0
_SOFFICE_START_SECONDS = 60.0

Render = Callable[[Sequence[bytes], str], list[bytes]]


@dataclass(frozen=True, slots=True)
class Renderer:
    """A program: how it renders sources to files of a suffix, and why it cannot here ('' where it can)."""

    name: str
    render: Render
    missing: str = ""


class RenderingFailedError(Exception):
    """A program made no document of a source."""


def _by_hand(sources: Sequence[bytes], suffix: str) -> list[bytes]:
    return list(sources)


_FILTERS = {
    ".pdf": "pdf",
    ".docx": "docx:MS Word 2007 XML",
    ".doc": "doc:MS Word 97",
    ".rtf": "rtf:Rich Text Format",
    ".odt": "odt:writer8",
    ".html": "html",
    ".xls": "xls:MS Excel 97",
    ".xlsx": "xlsx:Calc MS Excel 2007 XML",
    ".xml": "xml:MS Word 2003 XML",
    ".txt": "txt:Text (encoded):UTF8",
}


def _soffice(source_suffix: str) -> Render:
    """LibreOffice, one call for all sources, in a profile of its own."""

    def render(sources: Sequence[bytes], suffix: str) -> list[bytes]:
        with tempfile.TemporaryDirectory(prefix="corpus-") as name:
            folder = Path(name)
            files = [folder / f"{number:04}{source_suffix}" for number in range(len(sources))]
            for file, payload in zip(files, sources, strict=True):
                file.write_bytes(payload)
            command = [
                SOFFICE,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                _FILTERS[suffix],
                "--outdir",
                str(folder / "output"),
                *map(str, files),
            ]
            seconds = _SOFFICE_START_SECONDS + _SOFFICE_SECONDS * len(sources)
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
            made = [folder / "output" / f"{file.stem}{suffix}" for file in files]
            absent = [file.name for file in made if not file.is_file()]
            if absent:
                raise RenderingFailedError(f"LibreOffice made no {absent[0]}: {done.stderr.strip()[:300]}")
            return [file.read_bytes() for file in made]

    return render


def _chromium(sources: Sequence[bytes], suffix: str) -> list[bytes]:
    """Chromium's print to PDF, one browser for all pages; the page's own ``@page`` rules hold."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(java_script_enabled=False)
        printed = []
        for source in sources:
            page.set_content(source.decode("utf-8"))
            printed.append(page.pdf(prefer_css_page_size=True, print_background=True))
        browser.close()
    return printed


def _weasyprint(sources: Sequence[bytes], suffix: str) -> list[bytes]:
    import weasyprint

    return [weasyprint.HTML(string=source.decode("utf-8")).write_pdf() for source in sources]


def _module_missing(name: str) -> str:
    return "" if importlib.util.find_spec(name) else f"install the extra `bench` for {name}"


_NO_SOFFICE = "" if SOFFICE else "install LibreOffice (Debian: libreoffice-writer libreoffice-calc)"
_NO_CHROMIUM = _module_missing("playwright") if CHROMIUM else "install chromium"

RENDERERS = {
    renderer.name: renderer
    for renderer in (
        Renderer("hand", _by_hand),
        Renderer("reportlab", _by_hand),
        Renderer("libreoffice", _soffice(".docx"), _NO_SOFFICE),
        Renderer("libreoffice-web", _soffice(".html"), _NO_SOFFICE),
        Renderer("libreoffice-calc", _soffice(".xlsx"), _NO_SOFFICE),
        Renderer("chromium", _chromium, _NO_CHROMIUM),
        Renderer("rasteriser", _chromium, _NO_CHROMIUM),
        Renderer("weasyprint", _weasyprint, _module_missing("weasyprint")),
    )
}
