"""The site's own error: foreseeable, with a message for the person who runs it."""

from __future__ import annotations


class SiteError(Exception):
    """The site cannot be built or served; the message says what to do."""
