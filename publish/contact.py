"""Where a reader of the site can report an error: an e-mail address or a web page."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from publish.errors import SiteError

_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def contact_link(contact: str) -> str:
    """Return the address to link to. Raises SiteError where it is neither e-mail address nor http(s) page."""
    if _MAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@+')}"
    try:
        parts = urlsplit(contact)
        if parts.scheme in ("http", "https") and parts.hostname:
            return contact
    except ValueError:
        pass
    raise SiteError(f"'{contact}' is neither an e-mail address nor an http(s) address")
