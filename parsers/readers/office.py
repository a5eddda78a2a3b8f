"""DOC, WPS, RTF and the like → document, through LibreOffice's own conversion to DOCX."""

from __future__ import annotations

import tempfile
from pathlib import Path

from parsers import media
from parsers.document import Document, UnreadableDocumentError
from parsers.readers import programs
from parsers.readers.docx import read_docx

SECONDS = 17.0  # below the limit for a whole document, so that the refusal says what took so long
MEMORY_BYTES = 1_500_000_000
DISK_BYTES = 200_000_000
_SUFFIXES = {media.DOC: ".doc", media.RTF: ".rtf", media.ODT: ".odt"}
_SECTOR = 512
_WORD_BLOCK = b"\xec\xa5\xc1\x00"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def read_office(payload: bytes, media_type: str) -> Document:
    """Read a file of an older word processor; the document carries the warning ``converted``.

    Raises UnreadableDocumentError: ``needs_soffice`` where LibreOffice is not installed,
    ``encrypted``, ``timeout``, ``too_big``, ``broken_doc`` where it converts nothing.
    """
    if media_type == media.DOC and _encrypted_doc(payload):
        raise UnreadableDocumentError("encrypted", "the Word document asks for a password")
    program = programs.find("soffice", "libreoffice")
    if program is None:
        raise UnreadableDocumentError("needs_soffice", "install LibreOffice to read DOC, WPS and RTF")
    document = read_docx(_convert(program, payload, _SUFFIXES[media_type]))
    document.media_type = media_type
    document.warnings.append("converted")
    return document


def _convert(program: str, payload: bytes, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="nianbao-") as name:
        folder = Path(name)
        settings = folder / "profile" / "user"
        settings.mkdir(parents=True)
        (settings / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
        source = folder / f"document{suffix}"
        source.write_bytes(payload)
        output = folder / "output"
        code = programs.run(
            [
                program,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--nolockcheck",
                "--nodefault",
                "--convert-to",
                "docx:MS Word 2007 XML",
                "--outdir",
                str(output),
                str(source),
            ],
            folder,
            seconds=SECONDS,
            memory_bytes=MEMORY_BYTES,
            disk_bytes=DISK_BYTES,
            # Each thread's own arena would use up the address space.
            environment={"MALLOC_ARENA_MAX": "2", "SAL_USE_VCLPLUGIN": "svp"},
        )
        converted = output / f"{source.stem}.docx"
        if converted.is_symlink() or not converted.is_file():
            raise UnreadableDocumentError(
                "broken_doc", f"LibreOffice could not convert the file (exit code {code}); open and save it by hand"
            )
        return converted.read_bytes()


def _encrypted_doc(payload: bytes) -> bool:
    """Whether the file information block of a Word binary document says that it is encrypted.

    The block begins a sector; its flags stand ten bytes in.
    """
    for start in range(_SECTOR, len(payload) - _SECTOR, _SECTOR):
        if payload.startswith(_WORD_BLOCK, start):
            return bool(payload[start + 11] & 0x01)
    return False
