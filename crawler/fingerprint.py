"""What of a document counts as its content when two captures of one address are compared."""

from __future__ import annotations

import hashlib

from crawler import phrases
from crawler.page import Page, looks_like_html, squeeze

_HERE = "http://fingerprint.invalid/"


# What of an element's markup tells a reader how to take it; addresses and scripts do not.
_SHAPING = ("colspan", "rowspan", "class", "style", "hidden")


def fingerprint(payload: bytes) -> str:
    """A digest of ``payload`` that counters, the time of day and markup do not touch.

    For anything but HTML it is the SHA-256 of the bytes.
    """
    if not looks_like_html(payload):
        return hashlib.sha256(payload).hexdigest()
    return _digest(_content(Page(_HERE, payload)))


def reads_alike(one: bytes, other: bytes) -> bool:
    """Whether two HTML documents differ only in counters, addresses and scripts, so that both are read the same."""
    if not (looks_like_html(one) and looks_like_html(other)):
        return one == other
    first, second = Page(_HERE, one), Page(_HERE, other)
    return _content(first) == _content(second) and _shape(first) == _shape(second)


def _content(page: Page) -> str:
    return squeeze(phrases.pattern("details", "counters").sub("", page.visible_text))


def _shape(page: Page) -> list[object]:
    nodes = (node for node in page.root.iter() if isinstance(node.tag, str))
    return [page.metas, *((node.tag, *map(node.get, _SHAPING)) for node in nodes)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
