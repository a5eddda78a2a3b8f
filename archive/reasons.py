"""What reason codes mean and what to do about them: the words of ``reasons.toml``.

Codes of portals are ``cause`` or ``outcome:cause``, such as ``robots``, ``blocked:412`` or
``failed:http:503``; those of documents and of monitors are single words.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Kind = Literal["portal", "document", "monitor"]
Language = Literal["zh", "en"]

_HTTP = re.compile(r"http:(\d)\d\d")


@dataclass(frozen=True, slots=True)
class Reason:
    """A documented code: its meaning and the advice, in both languages.

    ``after`` are the words before the colon that a portal's code may follow, none where it stands alone.
    """

    code: str
    zh: str
    en: str
    do_zh: str
    do_en: str
    after: tuple[str, ...] = ()

    def meaning(self, language: Language) -> str:
        """What the code means."""
        return self.zh if language == "zh" else self.en

    def advice(self, language: Language) -> str:
        """What to do."""
        return self.do_zh if language == "zh" else self.do_en

    @property
    def spellings(self) -> list[str]:
        """The code as it stands in the archive."""
        return [f"{word}:{self.code}" for word in self.after] or [self.code]


@cache
def all_reasons(kind: Kind) -> tuple[Reason, ...]:
    """Every documented code of ``kind``, in the order of the file."""
    text = resources.files("archive").joinpath("reasons.toml").read_text(encoding="utf-8")
    return tuple(Reason(**{**entry, "after": tuple(entry.get("after", ()))}) for entry in tomllib.loads(text)[kind])


@cache
def _by_spelling(kind: Kind) -> dict[str, Reason]:
    return {spelling: reason for reason in all_reasons(kind) for spelling in reason.spellings}


def find(kind: Kind, code: str) -> Reason | None:
    """What is documented of ``code``, None if nothing is."""
    known = _by_spelling(kind)
    return known.get(code) or known.get(_HTTP.sub(r"http:\1xx", code))


def monitor(code: str) -> Reason:
    """What the monitor ``code`` says. Raises KeyError if it is not documented."""
    return _by_spelling("monitor")[code]
