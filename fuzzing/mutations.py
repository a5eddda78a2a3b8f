"""Changes to an input that keep its grammar: markup stays markup, JSON stays JSON, a container stays whole."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from fuzzing import parts

HOSTILE = (
    *("", " ", "0", "-1", "1", "2", "65536", "99999999999999999999", "9" * 5000, "1e999", "NaN", "-0", "0.0", "1,234"),
    *("²", "①", "٣", "１２", "十", "〇", "O", "l", "½", "\u200b", "\ufeff", "\ufffd", "\u00a0", "\u3000", "\u202e12"),
    *("\x0b", "\x1c", "\u2028", "\u0085", "𠀀", "e\u0301", "ﷺ", "İ", "ß", "\U000e0001", "null", "true", "[]", "{}"),
    *(
        "//",
        "///",
        "http://[",
        "http://[::1",
        "http://a:99999/",
        "http://a:b/",
        "http://①/",
        "//@",
        "?",
        "#",
        "%",
        "%zz",
    ),
    *(
        "%u0000",
        "%ud800",
        "javascript:a('b')",
        "data:,",
        "..",
        "../../x.pdf",
        "\\",
        "'",
        '"',
        "*",
        "-",
        "(",
        ")",
        "{",
        "}",
    ),
    *(
        "/",
        "—",
        "无",
        "不适用",
        "增5",
        "减5",
        "12件",
        "3万元",
        "5（含）",
        "1 2",
        "2024年",
        "〔2024〕",
        "共9页",
        "1/99999页",
    ),
)
"""Texts that readers of numbers, addresses and layouts stumble over."""
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_TOKEN = re.compile(rb"[A-Za-z_][\w.-]*|\d+(?:\.\d+)?|[\x80-\xff]+|\s+|[^\w\s]")
_WHOLE = 0.2
"""How often a number becomes any of the hostile texts, not another number."""


def mutate(data: bytes, longest: int, chance: random.Random, tokens: Sequence[bytes] = ()) -> bytes | None:
    """Change one part of ``data``, or the file as it is, by what it is written in."""
    found = parts.split(data)
    if found is None:
        changed = _change(data, chance, tokens)
    else:
        name = chance.choice(list(found))
        if chance.random() < 0.03 and len(found) > 1:
            del found[name]
        else:
            found[name] = _change(found[name], chance, tokens)
        changed = parts.join(found)
    return changed if len(changed) <= longest else None


def _change(data: bytes, chance: random.Random, tokens: Sequence[bytes]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        head = data[:200].lstrip()
        ways: list[Callable[[bytes, random.Random], bytes | None]] = [_numbers, _lines]
        if head.startswith(b"<"):
            ways += [_tree] * 6
        elif head.startswith((b"{", b"[")):
            ways += [_json] * 6
        else:
            ways += [_words] * 2
        ways.append(lambda one, by: _insert(one, by, tokens))
        data = chance.choice(ways)(data, chance) or data
    return data


def _hostile(chance: random.Random) -> str:
    return chance.choice(HOSTILE)


def _numbers(data: bytes, chance: random.Random) -> bytes | None:
    found = list(_NUMBER.finditer(data))
    if not found:
        return None
    one = chance.choice(found)
    if chance.random() < _WHOLE:
        new = _hostile(chance).encode()
    else:
        value = float(one[0][:300])
        new = str(chance.choice((value + 1, value - 1, -value, value * 10, 0, chance.randrange(-300, 3000)))).encode()
        new = new.removesuffix(b".0")
    return data[: one.start()] + new + data[one.end() :]


def _lines(data: bytes, chance: random.Random) -> bytes | None:
    lines = data.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        lines.insert(to, lines[at])
    elif way == 1:
        lines[at], lines[to] = lines[to], lines[at]
    elif way == 2 and len(lines) > 1:
        del lines[at]
    else:
        cut = chance.randrange(len(lines[at]) + 1)
        lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
    return b"\n".join(lines)


def _words(data: bytes, chance: random.Random) -> bytes | None:
    words = _TOKEN.findall(data)
    if not words:
        return _hostile(chance).encode()
    at, to = chance.randrange(len(words)), chance.randrange(len(words))
    way = chance.randrange(4)
    if way == 0:
        words.insert(to, words[at])
    elif way == 1:
        words[at], words[to] = words[to], words[at]
    elif way == 2:
        del words[at]
    else:
        words[at] = _hostile(chance).encode()
    return b"".join(words)


def _insert(data: bytes, chance: random.Random, tokens: Sequence[bytes]) -> bytes:
    new = chance.choice(tokens) if tokens and chance.random() < 0.8 else _hostile(chance).encode()
    at = chance.randrange(len(data) + 1)
    return data[:at] + new + data[at:]


def _tree(data: bytes, chance: random.Random) -> bytes | None:
    """Move, copy, delete or alter an element; what cannot be parsed as XML is taken for HTML."""
    html = False
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        html = True
        try:
            root = etree.fromstring(data, etree.HTMLParser(no_network=True, encoding=_encoding(data)))
        except (etree.XMLSyntaxError, ValueError, LookupError):
            return None
    if root is None:
        return None
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    if not nodes:
        return None
    try:
        _alter(chance.choice(nodes), chance.choice(nodes), chance)
    except (ValueError, TypeError):
        # Text that XML cannot hold.
        return None
    return etree.tostring(root, encoding="utf-8", method="html" if html else "xml", with_tail=False)


def _encoding(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _alter(node: etree._Element, other: etree._Element, chance: random.Random) -> None:
    parent, way = node.getparent(), chance.randrange(10)
    if way == 0 and parent is not None:
        parent.remove(node)
    elif way == 1 and parent is not None:
        for _ in range(chance.choice((1, 1, 3))):
            parent.insert(parent.index(node), copy.deepcopy(node))
    elif way == 2 and node not in other.iterancestors() and node is not other and parent is not None:
        other.append(copy.deepcopy(node))
    elif way == 3:
        node.tag, other.tag = other.tag, node.tag
    elif way == 4 and node.attrib:
        node.set(chance.choice(list(node.attrib)), _hostile(chance))
    elif way == 5 and node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]
    elif way == 6:
        for name, value in other.attrib.items():
            node.set(name, value)
    elif way == 7:
        node.text = _hostile(chance)
    elif way == 8:
        node.tail = (node.tail or "") + _hostile(chance)
    else:
        node.text, other.text = other.text, node.text


def _json(data: bytes, chance: random.Random) -> bytes | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places: list[tuple[Any, Any]] = []
    _places(value, places)
    if not places:
        return None
    holder, key = chance.choice(places)
    way = chance.randrange(6)
    if way == 0:
        del holder[key]
    elif way == 1:
        other, name = chance.choice(places)
        holder[key] = copy.deepcopy(other[name])
    elif way == 2 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder[:20]))
    elif way == 3:
        holder[key] = chance.choice(
            (None, True, 0, -1, 2**63, 10**400, 1.5, 1e300, float("nan"), [], {}, [[]], "\ud800")
        )
    elif way == 4:
        holder[key] = chance.choice(([holder[key]], {"data": holder[key]}, str(holder[key]), json.dumps(holder[key])))
    else:
        holder[key] = _hostile(chance)
    return json.dumps(value, ensure_ascii=chance.random() < 0.5 or way == 3).encode("utf-8", "replace")


def _places(value: Any, found: list[tuple[Any, Any]], depth: int = 0) -> None:
    if depth > 20 or not isinstance(value, dict | list):
        return
    for key in value if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        _places(value[key], found, depth + 1)
