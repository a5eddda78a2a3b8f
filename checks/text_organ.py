"""Another organ's text: its way to speak of itself, its report's title, its trade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from checks.prose import MOST_FINDINGS, Prose, Sentence, trimmed
from checks.rule import rule
from checks.text_words import pattern, words
from parsers.organs import classify, normalise_name
from parsers.report import Finding
from parsers.titles import read_title

RULE = rule("text.other_organ")
RULES = (RULE,)

_TOWNSHIPS = ("街道", "镇", "乡")
_GOVERNMENT = re.compile(
    r"(?:人民政府|街道办事处|街道|办事处)?(?:党政)?(?:办公室|办公厅)$|人民政府$|街道(?:办事处)?$|办事处$"
)
_TOWNSHIP = re.compile(r"[\u4e00-\u9fff]{2}(?:镇|乡|街道)(?=人民政府|办事处|$)")
_ANY_TOWNSHIP = re.compile("[各全我本所该来等及和与]|乡镇")
_DOES = re.compile("认真|严格|高度|坚持|以习近平|深入|收到|主动公开|收取")
# Without these no trade is named in a way that counts.
_TRADED = re.compile("(?:围绕|结合|立足|聚焦|做好|推进|推动|促进)|上级|局长|党组书记")
_PLACE = re.compile(r"^\w{2,}?(?:省|市|县|区|州|旗|盟)")


def check_prose(prose: Prose) -> list[Finding]:
    """Find words by which another organ speaks; names of organs that take part in something are none."""
    found: dict[tuple[str, str], Finding] = {}
    for sentence, words_, why in _signs(prose):
        if len(found) == MOST_FINDINGS:
            break
        cell = sentence.cell if sentence else ""
        evidence = prose.quote(sentence, words_) if sentence else trimmed(prose.preamble, words_)
        found.setdefault(
            (cell, words_),
            Finding(
                rule=RULE.code,
                severity="warning",
                cause=prose.cause,
                message=f"“{prose.report.organ}”的报告{why}“{words_}”，可能沿用了其他机关的文稿",
                cells=(cell,) if cell else (),
                expected=prose.report.organ,
                actual=words_,
                evidence=evidence,
                key=words_,
            ),
        )
    return list(found.values())


def _signs(prose: Prose) -> Iterator[tuple[Sentence | None, str, str]]:
    organ = normalise_name(prose.report.organ)
    foreign = _foreign_selves(organ)
    if prose.preamble and (title := _other_title(prose.preamble, organ)):
        yield None, title, "引言所称的是"
    for sentence in prose.sentences:
        text = sentence.text
        for one in foreign:
            at = text.find(one)
            if at >= 0 and _speaks(text, at, one):
                yield sentence, one, "自称"
                break
        if "《" in text and (title := _other_title(text, organ)):
            yield sentence, title, "所称的是"
        if name := _other_subject(text, organ):
            yield sentence, name, "以另一机关为主语："
        if _TRADED.search(text):
            yield from ((sentence, found, "写有") for found in _trades(text, organ))


@lru_cache(maxsize=4096)
def _foreign_selves(organ: str) -> tuple[str, ...]:
    kind = classify(organ)[1]
    selves = words()["organ"]["selves"]
    if kind == "township":
        name = re.sub(r"(?:人民政府|办事处|办)$", "", organ)
        own = next((word for word in _TOWNSHIPS if name.endswith(word)), None)
        return (*selves["township"], *(words()["organ"]["townships"].get(own, ()) if own else ()))
    if kind == "government":
        # The committee of a zone may call itself 我局's superior only in jest; its offices share its text.
        return () if organ.endswith(("委员会", "管委会")) else tuple(selves["government"])
    if kind == "department":
        found = tuple(selves["department"])
        return tuple(one for one in found if one[1:] not in organ and not ("校" in one and "校" in organ))
    return ()


def _speaks(text: str, at: int, one: str) -> bool:
    """Whether the words stand by themselves: 我镇 but not 我镇江, 本局 but not 本局域网."""
    after = text[at + len(one) : at + len(one) + 1]
    before = text[at - 1 : at]
    quoted = text.count("“", 0, at) > text.count("”", 0, at)
    rules = words()["organ"]
    return (
        not quoted
        and (not before or before not in rules["not_after"])
        and (not after or after not in rules["not_before"])
    )


def _other_title(text: str, organ: str) -> str | None:
    match = pattern("organ", "names_itself").search(text) or pattern("organ", "names_itself_after").search(text)
    title = read_title(match["title"]) if match else None
    if match is None or title is None or title.organ is None:
        return None
    return None if _same(title.organ, organ) else match["title"]


def _other_subject(text: str, organ: str) -> str | None:
    """The organ that a sentence makes the report's own although its trade or its township is another."""
    match = pattern("organ", "subject").search(text) if _DOES.search(text) else None
    if match is None:
        return None
    name, kind = match["name"], _kind(organ)
    if pattern("organ", "no_subject").search(name):
        return None
    if kind == "township":
        township = _township(name)
        return township if township and township not in organ else None
    if kind != "department" or "政府办" in organ:
        return None
    theirs, own = _groups_of(name), _groups_of(organ)
    if not theirs or not own:
        return None
    apart = _apart(name), _apart(organ)
    differs = not theirs & own or (all(apart) and not apart[0] & apart[1])
    return name if differs else None


def _township(name: str) -> str | None:
    """柳溪镇 of 沙坪县柳溪镇人民政府, None where no township is named by itself."""
    match = _TOWNSHIP.search(name)
    return match.group() if match and not _ANY_TOWNSHIP.search(match.group()) else None


def _same(name: str, organ: str) -> bool:
    """Whether a name may stand for the organ: 田黄镇 for 邹城市田黄镇人民政府, 县林业局 for 明川县林业局."""
    if _governs(name) != _governs(organ):
        return False
    one, other = (_GOVERNMENT.sub("", normalise_name(text)) for text in (name, organ))
    if not one or not other or one in other or other in one:
        return True
    tail = _PLACE.sub("", one) or one
    return other.endswith(tail[-4:]) or one.endswith((_PLACE.sub("", other) or other)[-4:])


def _governs(name: str) -> bool:
    """Whether a name is a government's, an office of one or a township's, and no department's."""
    return _kind(name) in ("government", "township", "other") or "政府办" in name


@lru_cache(maxsize=4096)
def _groups_of(name: str) -> frozenset[int]:
    """The groups of trades whose words a name contains."""
    groups = words()["trades"]["groups"]
    return frozenset(index for index, group in enumerate(groups) if any(word in name for word in group))


@lru_cache(maxsize=4096)
def _apart(name: str) -> frozenset[int]:
    apart = words()["trades"]["apart"]
    return frozenset(index for index, group in enumerate(apart) if any(word in name for word in group))


@lru_cache(maxsize=4096)
def _kind(organ: str) -> str:
    return classify(organ)[1]


def _trades(text: str, organ: str) -> Iterator[str]:
    kind = _kind(organ)
    for key in ("trade_of_leaders", "trade_of_head", "trade_of_work"):
        if kind != "department" and key == "trade_of_head":
            continue
        match = pattern("organ", key).search(text)
        if match is None:
            continue
        theirs = _trade_words(next(name for name in match.groups() if name))
        if theirs is None or (key == "trade_of_work" and theirs not in words()["organ"]["distinct"]):
            continue
        if key == "trade_of_head" and (text.count("局长") > 1 or text[match.start() - 1 : match.start()] == "、"):
            # Heads of several offices make a group of the whole area.
            continue
        if kind == "township":
            if key == "trade_of_leaders" or (key == "trade_of_work" and theirs in words()["organ"]["not_of_townships"]):
                yield match.group().rstrip(",。;、")
        elif kind == "department" and "政府办" not in organ and _foreign_trade(theirs, organ, key):
            yield match.group().rstrip(",。;、")


@lru_cache(maxsize=4096)
def _trade_words(trade: str) -> str | None:
    """The word for a trade that the text ends with, None where it names none."""
    return next(
        (
            word
            for group in words()["trades"]["groups"]
            for word in sorted(group, key=len, reverse=True)
            if trade.endswith(word)
        ),
        None,
    )


def _foreign_trade(theirs: str, organ: str, key: str) -> bool:
    own = _groups_of(organ)
    if not own:
        return False
    if theirs in organ:
        return False
    if key == "trade_of_head":
        mine, other = _apart(organ), _apart(theirs)
        if mine and other and not mine & other:
            return True
    return not own & _groups_of(theirs)
