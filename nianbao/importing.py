"""Local files into the archive, as if captured."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import times
from archive.store import Archive
from nianbao import console
from parsers.extract import Origin
from parsers.readers import MAX_BYTES
from parsers.readers.encoding import decode

SUFFIXES = frozenset(
    {
        *(".html", ".htm", ".shtml", ".mht", ".pdf", ".docx", ".doc", ".wps", ".rtf", ".odt", ".xls", ".xlsx"),
        *(".xlsb", ".txt", ".md", ".zip", ".rar", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"),
    }
)


class ImportFailedError(Exception):
    """A file or manifest cannot be imported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import, whether the user named it himself, and what a manifest says of it."""

    path: Path
    named: bool
    stated: dict[str, Any] = field(default_factory=dict)


def sources(paths: Iterable[Path], manifest: Path | None) -> list[Source]:
    """The files to import in a fixed order: named ones, and of folders those of known kinds.

    Raises ImportFailedError for a missing path or an invalid manifest.
    """
    stated = _read_manifest(manifest) if manifest else {}
    found: dict[Path, Source] = {}
    for path in paths:
        if not path.exists():
            raise ImportFailedError(f"{readable(path)} does not exist; give files or folders")
        if not path.is_file() and not path.is_dir():
            raise ImportFailedError(f"{readable(path)} is neither a file nor a folder")
        files = [path] if path.is_file() else sorted(_files_below(path))
        for file in files:
            found.setdefault(file.resolve(), Source(file, path.is_file(), stated.get(file.resolve(), {})))
    if manifest:
        for resolved, entry in stated.items():
            if resolved not in found:
                if not resolved.is_file():
                    raise ImportFailedError(f"{manifest}: the file {resolved} does not exist")
                found[resolved] = Source(resolved, False, entry)
    return list(found.values())


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix.lower() in SUFFIXES:
            yield path


def _read_manifest(manifest: Path) -> dict[Path, dict[str, Any]]:
    """Lines of ``{"file", "url", "fetched_at", "title", "published_on"}``, files relative to the manifest."""
    entries: dict[Path, dict[str, Any]] = {}
    try:
        lines = manifest.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailedError(f"{manifest}: cannot be read as UTF-8 text ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise ImportFailedError(f"{manifest}, line {number}: not valid JSON ({error})") from error
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
            raise ImportFailedError(f'{manifest}, line {number}: needs at least {{"file": "…"}}')
        wrong = next((key for key, value in entry.items() if value is not None and not isinstance(value, str)), None)
        if wrong:
            raise ImportFailedError(f"{manifest}, line {number}: “{wrong}” must be text")
        path = Path(entry["file"])
        beside = manifest.parent / path
        entries[(path if path.is_absolute() or not beside.exists() else beside).resolve()] = entry
    return entries


def readable(path: Path) -> str:
    """The path as text for people and the archive: names may be in GBK and hold control characters."""
    return console.visible(" ".join(decode(os.fsencode(path))[0].splitlines()))


def capture(archive: Archive, run_id: str, source: Source) -> tuple[str, bool]:
    """Keep one file; return its SHA-256, and False where this very file was imported before.

    Raises ImportFailedError where the file cannot be read or is too big.
    """
    try:
        size = source.path.stat().st_size
        if size > MAX_BYTES:
            raise ImportFailedError(
                f"{readable(source.path)}: {size} bytes; files of at most {MAX_BYTES} bytes are taken"
            )
        payload = source.path.read_bytes()
    except OSError as error:
        raise ImportFailedError(f"{readable(source.path)}: cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(payload).hexdigest()
    url = source.stated.get("url")
    fetched_at = source.stated.get("fetched_at")
    if fetched_at:
        fetched_at = times.normalise(fetched_at)
    known = archive.db.conn.execute(
        "SELECT 1 FROM captures WHERE url = ? AND sha256 = ? AND (? IS NULL OR fetched_at = ?) LIMIT 1",
        (url or f"urn:sha256:{digest}", digest, fetched_at, fetched_at),
    ).fetchone()
    if known:
        return digest, False
    archive.record_capture(
        run_id,
        url,
        payload,
        fetched_at=fetched_at or times.now(),
        origin=Origin(
            title=source.stated.get("title"),
            published_on=source.stated.get("published_on"),
            publisher=source.stated.get("publisher"),
            file_name=readable(Path(source.path.name)),
        ),
    )
    return digest, True
