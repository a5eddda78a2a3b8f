"""Organ and reporting year as a title states them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from parsers.normalise import squeeze

_YEAR = r"20[0-4]\d"
_CORE = re.compile(
    rf"(?:政府|政务)?信息公开(?:工作)?(?:(?P<year>{_YEAR})年?度?)?(?:年度|年)?(?:工作)?(?:情况)?(?:的)?(?:报告|年报)"
)
_BARE_CORE = re.compile(r"(?:政府信息公开|政务公开|信息公开)工作?年度?(?:报告|年报)")
_ORGAN_YEAR = re.compile(rf"(?<!\d)(?P<year>{_YEAR})(?!\d)(?:年度|年)?")
_LEADING = re.compile(
    r"^(?:关于(?:印发|公布|发布|报送)?|[【\[(〔《].{0,12}?[】\])〕》]|[:：、,，.。\-—_|>》《\"“”' ]|附件\d?[:：]?)+"
)
# The number of an official document printed before its title: 明林发〔2025〕2号.
_DOCUMENT_NUMBER = re.compile(r"^[(【\[]?[\u4e00-\u9fff]{1,12}[〔【\[(]20\d\d[〕】\])]第?\d{1,4}号[)】\]]?")
_TRAILING = re.compile(r"(?:年度|[\-—_|>《\"“”':：、,，.。 (（【\[])+$")
_SEPARATORS = re.compile(r"\s+[-–—|_]+\s+|[|｜>＞]|—{2,}|_|-(?=\D)")
_EXTENSION = re.compile(r"\.(?:pdf|docx?|wps|html?|txt|xlsx?|rtf|zip|rar|jpe?g|png|tiff?|bmp|webp|gif)$", re.I)
_TAIL_ALLOWED = re.compile(r"^(?:[(（【\[].{0,12}[)）】\]]|[\s.。》”\"]*)*$")


@dataclass(frozen=True, slots=True)
class Title:
    """A title read as that of a report; ``organ`` and ``year`` where it states them."""

    text: str
    organ: str | None
    year: int | None
    complete: bool
    """Whether nothing but a note in brackets follows the statutory phrase."""


@cache
def phrases() -> dict[str, list[str]]:
    """The word lists of ``phrases.toml``."""
    return tomllib.loads(resources.files("parsers").joinpath("phrases.toml").read_text("utf-8"))


def read_title(text: str) -> Title | None:
    """Read a title; None where it does not name an annual report on disclosure.

    The organ is what is left of the statutory phrase without the year; 政府 is shared where
    a title says 人民政府信息公开.
    """
    candidates = [part for part in _SEPARATORS.split(text) if part.strip()]
    best: Title | None = None
    for part in [text, *candidates] if len(candidates) > 1 else [text]:
        title = _read(_EXTENSION.sub("", squeeze(part)))
        if title and (best is None or _rank(title) > _rank(best)):
            best = title
    return best


def _rank(title: Title) -> tuple[bool, bool, int]:
    return title.organ is not None, title.year is not None, -len(title.text)


def _read(line: str) -> Title | None:
    matches = list(_CORE.finditer(line)) or list(_BARE_CORE.finditer(line))
    if not matches:
        return None
    core = matches[-1]
    before, after = _DOCUMENT_NUMBER.sub("", line[: core.start()]), line[core.end() :]
    year = core.groupdict().get("year")
    years = list(_ORGAN_YEAR.finditer(before))
    if years and not year:
        year = years[-1]["year"]
    organ = before
    for match in reversed(years):
        organ = organ[: match.start()] + organ[match.end() :]
    organ = _LEADING.sub("", organ)
    organ = _TRAILING.sub("", organ)
    if organ.endswith("人民") and core.group().startswith("政府"):
        organ += "政府"
    return Title(
        text=line,
        organ=organ if is_organ_name(organ) else None,
        year=int(year) if year else None,
        complete=bool(_TAIL_ALLOWED.match(after)),
    )


def is_organ_name(name: str) -> bool:
    """Whether a string can be the name of an organ: Han characters, no column name, sane length."""
    return (
        2 <= len(name) <= 40
        and name not in phrases()["not_an_organ"]
        and not re.search(r"[^\w()（）、·\-]", name)
        and sum("\u4e00" <= character <= "\u9fff" for character in name) >= max(2, len(name) // 2)
    )


def refusal_by_title(titles: Iterable[str]) -> tuple[str, str] | None:
    """(reason, detail) where a title says that this is something else, None where it does not."""
    words = phrases()
    for text in titles:
        line = _EXTENSION.sub("", squeeze(text))
        title = read_title(text)
        found = next((word for word in words["interpretation"] if word in line), None)
        if found and (title or "信息公开" in line):
            return "interpretation", f"标题含“{found}”：{line[:80]}"
        if title and title.complete and not line.endswith("的通知"):
            lead = line[: line.rfind("信息公开")]
            notice = next((word for word in ("关于做好", "关于编制", "关于报送", "关于印发") if word in lead), None)
            if notice:
                return "notice", f"标题含“{notice}”：{line[:80]}"
            return None
        other = next((word for word in words["other_reports"] if word in line), None)
        if other:
            return "other_report", f"标题含“{other}”：{line[:80]}"
        found = next((word for word in words["not_a_report"] if word in line), None)
        if found:
            reason = "notice" if found in ("通知", "通报", "通告", "公告", "批复", "函") else "not_report"
            return reason, f"标题含“{found}”：{line[:80]}"
    return None
