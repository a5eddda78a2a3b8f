"""What of a document counts as its content when two captures of one address are compared."""

from __future__ import annotations

import hashlib

from crawler import phrases
from crawler.page import Page, looks_like_html, squeeze


def fingerprint(payload: bytes) -> str:
    """A digest of ``payload`` that counters, the time of day and markup do not touch.

    For anything but HTML it is the SHA-256 of the bytes.
    """
    if not looks_like_html(payload):
        return hashlib.sha256(payload).hexdigest()
    text = Page("http://fingerprint.invalid/", payload).visible_text
    text = phrases.pattern("details", "counters").sub("", text)
    return hashlib.sha256(squeeze(text).encode("utf-8", "surrogatepass")).hexdigest()
