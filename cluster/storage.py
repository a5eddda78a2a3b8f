"""Storage that every machine of a cluster sees: a folder, or whatever else fsspec reaches by a URL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from archive.warc import Location
from cluster.errors import ClusterError

CAPTURES = "captures"


class Storage:
    """The storage at ``url``: an absolute folder, or a URL such as ``s3://bucket/folder``.

    Names within it are relative, with slashes. What is written under a name is there as a whole
    or not at all. Every method raises ClusterError where the storage cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        with self._told("open"):
            # A listing that was remembered would hide what other machines have written since.
            self._fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
        self._root = str(root).rstrip("/")

    def read(self, name: str) -> bytes:
        """The content of a file."""
        with self._told(f"read {name} in"):
            return bytes(self._fs.cat_file(self._path(name)))

    def record(self, location: Location) -> bytes:
        """The record at a place in a WARC file of the captures."""
        name = f"{CAPTURES}/{Path(location.warc).name}"
        with self._told(f"read {name} in"):
            end = location.offset + location.length
            return bytes(self._fs.cat_file(self._path(name), start=location.offset, end=end))

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        with self._told(f"write {name} to"):
            path = self._path(name)
            self._make_folder(path)
            if not self._is_local:
                self._fs.pipe_file(path, content)
                return
            partial = Path(f"{path}.partial")
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)

    def put(self, name: str, file: Path) -> None:
        """Write a file that stands on this machine."""
        with self._told(f"write {name} to"):
            path = self._path(name)
            self._make_folder(path)
            if not self._is_local:
                self._fs.put_file(str(file), path)
                return
            _copy(file, Path(path))

    def get(self, name: str, file: Path) -> None:
        """Bring a file to this machine, durably."""
        with self._told(f"read {name} in"):
            if self._is_local:
                _copy(Path(self._path(name)), file)
                return
            partial = file.with_name(f"{file.name}.partial")
            self._fs.get_file(self._path(name), str(partial))
            _take_place(partial, file)

    def copy(self, name: str, other: str) -> None:
        """Copy a file within the storage."""
        with self._told(f"write {other} to"):
            path, target = self._path(name), self._path(other)
            self._make_folder(target)
            if not self._is_local:
                self._fs.cp_file(path, target)
                return
            _copy(Path(path), Path(target))

    def size(self, name: str) -> int | None:
        """The size of a file in bytes, None if there is none."""
        with self._told(f"read {name} in"):
            try:
                return int(self._fs.size(self._path(name)) or 0)
            except FileNotFoundError:
                return None

    def names(self, folder: str) -> list[str]:
        """The names of what stands in a folder, sorted; empty if there is no such folder."""
        with self._told(f"read {folder} in"):
            try:
                found = self._fs.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
        return sorted(name for path in found if (name := str(path).rstrip("/").rpartition("/")[2]))

    def remove(self, folder: str) -> None:
        """Remove a folder with all that is in it; what is not there is no error."""
        with self._told(f"remove {folder} in"), suppress(FileNotFoundError):
            self._fs.rm(self._path(folder), recursive=True)

    def holds(self, folder: Path) -> bool:
        """Whether the captures of this storage are the very ``folder`` of this machine."""
        return self._is_local and Path(self._path(CAPTURES)).resolve() == folder.resolve()

    @property
    def _is_local(self) -> bool:
        return isinstance(self._fs, LocalFileSystem)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_folder(self, path: str) -> None:
        # Object stores know no folders, and asking for a bucket may not be allowed.
        if self._is_local:
            Path(path).parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except ClusterError:
            raise
        except ImportError as error:
            raise ClusterError(f"cannot {what} {self.url}: {error}; for S3: pip install 'nianbao[s3]'") from error
        except Exception as error:
            # Every kind of storage has its own errors.
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ClusterError(
                f"cannot {what} {self.url}: {' '.join(str(reason).split())}; check its rights"
            ) from error


def is_url(storage: str) -> bool:
    """Whether ``storage`` names anything but a folder."""
    return "://" in storage


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    shutil.copyfile(source, partial)
    _take_place(partial, target)


def _take_place(partial: Path, target: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
