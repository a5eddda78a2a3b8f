"""ZIP and RAR attachments → the one report inside; MHTML → its page."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from parsers import media
from parsers.document import Document, UnreadableDocumentError
from parsers.normalise import tidy
from parsers.readers import programs
from parsers.readers.encoding import decode
from parsers.readers.zip_errors import ZIP_ERRORS
from parsers.recognise import looks_like_report

MAX_FILES = 200
MAX_BYTES = 20 * 1024 * 1024
MAX_TOTAL = 60 * 1024 * 1024
MAX_RATIO = 200
SECONDS = 10.0
MEMORY_BYTES = 500_000_000
_MOST_ENTRIES = 1000  # folders among them
_NAME_IS_UTF8 = 0x800
_MANY = 8
# bsdtar takes a file for a ZIP archive that has the directory of one near its end, as a RAR archive
# has whose last member is a Word file packed without compression. Nothing after its end counts.
_ZIP_TAIL = 1 << 16
_ARCHIVES = {media.ZIP, media.RAR, media.SEVEN_ZIP, media.GZIP}
Reader = Callable[[bytes], Document]


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    name: str
    payload: bytes


def read_zip(payload: bytes, read: Reader) -> Document:
    """Read the one report in a ZIP file with ``read``.

    Raises UnreadableDocumentError: ``no_report_inside`` or ``several_inside`` naming what is
    inside, ``encrypted``, ``truncated``, ``broken_archive``, ``too_big``, or what reading the report raises.
    """
    return _only_report(_unzip(payload), read)


def read_rar(payload: bytes, read: Reader) -> Document:
    """Read the one report in a RAR file, as :func:`read_zip` does.

    Raises ``needs_unrar`` where no program that unpacks RAR is installed.
    """
    return _only_report(_unrar(payload), read)


def members(payload: bytes) -> list[Member]:
    """The files in a ZIP or RAR file, packers' own left out; none for any other file.

    Raises UnreadableDocumentError as :func:`read_zip` and :func:`read_rar` do.
    """
    unpack = {media.ZIP: _unzip, media.RAR: _unrar}.get(media.sniff(payload))
    return unpack(payload) if unpack else []


def read_mhtml(payload: bytes, read: Reader) -> Document:
    """Read the page in a web archive as word processors save it, often under the name .doc."""
    message = email.message_from_bytes(payload, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                return read(content)
    raise UnreadableDocumentError("broken_archive", "the web archive holds no page")


def _unzip(payload: bytes) -> list[Member]:
    members: list[Member] = []
    if b"PK\x05\x06" not in payload:
        raise UnreadableDocumentError("truncated", "the archive breaks off before its directory; fetch it again")
    # Reading a directory of very many entries takes long; its end says how many, 65,535 for more.
    end = payload.rfind(b"PK\x05\x06")
    if (count := int.from_bytes(payload[end + 10 : end + 12], "little")) > _MOST_ENTRIES:
        _check_count(count)
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_count(len(entries))
            total = 0
            for entry in entries:
                name = _name(entry)
                if not _of_interest(name) or stat.S_ISLNK(entry.external_attr >> 16):
                    continue
                if entry.flag_bits & 0x1:
                    raise UnreadableDocumentError("encrypted", "the archive asks for a password")
                total += entry.file_size
                if (
                    entry.file_size > MAX_BYTES
                    or total > MAX_TOTAL
                    or entry.file_size > 100_000 + MAX_RATIO * entry.compress_size
                ):
                    raise UnreadableDocumentError("too_big", f"“{name[:60]}” unpacks to {entry.file_size:,} bytes")
                with archive.open(entry) as stream:
                    content = stream.read(entry.file_size + 1)
                if len(content) > entry.file_size:
                    raise UnreadableDocumentError("too_big", f"“{name[:60]}” unpacks to more than it declares")
                members.append(Member(name, content))
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError("broken_archive", f"the archive cannot be unpacked: {error}"[:200]) from error
    return members


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of a file; packers write GBK, or UTF-8, without saying so."""
    if entry.flag_bits & _NAME_IS_UTF8:
        return entry.filename
    try:
        return decode(entry.filename.encode("cp437"))[0]
    except UnicodeEncodeError:
        return entry.filename


def _unrar(payload: bytes) -> list[Member]:
    program = programs.find("bsdtar", "unrar", "unar")
    if program is None:
        raise UnreadableDocumentError("needs_unrar", "install bsdtar, unrar or unar to read RAR archives")
    with tempfile.TemporaryDirectory(prefix="nianbao-") as name:
        folder = Path(name)
        (folder / "inside").mkdir()
        (folder / "archive.rar").write_bytes(payload + bytes(_ZIP_TAIL))
        command = {
            "bsdtar": [program, "-x", "-f", "archive.rar", "-C", "inside", "--no-same-permissions"],
            "unrar": [program, "x", "-inul", "-y", "-p-", "archive.rar", "inside/"],
            "unar": [program, "-q", "-no-directory", "-password", "", "-output-directory", "inside", "archive.rar"],
        }[Path(program).name]
        code = programs.run(
            command,
            folder,
            seconds=SECONDS,
            memory_bytes=MEMORY_BYTES,
            disk_bytes=MAX_TOTAL + len(payload),
            files=MAX_FILES + 1,
        )
        members = list(_files_below(folder / "inside"))
        if code and not members:
            raise UnreadableDocumentError(
                "broken_archive", "the RAR archive cannot be unpacked; it is damaged or asks for a password"
            )
        if code:
            raise UnreadableDocumentError("broken_archive", "the RAR archive could be unpacked only in part")
        return members


def _files_below(folder: Path) -> Iterable[Member]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for file in sorted(names):
            path = Path(parent) / file
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file() or not _of_interest(name):
                continue
            if path.stat().st_size > MAX_BYTES:
                raise UnreadableDocumentError("too_big", f"“{name[:60]}” unpacks to more than {MAX_BYTES:,} bytes")
            yield Member(name, path.read_bytes())


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise UnreadableDocumentError("too_big", f"the archive holds {count} files; at most {MAX_FILES} are looked at")


def _of_interest(name: str) -> bool:
    """Whether a file is none that packers and editors leave behind."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" not in path.parts and not path.name.startswith((".", "~$")) and path.name != "Thumbs.db"


def _only_report(members: list[Member], read: Reader) -> Document:
    """The one report among the members; equal copies count once."""
    distinct: dict[str, Member] = {}
    for member in members:
        if member.payload.strip() and media.sniff(member.payload) not in _ARCHIVES:
            distinct.setdefault(hashlib.sha256(member.payload).hexdigest(), member)
    documents: list[tuple[Member, Document]] = []
    errors: list[UnreadableDocumentError] = []
    for member in distinct.values():
        try:
            documents.append((member, read(member.payload)))
        except UnreadableDocumentError as error:
            errors.append(error)
    reports = [pair for pair in documents if looks_like_report(pair[1])]
    if not reports and len(documents) == 1:
        reports = documents
    if len(reports) != 1:
        names = "、".join(f"“{tidy(member.name)[-60:]}”" for member in members[:_MANY]) or "（空）"
        names += f" 等{len(members)}个文件" if len(members) > _MANY else ""
        if not documents and len(errors) == 1 and len(distinct) == 1:
            raise UnreadableDocumentError(errors[0].reason, f"{names}: {errors[0].detail}")
        if reports:
            raise UnreadableDocumentError("several_inside", f"压缩包内有{len(reports)}份报告，请逐份导入：{names}")
        raise UnreadableDocumentError("no_report_inside", f"压缩包内没有可读的报告：{names}")
    [(member, document)] = reports
    document.title_candidates.append(PurePosixPath(member.name.replace("\\", "/")).stem)
    document.warnings.append(f"unpacked from {tidy(member.name)[-100:]}")
    return document
