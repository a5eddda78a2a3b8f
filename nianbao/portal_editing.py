"""Changing a portal file: all else in it, comments and order included, stays as it is."""

from __future__ import annotations

import codecs
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Table

from crawler import portals
from crawler.portals import PortalFileError
from nianbao.portal_checks import findings

_NEW = "# Portals to crawl: nianbao crawl --portals FILE\n"


def add(path: Path, entry: Mapping[str, Any], *, allow_private: bool = False) -> None:
    """Append ``entry`` to the portal file ``path``, which is made if it is not there.

    Raises :class:`PortalFileError`, and leaves the file alone, if the entry has a fault or what
    stands there already cannot be read.
    """

    def append(document: tomlkit.TOMLDocument) -> None:
        if "portal" not in document:
            document.add(tomlkit.nl())
        entries = document.setdefault("portal", tomlkit.aot())
        # An array of inline tables is the other way to write the same.
        table = tomlkit.inline_table() if isinstance(entries, Array) else tomlkit.table()
        table.update(entry)
        if entries and not isinstance(entries, Array):
            entries[-1].add(tomlkit.nl())
        entries.append(table)

    _change(path, str(entry["id"]), append, allow_private=allow_private, create=True)


def change(path: Path, portal_id: str, values: Mapping[str, Any]) -> None:
    """Set ``values`` in the entry ``portal_id`` of the portal file ``path``.

    Raises :class:`PortalFileError`, and leaves the file alone, if that cannot be done.
    """

    def put(document: tomlkit.TOMLDocument) -> None:
        for table in document["portal"]:
            if table["id"] == portal_id:
                # Remarks at its end belong to the entry below: what is new goes before them.
                body = table.value.body if isinstance(table, Table) else []
                remarks = []
                while body and body[-1][0] is None:
                    remarks.append(body.pop()[1])
                table.update(values)
                for remark in reversed(remarks):
                    table.add(remark)

    # Whoever probes a private address has named it in this very file.
    _change(path, portal_id, put, allow_private=True, create=False)


def _change(
    path: Path, portal_id: str, edit: Callable[[tomlkit.TOMLDocument], None], *, allow_private: bool, create: bool
) -> None:
    # A link stays one, and what it leads to is changed.
    path = path.resolve()
    text = _NEW if create and not path.exists() else portals.read(path)
    if not create or portals.examine(text)[0]:
        portals.parse(text, str(path))
    before = {finding.message for finding in findings(text, allow_private=allow_private)}
    try:
        document = tomlkit.parse(text)
        edit(document)
    except TOMLKitError as error:
        raise PortalFileError(f"{path}: cannot be changed: {error}") from error
    changed = tomlkit.dumps(document)
    for finding in findings(changed, allow_private=allow_private):
        if finding.portal_id == portal_id and finding.message not in before:
            raise PortalFileError(f"{path}: portal “{portal_id}”: {finding.message}; nothing was written")
    portals.parse(changed, str(path))
    _write(path, changed)


def _write(path: Path, text: str) -> None:
    """Replace the file in one step; a write that fails half-way leaves the old one."""
    temporary = None
    try:
        marked = path.exists() and path.read_bytes().startswith(codecs.BOM_UTF8)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(text.encode("utf-8-sig" if marked else "utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise PortalFileError(f"{path}: cannot be written ({error.strerror}); nothing was changed") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
