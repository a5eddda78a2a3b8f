"""Organ and reporting year as a title states them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from parsers.normalise import squeeze

_SHORT = 200
_YEAR = r"20[0-4]\d"
_CORE = re.compile(
    rf"(?:政府|政务)?信息公开(?:工作)?(?:(?P<year>{_YEAR})年?度?)?(?:年度|年)?(?:工作)?(?:年度)?(?:情况)?(?:的)?(?:报告|年报)"
)
_BARE_CORE = re.compile(r"(?:政府信息公开|政务公开|信息公开)工作?年度?(?:报告|年报)")
_ORGAN_YEAR = re.compile(rf"(?<!\d)(?P<year>{_YEAR})(?!\d)(?:年度|年)?")
_HAN_YEAR = re.compile(r"二[〇○零0Oo][〇○零一二三四五六七八九]{2}(?=年)")
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九Oo", "000123456789" + "00")
# 2022—2023年, 2022年和2023年: neither is the one year of a report.
_YEARS = re.compile(rf"(?<!\d){_YEAR}年?度?(?:[-—–~至到和与及、]|/)+{_YEAR}(?!\d)年?度?")
_YEAR_IN_BRACKETS = re.compile(rf"^[(【\[](?P<year>{_YEAR})年度?[)】\]]$")
# What converters leave of a year: 24年, 202年, 2O24年.
_BROKEN_YEAR = re.compile(r"[\dOoIl]{1,6}年度?")
# What templates have in place of a name.
_PLACEHOLDER = re.compile(r"[xX]{2}|[Xx](?=[省市县区局镇乡])|某|○○|〇〇|__")
_ABOUT = re.compile(r"(?:关于(?:报送|上报|公布|发布|公开|印发|编制|做好)?|的)$")
_LEADING = re.compile(
    r"^(?:(?:标题|名称|题名|题目|信息名称|文件名称)[:：]|关于(?:印发|公布|发布|报送)?"
    r"|[【\[(〔《].{0,12}?[】\])〕》]|[:：、,，.。\-—_|>》《\"“”' ]|附件\d?[:：]?)+"
)
# The number of an official document printed before its title: 明林发〔2025〕2号.
_DOCUMENT_NUMBER = re.compile(r"^[(【\[]?[\u4e00-\u9fff]{1,12}[〔【\[(]20\d\d[〕】\])]第?\d{1,4}号[)】\]]?")
_EMPTY_BRACKETS = re.compile(r"\(\)|（）|【】|\[\]")
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
    return _read_short_title(text) if len(text) <= _SHORT else _read_title(text)


def _read_title(text: str) -> Title | None:
    candidates = title_parts(text)
    best: Title | None = None
    for part in [text, *candidates] if len(candidates) > 1 else [text]:
        title = _read(_EXTENSION.sub("", squeeze(part)))
        if title and (best is None or _rank(title) > _rank(best)):
            best = title
    return best


# The same lines are asked about several times; long ones would only fill the memory.
_read_short_title = lru_cache(maxsize=512)(_read_title)


def title_parts(text: str) -> list[str]:
    """Split a page's title at the separators between document, column and site."""
    return [part for part in _SEPARATORS.split(text) if part.strip()]


def _rank(title: Title) -> tuple[bool, bool, int]:
    return title.organ is not None, title.year is not None, -len(title.text)


def _read(line: str) -> Title | None:
    line = _HAN_YEAR.sub(lambda year: year.group().translate(_HAN_DIGITS), line)
    matches = list(_CORE.finditer(line)) or list(_BARE_CORE.finditer(line))
    if not matches:
        return None
    core = matches[-1]
    before, after = _DOCUMENT_NUMBER.sub("", line[: core.start()]), line[core.end() :]
    year = core.groupdict().get("year")
    several = _YEARS.search(before)
    before = _YEARS.sub("", before)
    years = list(_ORGAN_YEAR.finditer(before))
    if years and not year:
        year = years[-1]["year"]
    if not year and (stated := _YEAR_IN_BRACKETS.match(after)):
        year = stated["year"]
    organ = before
    for match in reversed(years):
        organ = organ[: match.start()] + organ[match.end() :]
    organ = _EMPTY_BRACKETS.sub("", _BROKEN_YEAR.sub("", organ))
    organ = _LEADING.sub("", organ)
    organ = _ABOUT.sub("", _TRAILING.sub("", organ))
    if organ.endswith("人民") and core.group().startswith("政府"):
        organ += "政府"
    return Title(
        text=line,
        organ=organ if is_organ_name(organ) else None,
        year=int(year) if year and not several else None,
        complete=bool(_TAIL_ALLOWED.match(after)),
    )


def _of_something_else(title: Title, line: str) -> str | None:
    """Say why a complete title is that of a shorter period's report or of a body that is no government."""
    before, core = _around_core(line)
    shorter = re.search(rf"(?:{phrases()['shorter_period']})$", before)
    if shorter:
        return f"标题含“{shorter.group()}”，不是年度报告"
    body = next((word for word in phrases()["other_bodies"] if (title.organ or "").endswith(word)), None)
    if body and core.startswith("信息"):
        return f"“{body}”的信息公开年报，不是政府信息公开年报"
    subject = next((word for word in phrases()["other_disclosure"] if before.endswith(word)), None)
    return f"标题含“{subject}信息公开”" if subject and core.startswith("信息") else None


def _around_core(line: str) -> tuple[str, str]:
    """(what stands before the statutory phrase, the year left out; the phrase)."""
    cores = list(_CORE.finditer(line))
    return (_ORGAN_YEAR.sub("", line[: cores[-1].start()]), cores[-1].group()) if cores else ("", "")


def _label(line: str) -> str | None:
    labels = "|".join(phrases()["interpretation_label"])
    label = re.match(rf"[【\[(〔《]?({labels})(?:版|解)?[】\])〕》|:丨\-—]", line)
    return label[1] if label else None


def is_organ_name(name: str) -> bool:
    """Whether a string can be the name of an organ: Han characters, no column name, sane length."""
    return (
        2 <= len(name) <= 40
        and name not in phrases()["not_an_organ"]
        and not re.search(r"[^\w()（）·\-]", name)
        and not _PLACEHOLDER.search(name)
        and not any(re.search(pattern, name) for pattern in phrases()["not_an_organ_pattern"])
        and sum("\u4e00" <= character <= "\u9fff" for character in name) >= max(2, len(name) // 2)
    )


def refusal_by_title(titles: Iterable[str]) -> tuple[str, str] | None:
    """(reason, detail) where a title says that this is something else, None where it does not."""
    words = phrases()
    for text in titles:
        line = _EXTENSION.sub("", squeeze(text))
        title = read_title(text)
        found = next((word for word in words["interpretation"] if word in line), None) or _label(line)
        if found and (title or "信息公开" in line):
            return "interpretation", f"标题含“{found}”：{line[:80]}"
        if title and title.complete and not line.endswith("的通知"):
            lead = line[: line.rfind("信息公开")]
            draft = next((word for word in words["not_final"] if word in line[line.rfind("信息公开") :]), None)
            if draft:
                return "not_report", f"标题含“{draft}”：{line[:80]}"
            if reason := _of_something_else(title, line):
                return "other_report", f"{reason}：{line[:80]}"
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
