"""The hosts of web addresses, read as a browser reads them or not at all."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
_ADDRESS = re.compile(r"\[[0-9a-f:.]+\]")


def host_and_port(url: str) -> tuple[str, int | None] | None:
    """Return the lower-case host of an http(s) URL, without a trailing dot, and the port that it names.

    None for anything else, and for a host with characters that no host name has: browsers end
    ``evil.example\\.gov.cn`` at the backslash.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    place = parts.netloc.rpartition("@")[2].lower()
    host = place if place.endswith("]") else re.sub(r":\d*$", "", place)
    if not (_NAME.fullmatch(host) or _ADDRESS.fullmatch(host)):
        return None
    return host.removesuffix("."), port


def is_web(url: str) -> bool:
    """Whether an address claims to be on the web, whatever its host."""
    return url.partition(":")[0].lower() in ("http", "https")
