"""TLS for the few portals whose servers know only what is outdated: named in the portal's entry, never by default."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.contextfactory import _ScrapyCertificateOptions, _ScrapyClientContextFactory

_CIPHERS = b"ALL:@SECLEVEL=0"


class LegacyContextFactory(_ScrapyClientContextFactory):
    """Accepts TLS 1.0, short keys and old ciphers; certificates are not verified, as everywhere in the crawl."""

    def _get_cert_options(self) -> _LegacyOptions:
        return _LegacyOptions(**self._get_cert_options_kwargs())


class _LegacyOptions(_ScrapyCertificateOptions):
    def _makeContext(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        context = super()._makeContext(*args, **kwargs)
        # A list of ciphers alone would keep the library's own level, which forbids short keys.
        context.set_cipher_list(_CIPHERS)
        return context
