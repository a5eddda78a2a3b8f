"""Sentences on requests and reviews read as statements: a quantity, its number, and how far it may be relied on.

A small grammar over clauses. A sentence is cut into clauses at commas, colons and brackets, and into
enumerated parts where each has its own number. A number belongs to the one quantity named in its
part; what is counted otherwise (sub-counts, comparisons, other years, other bodies, approximate
numbers, other kinds of business) makes no statement. Ambiguous prose makes none either.
The words are data (``statements.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from checks.numerals import HAN_DIGITS, HAN_UNITS, read_number
from checks.prose import Prose, Sentence

Scope = Literal["office", "area", None]
Topic = Literal["requests", "reviews", None]

RESULTS = ("granted_or_partly", "granted", "partly_granted", "denied", "unavailable", "rejected", "other_handling")
REVIEWS = ("reconsideration", "litigation", "litigation_direct", "litigation_after")
_CARRIED = ("carried_in", "carried_out")
_FLOWS = ("processed_new", "answered", "processed")
_REQUESTS = ("request", "weak_request")
_QUANTITIES = frozenset((*RESULTS, *REVIEWS, *_CARRIED, *_FLOWS))
# Sentences without any of these say nothing of requests or reviews.
_CUES = re.compile("申请|结转|复议|诉讼|办结|答复|受理|予公开|予以公开|部分公开|[法能]提供|予处理|他处理")
# What they say is a number, or none.
_SAYS = re.compile(rf"\d|[未无]|没有|零|[{HAN_DIGITS}{HAN_UNITS}][件份宗起例]")
_SELF = re.compile("[我本该]")
_PLACES = "省市县区旗州镇乡"
_SUBHEADING = re.compile(r"^(?:\([一二三四五六七八九十\d]+\)|第?[一二三四五六七八九十\d]+[、.是,])")
_HEAD_LENGTH = 24
_HAN_AT_END = re.compile("[\u4e00-\u9fff]{2,14}$")


class Token(NamedTuple):
    """A word of a kind, or a number with what was printed around it."""

    kind: str
    text: str
    start: int
    value: int | float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence says that ``quantities`` (codes of ``statements.toml``), or each of them, number ``value``.

    Several quantities are alternatives: prose that says 办理 may mean either. ``together`` says that
    the number is their sum. ``strict`` is true where the sentence distinguishes this year's requests from those
    carried in. ``scope`` is 'office' or 'area' where the sentence says whose requests it counts.
    ``inclusive`` is true where what was carried in is said to be among them.
    """

    quantities: tuple[str, ...]
    value: int | float
    sentence: Sentence
    words: str
    strict: bool = False
    scope: Scope = None
    together: bool = False
    withdrawn: bool = False
    inclusive: bool = False


@cache
def data() -> dict[str, Any]:
    """The words of ``statements.toml``."""
    return tomllib.loads(resources.files("checks").joinpath("statements.toml").read_text("utf-8"))


class _Scanner(NamedTuple):
    """The one pattern of all tokens, and the kind of token by the index of the last group that took part."""

    pattern: re.Pattern[str]
    kinds: tuple[str, ...]


@cache
def _scanner() -> _Scanner:
    # An alternative that begins with its own characters is passed over at once where they are not,
    # so each ends with an empty group that names it and none begins with a group.
    kinds: list[str] = [""]
    alternatives: list[str] = []
    for kind, patterns in {"stop": ["[,:()]"], "list": ["、"], **data()["tokens"]}.items():
        for pattern in patterns:
            kinds.append(kind)
            alternatives.append(f"{pattern}()")
    return _Scanner(re.compile("|".join([*alternatives, _number_pattern()])), tuple(kinds))


def _number_pattern() -> str:
    words = data()["numbers"]
    before, after, counters = ("|".join(words[key]) for key in ("approximate_before", "approximate_after", "counters"))
    han = f"[{HAN_DIGITS}{HAN_UNITS}]"
    first = "".join(sorted({word[0] for word in words["approximate_before"]}))
    figures = r"(?P<figures>\d+(?:,\d{3})*(?:\.\d+)?)"
    in_han = rf"(?<![一第每三])(?P<han>{han}+)(?=(?:{after})?(?:{counters}))"
    zero = "(?P<zero>(?<=[为是量])零)"
    counter = f"(?P<counter>%|万?元|(?:{counters})(?![一二三四五六七八九十事]))"
    return (
        rf"(?=[\d{HAN_DIGITS}{HAN_UNITS}{first}])"
        rf"(?P<number>(?P<about>{before})?(?:{figures}|{in_han}|{zero})(?P<more>{after})?{counter}?(?P<less>{after})?)"
    )


@cache
def _fillers() -> re.Pattern[str]:
    return re.compile(data()["zero"]["fillers"])


@cache
def _counters() -> frozenset[str]:
    return frozenset(counter.partition("(")[0] for counter in data()["numbers"]["counters"])


def read(prose: Prose) -> list[Statement]:
    """All statements on requests and reviews that a report's prose makes of its own year."""
    found: list[Statement] = []
    topic: Topic = None
    line: tuple[int, int] | None = None
    strict = False
    for sentence in prose.sentences:
        if (sentence.section, sentence.line) != line:
            line = (sentence.section, sentence.line)
            topic = _topic(sentence, topic)
            strict = False
        text = sentence.text
        if sentence.section == 5 or not _CUES.search(text) or not _SAYS.search(text):
            continue
        reader = _Reader(sentence, prose.report.year, prose.report.organ, topic, strict)
        stated = reader.statements()
        found += stated
        strict = reader.strict
        if topic is None and stated and stated[0].quantities[0] not in REVIEWS:
            # What follows in the paragraph, as 予以公开12件, goes on about these requests.
            topic = "requests"
    return found


def _topic(sentence: Sentence, before: Topic) -> Topic:
    """What a paragraph is about, told by its section or its first words."""
    if sentence.section in (3, 4):
        return "requests" if sentence.section == 3 else "reviews"
    head = sentence.text[:_HEAD_LENGTH]
    if "申请" in head and ("公开" in head or "信息" in head) and "复议" not in head and "人" not in head[-3:]:
        return "requests"
    if "复议" in head or "诉讼" in head:
        return "reviews"
    if _SUBHEADING.match(head) or sentence.section != 1:
        return None
    return before


class _Reader:
    """Reads one sentence."""

    def __init__(self, sentence: Sentence, year: int, organ: str, topic: Topic, strict: bool) -> None:
        self.sentence = sentence
        self.organ = organ
        self.topic = topic
        self.text = relative_years(sentence.text, year)
        self.tokens = list(_tokens(self.text))
        kinds = {token.kind for token in self.tokens}
        self.kinds = kinds
        self.strict = strict or "carried_in" in kinds
        self.on_disclosure = topic is not None or "信息公开" in self.text or "依申请" in self.text
        self.scope: Scope = None

    def statements(self) -> list[Statement]:
        """The statements of the sentence, in order."""
        if "since" in self.kinds or not self.kinds & _QUANTITIES | (self.kinds & set(_REQUESTS)):
            return []
        found: list[Statement] = []
        own_year = True
        within = other_business = False
        for clause in _clauses(self.tokens):
            for part in _parts(clause):
                kinds = {token.kind for token in part}
                self.scope = _scope(part, self.scope)
                own_year = _own_year(part, own_year)
                within = within or any(token.kind == "sub" and token.text == "其中" for token in part)
                if kinds & {"other_subject", "other_requests", "titled"}:
                    other_business = True
                if "request" in kinds or ("weak_request" in kinds and self.topic == "requests"):
                    other_business = False
                if own_year and not kinds & {"plan", "period"}:
                    inner = within or "sub" in kinds
                    stated = list(self._part(_before_comparison(part), inner, other_business))
                    if "sub" in kinds and found and any("carried_in" in one.quantities for one in stated):
                        # 收到25件（含上年结转3件）
                        found[-1] = replace(found[-1], inclusive=True)
                    found += stated
                elif "period" in kinds:
                    own_year = False
                elif "carried_out" in kinds and "period" not in kinds and "plan" in kinds:
                    # What is carried out will be answered next year: that is no plan.
                    found += self._part(_before_comparison(part), within, other_business)
        return found

    def _part(self, part: Sequence[Token], within: bool, other_business: bool) -> Iterator[Statement]:
        numbers = [token for token in part if token.kind == "number" and token.value is not None]
        if any(
            token.kind == "number" and token.value is None and token.text.endswith(tuple(_counters())) for token in part
        ):
            return
        named = [token for token in part if token.kind in _QUANTITIES or token.kind == "roll"]
        if other_business and all(token.kind in _FLOWS or token.kind in _CARRIED for token in named):
            return
        words = "".join(token.text for token in part)
        if any(token.kind == "assisting" for token in part):
            return
        if not numbers:
            yield from self._none(part, named, within)
            return
        if any(token.kind in ("extension", "negation") for token in part) and any(number.value for number in numbers):
            return
        if len(numbers) == 1:
            yield from self._one(part, named, numbers[0], within, words)
            return
        pairs = _paired([token for token in part if token in named or token in numbers])
        for quantity, number in pairs:
            yield from self._one(
                [token for token in part if token.kind != "number" or token is number],
                [quantity],
                number,
                within,
                words,
            )

    def _one(
        self, part: Sequence[Token], named: Sequence[Token], number: Token, within: bool, words: str
    ) -> Iterator[Statement]:
        value = number.value
        if value is None or (isinstance(value, float) and not value.is_integer()):
            return
        kinds = [token.kind for token in named]
        present = {token.kind for token in part}
        if "roll" in kinds:
            # 含结转77件 stands for what was carried in, 另有58件顺延 for what is carried out.
            if kinds != ["roll"] or not self._requests(part):
                return
            rest = "另" in self.text[max(0, number.start - 3) : number.start]
            kinds = ["carried_in"] if "sub" in present else ["carried_out"] if rest else []
        kinds = list(dict.fromkeys(kinds))
        if kinds and set(kinds) <= set(REVIEWS):
            if self._reviewed(part, within) and not present & {"outcome", "adjudicating"}:
                yield from self._reviews(kinds, value, present, words)
            return
        if not self._requests(part) and not (set(kinds) & set(RESULTS) and self._of_requests()):
            return
        if set(kinds) & set(RESULTS) and set(kinds) <= {*RESULTS, "answered"}:
            kinds = [kind for kind in kinds if kind != "answered"]
            if len(kinds) == 1 and not present & {"outcome", "other_subject"}:
                yield self._statement(tuple(kinds), value, words)
            return
        if "carried_out" in kinds and set(kinds) <= {"carried_out", "answered", "processed"}:
            # 尚在办理的3件将于下年初答复
            yield self._statement(("carried_out",), value, words)
            return
        if kinds == ["carried_in"]:
            yield self._statement(("carried_in",), value, words)
            return
        if value == 0 and set(kinds) <= {*_CARRIED, *_FLOWS} and present & {"all"}:
            for kind in kinds:
                yield self._statement((kind,), value, words)
            return
        if set(kinds) == {"processed_new", "carried_in"}:
            if not within:
                yield self._statement(("processed_new", "carried_in"), value, words, together=True)
            return
        if not set(kinds) <= set(_FLOWS) or within or self._counts_part(part) or "withdrawn" in present:
            return
        if present & {"other_subject", "other_requests", "titled"} or self._of_other(part):
            return
        if kinds and "all" in present and "processed_new" not in kinds:
            # 22件均已答复 says of those received that they were answered.
            yield self._statement(("answered", "processed_new"), value, words)
        elif kinds:
            yield self._statement(tuple(kinds), value, words)
        elif "request" in present and _next_to(part, number, "request"):
            yield self._statement(_FLOWS, value, words)

    def _none(self, part: Sequence[Token], named: Sequence[Token], within: bool) -> Iterator[Statement]:
        """What a clause without a number denies: 未收到政府信息公开申请, 无结转."""
        at = next((index for index, token in enumerate(part) if token.kind == "negation"), None)
        if at is None or "除" in self.text:
            return
        after = part[at + 1 :]
        present = {token.kind for token in after}
        words = "".join(token.text for token in part)
        kinds = [token.kind for token in after if token.kind in _QUANTITIES]
        reviews = [kind for kind in dict.fromkeys(kinds) if kind in REVIEWS]
        if reviews:
            if self._reviewed(part, within) and not present & {"outcome", "channel"} and not set(kinds) & set(RESULTS):
                for kind in reviews:
                    yield self._statement((kind,), 0, words)
            return
        if set(kinds) & set(RESULTS) or present & {
            "outcome",
            "other_subject",
            "other_requests",
            "withdrawn",
            "extension",
        }:
            return
        if not self._requests(part) or self._of_other(part):
            return
        if kinds and set(kinds) <= set(_CARRIED):
            for kind in dict.fromkeys(kinds):
                yield self._statement((kind,), 0, words)
            return
        if self._counts_part(after) and not _every_channel(after, self.text):
            return
        if within or "answered" in kinds or "processed" in kinds or not self._unqualified(part, at):
            return
        if "processed_new" in kinds or (after and after[0].kind == "request" and not kinds):
            yield self._statement(("processed_new",), 0, words)

    def _unqualified(self, part: Sequence[Token], at: int) -> bool:
        """Whether all requests are denied, not those of some sort: 未收到任何申请, but not 未收到重复申请."""
        first = next((token for token in part[at + 1 :] if token.kind in _REQUESTS), None)
        if first is None:
            return False
        before = part[at]
        received = next((token for token in part[at + 1 :] if token.kind == "processed_new"), before)
        if received.start > first.start:
            return True
        between = self.text[received.start + len(received.text) : first.start]
        return len(_fillers().sub("", between)) <= 1

    def _reviews(self, kinds: list[str], value: int | float, present: set[str], words: str) -> Iterator[Statement]:
        if len(kinds) == 1:
            yield self._statement((kinds[0],), value, words)
        elif value == 0:
            for kind in kinds:
                yield self._statement((kind,), value, words)
        elif kinds == ["reconsideration", "litigation"] and "all" not in present:
            yield self._statement(tuple(kinds), value, words, together=True)

    def _reviewed(self, part: Sequence[Token], within: bool) -> bool:
        """Whether reviews are spoken of that were sought against this organ's disclosure."""
        return self.on_disclosure and not within and not self._of_other(part)

    def _requests(self, part: Sequence[Token]) -> bool:
        """Whether requests for disclosure are spoken of."""
        return any(token.kind == "request" for token in part) or self.topic == "requests" or self._of_requests()

    def _of_requests(self) -> bool:
        # What is applied for and carried over from year to year is information.
        carried = "weak_request" in self.kinds and bool(self.kinds & set(_CARRIED))
        return carried or "request" in self.kinds or self.topic == "requests"

    def _counts_part(self, part: Sequence[Token]) -> bool:
        channels = [token for token in part if token.kind == "channel"]
        return bool(channels) and not _every_channel(part, self.text)

    def _of_other(self, part: Sequence[Token]) -> bool:
        """Whether the clause names a body other than the report's own as the one that counts."""
        first = next(
            (token for token in part if token.kind in _QUANTITIES or token.kind in ("request", "negation")), None
        )
        if first is None:
            return False
        start = max(self.text.rfind(",", 0, first.start) + 1, self.text.rfind(")", 0, first.start) + 1, 0)
        name = body_before(self.text[start : first.start])
        return name is not None and not is_self(name, self.organ)

    def _statement(
        self, quantities: tuple[str, ...], value: int | float, words: str, *, together: bool = False
    ) -> Statement:
        return Statement(
            quantities, value, self.sentence, words, self.strict, self.scope, together, "withdrawn" in self.kinds
        )


@cache
def _other_year() -> re.Pattern[str]:
    return re.compile("|".join(data()["tokens"]["other_year"]))


def other_year(text: str) -> bool:
    """Whether a text of :func:`relative_years` speaks of a year other than the report's."""
    return bool(_other_year().search(text))


def relative_years(text: str, year: int) -> str:
    """Write the report's year as 本年, the one before as 上年 and the one after as 下年."""
    if "20" not in text:
        return text
    text = re.sub(rf"(?<!\d){year}年(?:度)?", "本年", text)
    text = re.sub(rf"(?<!\d){year - 1}年(?:度)?", "上年", text)
    return re.sub(rf"(?<!\d){year + 1}年(?:度)?", "下年", text)


def _tokens(text: str) -> Iterator[Token]:
    introducing = tuple(data()["numbers"]["introducing"])
    scanner = _scanner()
    named = len(scanner.kinds)
    for match in scanner.pattern.finditer(text):
        if match.lastindex is not None and match.lastindex < named:
            yield Token(scanner.kinds[match.lastindex], match.group(), match.start())
            continue
        counter = match["counter"]
        printed = match["figures"] or match["han"] or match["zero"]
        value = read_number(printed)
        counted = counter in _counters()
        if not counted:
            bare = counter is None and (match.end() == len(text) or text[match.end()] in ",.;。)、!")
            if not (bare and not match["han"] and text[: match.start()].endswith(introducing)):
                # 20%, 3人, 5月: no count of requests, but it stands between the words.
                yield Token("other_number", match.group(), match.start())
                continue
        if match["about"] or match["more"] or match["less"]:
            value = None
        yield Token("number", match.group(), match.start(), value)


def _clauses(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    clause: list[Token] = []
    for token in tokens:
        if token.kind == "stop":
            if clause:
                yield clause
            clause = []
        else:
            # 其中 begins a clause of its own wherever it stands.
            if token.kind == "sub" and token.text == "其中" and clause:
                yield clause
                clause = []
            clause.append(token)
    if clause:
        yield clause


def _parts(clause: list[Token]) -> Iterator[list[Token]]:
    """The parts of an enumeration where each has its own number, else the clause whole."""
    parts: list[list[Token]] = [[]]
    for token in clause:
        if token.kind == "list":
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) > 1 and all(any(token.kind == "number" for token in part) for part in parts):
        yield from parts
    else:
        yield clause


def _scope(part: Sequence[Token], before: Scope) -> Scope:
    """Whose requests are counted: the office's or the area's, by what was named last before the number."""
    scope = before
    for token in part:
        if token.kind in ("office", "area"):
            scope = "office" if token.kind == "office" else "area"
    return scope


def _own_year(part: Sequence[Token], before: bool) -> bool:
    own = before
    carried_out = any(token.kind == "carried_out" for token in part)
    for token in part:
        if carried_out and token.text.startswith("下年"):
            continue
        if token.kind == "this_year":
            own = True
        elif token.kind == "other_year":
            own = False
    return own


def _before_comparison(part: Sequence[Token]) -> Sequence[Token]:
    at = next((index for index, token in enumerate(part) if token.kind == "compare"), None)
    return part if at is None else part[:at]


def _paired(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Quantities and numbers that take turns, each number with its quantity; nothing where they do not."""
    if len(tokens) % 2:
        return []
    pairs = list(zip(tokens[::2], tokens[1::2], strict=True))
    if all(first.kind != "number" and second.kind == "number" for first, second in pairs):
        return pairs
    if all(first.kind == "number" and second.kind != "number" for first, second in pairs):
        return [(second, first) for first, second in pairs]
    return []


def _next_to(part: Sequence[Token], number: Token, kind: str) -> bool:
    at = part.index(number)
    return any(0 <= index < len(part) and part[index].kind == kind for index in (at - 1, at + 1))


def _every_channel(part: Sequence[Token], text: str) -> bool:
    """Whether channels or applicants are named as all there are: 通过网络、信函等渠道, 公民、法人和其他组织."""
    channels = [token for token in part if token.kind == "channel"]
    last = channels[-1]
    return len(channels) > 1 and (
        "等" in text[last.start : last.start + 8]
        or "等" in text[channels[-2].start : last.start]
        or last.text in ("其他组织", "渠道")
    )


def body_before(before: str) -> str | None:
    """The organ named right before a verb, as 县水利局 in 县水利局共（收到）, None where there is none."""
    words = data()["bodies"]
    adverbs, suffixes = tuple(words["adverbs"]), tuple(words["suffixes"])
    shorter = True
    while shorter:
        shorter = False
        for adverb in adverbs:
            if before.endswith(adverb):
                before, shorter = before.removesuffix(adverb), True
    if not before.endswith(suffixes):
        return None
    match = _HAN_AT_END.search(before[-14:])
    return match.group() if match else None


def is_self(name: str, organ: str) -> bool:
    """Whether a name in the text may stand for the report's own organ; a government's office speaks for it."""
    if _SELF.search(name) or ("政府" in name and "政府" in organ):
        return True
    bare = re.sub(r"(?:人民政府|办事处|办)$", "", organ)
    name = re.sub(r"(?:办事处|办)$", "", name)
    common = 0
    while common < min(len(name), len(bare)) and name[-1 - common] == bare[-1 - common]:
        common += 1
    return common >= 3 or (common == 2 and name[-1] in _PLACES)
