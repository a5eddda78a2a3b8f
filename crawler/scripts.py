"""Addresses that a page's scripts make: menus written by script, calls that lead to a page.

Nothing is run. A call is followed only where the page itself shows the function and the
function does no more than join its arguments with fixed text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

from crawler import phrases

_MAX_SCRIPT = 400_000
_LONGEST_FUNCTION = 800
_MAX_LINKS = 400
_CALL = re.compile(r"(?:javascript:)?\s*(?:return\s+)?(?P<name>[A-Za-z_$][\w$.]*)\s*\((?P<arguments>[^()]{0,200})\)")
_LITERAL = re.compile(r"""["'](?P<text>[^"']*)["']|(?P<name>[A-Za-z_$][\w$]*)|(?P<number>\d+)""")
_SUM = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|[\w\s$.+()])"""
_TARGET = re.compile(
    rf"""(?:location(?:\.href)?|\.action|\.src|url|href)\s*=(?!=)\s*(?P<sum>{_SUM}{{2,80}})"""
    rf"""|(?:\.load|\$\.(?:get|post|getJSON)|\bfetch)\s*\(\s*(?P<loaded>{_SUM}{{2,80}})"""
    r"""|(?:location\.(?:replace|assign)|window\.open)\s*\(\s*(?P<opened>[^;\n]{2,300}?)\s*(?:,\s*["']_\w+["'])?\)"""
)
_ANCHOR = re.compile(
    r"""<a\b[^<>]*?\bhref\s*=\s*\\?["']?(?P<url>[^"'\s<>\\]{1,300})\\?["']?[^<>]*>(?P<text>[^<>]{2,60})</a>""",
    re.IGNORECASE,
)
_NAME = r"""["']?(?:name|title|text|label|menuName|channelName)["']?\s*:\s*["'](?P<text>[^"']{2,40})["']"""
_URL = r"""["']?(?:url|href|link|path|menuUrl|linkUrl)["']?\s*:\s*["'](?P<url>[^"'\s]{1,300})["']"""
_PAIRS = tuple(re.compile(rf"{one}[^{{}}]{{0,200}}?{other}") for one, other in ((_NAME, _URL), (_URL, _NAME)))


def links(text: str) -> Iterator[tuple[str, str]]:
    """Address and text of the menu entries about disclosure that stand in scripts in ``text``."""
    wanted = phrases.pattern("anchors", "in_scripts")
    count = 0
    for script in re.finditer(r"<script\b[^>]*>(.*?)</script>", text[:_MAX_SCRIPT], re.IGNORECASE | re.DOTALL):
        body = script[1].replace("\\/", "/")
        if not wanted.search(body):
            continue
        for pattern in (_ANCHOR, *_PAIRS):
            for match in pattern.finditer(body):
                if wanted.search(match["text"]):
                    yield unescape(match["url"]), unescape(match["text"])
                    count += 1
                    if count >= _MAX_LINKS:
                        return


def called(text: str, call: str) -> str | None:
    """The address to which ``call``, such as ``javascript:go('ndbg')``, leads by a function in ``text``.

    Where the function stands in another file, an address that ``text`` itself shows for the
    argument.
    """
    match = _CALL.match(call.strip())
    if match is None:
        return None
    arguments = [_value(part) for part in match["arguments"].split(",")] if match["arguments"].strip() else []
    if None in arguments:
        return None
    if (function := _function(text, match["name"].rpartition(".")[2])) is None:
        return _shown(text, arguments[0] or "") if len(arguments) == 1 else None
    parameters, body = function
    known = dict(zip(parameters, (argument or "" for argument in arguments), strict=False))
    for target in _TARGET.finditer(body):
        if (url := _joined(target["sum"] or target["loaded"] or target["opened"], known)) and re.search(r"[./]", url):
            return url
    return None


def _shown(text: str, name: str) -> str | None:
    """An address in ``text`` whose last folder or file is called ``name``."""
    if not re.fullmatch(r"[A-Za-z]\w{2,40}", name):
        return None
    shown = re.search(rf"""["']((?:https?:)?[\w./:-]{{0,200}}/{name}(?:/(?:index\.\w{{2,5}})?|\.s?html?))["']""", text)
    return shown[1] if shown else None


@lru_cache(maxsize=64)
def _function(text: str, name: str) -> tuple[list[str], str] | None:
    """Parameters and body of the function ``name`` in ``text``; a page calls the same few many times."""
    name = re.escape(name)
    defined = re.search(
        rf"(?:function\s+{name}|{name}\s*[=:]\s*function)\s*\((?P<names>[^)]{{0,100}})\)\s*\{{", text[:_MAX_SCRIPT]
    )
    if defined is None:
        return None
    body = text[defined.end() : defined.end() + _LONGEST_FUNCTION]
    body = re.split(r"\bfunction\b|</script", body, maxsplit=1)[0]
    return [part.strip() for part in defined["names"].split(",")], body


def _value(argument: str) -> str | None:
    match = re.fullmatch(r"""\s*(?:["']([^"']*)["']|(\d+))\s*""", argument)
    return (match[1] if match[1] is not None else match[2]) if match else None


def _joined(sum_of: str, known: dict[str, str]) -> str | None:
    """The value of ``'a' + b + 'c'``, None if anything in it is not known."""
    found = ""
    for part in sum_of.strip().rstrip(")").split("+"):
        literal = _LITERAL.fullmatch(part.strip().strip("()").strip())
        if literal is None:
            return None
        if literal["name"] is not None:
            if literal["name"] not in known:
                return None
            found += known[literal["name"]]
        else:
            found += literal["text"] if literal["text"] is not None else literal["number"]
    return found
