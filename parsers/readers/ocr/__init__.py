"""Scanned pages and pictures, read with the optional extra ``ocr``.

A page is straightened, its ruled cells are found as in any PDF and each is recognised by
itself; prose is found and recognised line by line. Everything read here carries a
:class:`~parsers.document.Recognition`, and no figure is kept on its word alone.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

_MODULES = ("cv2", "numpy", "onnxruntime", "rapidocr")
# The runtime reports each use of it to its maker over the network unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


@cache
def available() -> bool:
    """Whether the extra ``ocr`` is installed."""
    return all(find_spec(name) is not None for name in _MODULES)


@cache
def engine_version() -> str:
    """Version of the recogniser, '' without the extra."""
    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return ""
