"""What of a page's markup is visible, and how marks on text show in plain text.

Hidden text must not reach a figure, and text set apart (raised, lowered, struck out) must
not merge with the figure beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bs4 import Tag

SKIPPED = frozenset(
    """
    script style noscript template iframe object embed svg canvas select option textarea button input nav head title
    meta link rt rp datalist audio video map applet frameset noframes
    """.split()
)
PICTURES = frozenset("img svg canvas object embed iframe picture video".split())
BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr
    ul ucapcontent
    """.split()
)
PICTURE = "\ufffc"
REVERSED = "\ufffd"


class Mark:
    """How text is set, inherited by everything inside an element: bits of an int."""

    NONE = 0
    LINK = 1
    RAISED = 2
    LOWERED = 4
    STRUCK = 8
    ZERO_SIZE = 16
    LINES = 32
    HEADING = 64
    REVERSED = 128
    INVISIBLE = 256
    OBSCURE = 512


_BY_TAG = {
    "sup": Mark.RAISED,
    "sub": Mark.LOWERED,
    "del": Mark.STRUCK,
    "s": Mark.STRUCK,
    "strike": Mark.STRUCK,
    "pre": Mark.LINES,
    "bdo": Mark.REVERSED,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Mark.HEADING),
}
_SET_APART = Mark.RAISED | Mark.LOWERED | Mark.STRUCK | Mark.REVERSED
_HIDDEN = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|mso-hide\s*:\s*all|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|!|$)"
    r"|color\s*:\s*transparent|content-visibility\s*:\s*hidden)",
    re.I,
)
_SHOWN = re.compile(r"(?<![\w-])display\s*:\s*(?!none)[\w-]+", re.I)
_VISIBILITY = re.compile(r"(?<![\w-])visibility\s*:\s*(\w+)", re.I)
_OF_VISIBILITY = re.compile("display|visibility|mso-hide|opacity|transparent", re.I)
"""What every style has that hides or shows something."""
_FONT_SIZE = re.compile(r"(?<![\w-])font-size\s*:\s*([\d.]+)\s*(?:px|pt|em|rem|%|cm|mm|in|ex|vw)?", re.I)
_FONT_WORD = re.compile(r"(?<![\w-])font-size\s*:\s*[a-z]", re.I)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I)
_RAISED = re.compile(r"(?<![\w-])vertical-align\s*:\s*super", re.I)
_LOWERED = re.compile(r"(?<![\w-])vertical-align\s*:\s*sub", re.I)
# Set so that it hardly shows, or not where it stands; whether it does is for a browser to say.
_OBSCURE = re.compile(
    r"(?<![\w-])(?:color\s*:\s*(?:white|#f{3}(?:f{3})?|rgba?\(\s*255\s*,\s*255\s*,\s*255\b[^)]*\))\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:[0-2](?:\.\d+)?|\.\d+)(?:px|pt)|(?:text-indent|left|top|margin-left)\s*:\s*-\d{3,}"
    r"|clip(?:-path)?\s*:\s*(?:rect|inset)\(|(?:max-)?(?:width|height)\s*:\s*0(?:px|pt)?\s*(?:;|!|$))",
    re.I,
)
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_STROKE = "\u0336"
_OVERRIDE = "\u202e"

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_LONGEST_SELECTORS = 2000
_LONGEST_RULE = 5000
_SIMPLE_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]+)", re.I)
_NAMES = re.compile(r"[.#][\w-]+")
_MAX_CSS = 300_000


@dataclass(frozen=True, slots=True)
class _Style:
    """What an inline style says of visibility."""

    hidden: bool = False
    shown: bool = False
    add: int = Mark.NONE
    remove: int = Mark.NONE


_PLAIN = _Style()
_WHITE = frozenset(["white", "#fff", "#ffffff"])


class Visibility:
    """Decides for each element of one page whether and how its text shows."""

    def __init__(self, style_sheet: str = "") -> None:
        self._styles: dict[str, _Style] = {}
        self._hidden_names = hidden_names(style_sheet[:_MAX_CSS]) if style_sheet else frozenset()

    def enter(self, tag: Tag, marks: int) -> int | None:
        """Marks that hold inside ``tag``, None where nothing of it shows."""
        name = tag.name
        if name in SKIPPED:
            return None
        added = _BY_TAG.get(name)
        if added is not None:
            marks |= added
        attributes = tag.attrs
        if not attributes:
            return marks
        if name == "font" and str(attributes.get("color", "")).strip().lower() in _WHITE:
            marks |= Mark.OBSCURE
        if name == "a" and "href" in attributes:
            marks |= Mark.LINK
        if "hidden" in attributes:
            return None
        style = self._style(str(attributes["style"])) if "style" in attributes else None
        if style is not None:
            if style.hidden:
                return None
            marks = (marks | style.add) & ~style.remove
        if self._hidden_names and not (style and style.shown) and self._named_hidden(attributes):
            return None
        return marks

    def conceals(self, style: str) -> bool:
        """Whether an inline style sets text to no size or invisible, which styles further in may undo."""
        return bool(self._style(style).add & (Mark.ZERO_SIZE | Mark.INVISIBLE))

    def matters(self, style: str) -> bool:
        """Whether an inline style says anything of visibility, or sets text apart."""
        return self._style(style) != _PLAIN

    def only_sets_type(self, attributes: Mapping[str, str], *, plain: bool) -> bool:
        """Whether an element that by its tag only sets type does no more by its attributes.

        ``plain`` is whether no style of the page :meth:`conceals`, so that none can be undone.
        """
        if attributes.get("color", "").strip().lower() in _WHITE:
            return False
        if "hidden" in attributes or (self._hidden_names and self._named_hidden(attributes)):
            return False
        if "style" not in attributes:
            return True
        style = self._style(attributes["style"])
        return not style.hidden and not style.add and (plain or not style.remove)

    def _style(self, text: str) -> _Style:
        style = self._styles.get(text)
        if style is None:
            style = self._styles[text] = _read_style(text)
        return style

    def _named_hidden(self, attributes: Mapping[str, object]) -> bool:
        identity = attributes.get("id")
        if identity and f"#{identity}" in self._hidden_names:
            return True
        classes = attributes.get("class") or ()
        names = classes.split() if isinstance(classes, str) else classes
        return any(f".{name}" in self._hidden_names for name in names)  # type: ignore[attr-defined]


def _read_style(text: str) -> _Style:
    if _HIDDEN.search(text):
        return _Style(hidden=True)
    add = remove = Mark.NONE
    if sizes := _FONT_SIZE.findall(text):
        if sizes[-1].strip("0.") == "":
            add |= Mark.ZERO_SIZE
        else:
            remove |= Mark.ZERO_SIZE
    elif _FONT_WORD.search(text):
        remove |= Mark.ZERO_SIZE
    if visibility := _VISIBILITY.findall(text):
        if visibility[-1].lower() in ("hidden", "collapse"):
            add |= Mark.INVISIBLE
        else:
            remove |= Mark.INVISIBLE
    if _STRUCK.search(text):
        add |= Mark.STRUCK
    if _RAISED.search(text):
        add |= Mark.RAISED
    if _LOWERED.search(text):
        add |= Mark.LOWERED
    if _OBSCURE.search(text) and not add & Mark.ZERO_SIZE:
        add |= Mark.OBSCURE
    return _Style(shown=bool(_SHOWN.search(text)), add=add, remove=remove)


def hidden_names(style_sheet: str) -> frozenset[str]:
    """Names (``.class``, ``#id``) that a style sheet hides without ever showing them elsewhere.

    Rules for other media, and all but the simplest selectors, are left to the browser.
    """
    css = _without_at_rules(_CSS_COMMENT.sub("", style_sheet))
    hidden: set[str] = set()
    shown: set[str] = set()
    for block in css.split("}"):
        head, opened, body = block.rpartition("{")
        selectors = head.rpartition("{")[2]
        if not opened or len(body) > _LONGEST_RULE or len(selectors) > _LONGEST_SELECTORS:
            continue
        if not _OF_VISIBILITY.search(body):
            continue
        style = _read_style(body)
        hides = style.hidden or style.add & Mark.INVISIBLE
        for selector in selectors.split(","):
            simple = _SIMPLE_SELECTOR.fullmatch(selector.strip())
            if hides and simple:
                hidden.add(simple[1])
            elif style.shown or style.remove & Mark.INVISIBLE:
                shown.update(_NAMES.findall(selector))
    return frozenset(hidden - shown)


def _without_at_rules(css: str) -> str:
    kept: list[str] = []
    position = 0
    for match in re.finditer(r"@[^{};]*[{;]", css):
        if match.start() < position:
            continue
        kept.append(css[position : match.start()])
        position = match.end()
        depth = 1 if match.group().endswith("{") else 0
        while depth and position < len(css):
            depth += {"{": 1, "}": -1}.get(css[position], 0)
            position += 1
    kept.append(css[position:])
    return "".join(kept)


def shown_text(text: str, marks: int) -> str:
    """Text as it shows under ``marks``: nothing, or with marks that keep it apart from its neighbours."""
    if marks & (Mark.ZERO_SIZE | Mark.INVISIBLE):
        return ""
    if _OVERRIDE in text or (marks & _SET_APART and text.strip()):
        if marks & Mark.RAISED:
            text = text.translate(_RAISED_DIGITS)
        if marks & Mark.LOWERED:
            text = text.translate(_LOWERED_DIGITS)
        if marks & Mark.STRUCK:
            text = "".join(character if character.isspace() else character + _STROKE for character in text)
        if marks & Mark.REVERSED or _OVERRIDE in text:
            text = f"{REVERSED}{text}"
    if marks & Mark.OBSCURE and any(character.isdigit() for character in text):
        text = f"{REVERSED}{text}"
    return text


def is_picture(tag: Tag) -> bool:
    """Whether an element shows a picture of more than a spacer's size."""
    if tag.name not in PICTURES:
        return False
    return not any(str(tag.attrs.get(side, "")).strip().removesuffix("px") in ("0", "1", "2") for side in _SIDES)


_SIDES = ("width", "height")
