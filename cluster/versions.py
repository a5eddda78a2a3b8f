"""What a machine must have in common with the others for all of them to read and crawl alike."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from archive.store import program_version
from cluster.errors import ClusterError
from parsers.extract import PARSER_VERSION
from parsers.readers import ocr

_PACKAGES = ("archive", "checks", "cluster", "crawler", "parsers")
_OURS = "nianbao"


@cache
def present() -> dict[str, str]:
    """Names and versions of all that results depend on."""
    return {
        "nianbao": program_version(),
        "parsers": PARSER_VERSION,
        "code": _code(),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "recogniser": ocr.engine_version() if ocr.available() else "none",
        **_libraries(),
    }


def differences(expected: dict[str, str], found: dict[str, str]) -> str:
    """In words, how ``found`` differs from ``expected``; empty if it does not."""
    return ", ".join(
        f"{name} {found.get(name, 'none')} instead of {version}"
        for name, version in expected.items()
        if found.get(name) != version
    )


def require(expected: dict[str, str]) -> None:
    """Raise ClusterError unless this machine has what the coordinating machine expects.

    Workers may join, and programs be installed anew, at any time.
    """
    if differing := differences(expected, present()):
        raise ClusterError(
            f"the worker {platform.node()} has {differing}: install the same version on every machine, and start"
            " the workers anew"
        )


def _code() -> str:
    digest = hashlib.sha256()
    for package in _PACKAGES:
        spec = find_spec(package)
        folder = Path(next(iter((spec and spec.submodule_search_locations) or ())))
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".toml", ".tsv"):
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _libraries() -> dict[str, str]:
    """The versions of the libraries that every installation of the program has."""
    try:
        required = importlib.metadata.requires(_OURS) or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in required if "extra ==" not in line]
    return {name: importlib.metadata.version(name) for name in sorted(names)}
