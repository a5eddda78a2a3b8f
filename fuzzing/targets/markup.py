"""HTML, plain text and Markdown, web archives and Word's XML, in any encoding: files as they are."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from fuzzing import mutations, seeds
from fuzzing.target import Target
from fuzzing.targets import documents
from parsers.readers import docx

_TABLE = re.compile(rb"<table.*?</table>", re.DOTALL)
_TABLES_OF_THE_FORM = 3
TOKENS = (
    *(
        b"<table>",
        b"</table>",
        b"<tr>",
        b"</tr>",
        b"<td>",
        b"</td>",
        b'<td rowspan="3">',
        b"<td colspan='20'>",
        b"<br>",
    ),
    *(
        b"<p>",
        b"</p>",
        b"<!--",
        b"-->",
        b"<script>",
        b"</script>",
        b"<style>td{display:none}</style>",
        b"<tbody>",
        b"<th>",
    ),
    *(
        b' style="display:none"',
        b' style="font-size:0"',
        b" hidden",
        b' rowspan="0"',
        b' colspan="1001"',
        b"<template>",
    ),
    *(
        b"&#48;",
        b"&nbsp;",
        b"&#x110000;",
        b"&zwj;",
        b"<sup>1</sup>",
        b"<del>5</del>",
        b"<input value=5>",
        b"<div>",
        b"</div>",
    ),
    *(
        b"|",
        b"\t",
        b"\n|",
        b"---|---",
        b"\r",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x81\x30\x81\x30",
    ),
    *(
        "一、总体情况".encode(),
        "二、主动公开政府信息情况".encode(),
        "本年制发件数".encode(),
        "自然人".encode(),
        "总计".encode(),
    ),
    *(
        "（一）予以公开".encode(),
        "行政复议".encode(),
        "结果维持".encode(),
        "2024年".encode(),
        "合计".encode(),
        "单位：万元".encode(),
    ),
)


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    return mutations.mutate(data, longest, chance, TOKENS)


def _seeds() -> Iterator[bytes]:
    chance = random.Random(1)
    for _name, payload in seeds.documents("hand", ".html", ".txt", ".md"):
        if len(payload) > TARGET.longest:
            continue
        yield payload
        # A page with one of its tables takes a third of the time.
        tables = list(_TABLE.finditer(payload))
        if len(tables) == _TABLES_OF_THE_FORM:
            kept = chance.choice(tables)
            yield payload[: tables[0].start()] + kept[0] + payload[tables[-1].end() :]
    page = next(payload for _name, payload in seeds.documents("hand", ".html"))
    yield b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\n' + (
        b'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n' + page + b"\n--b--\n"
    )
    word = next(payload for _name, payload in seeds.documents("hand", ".docx"))
    body = seeds.member(word, "word/document.xml")
    body = body[body.index(b"<w:document") :]
    yield (
        b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        b'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>' + body + b"</pkg:xmlData></pkg:part></pkg:package>"
    )
    old = body.replace(docx._TRANSITIONAL.encode(), b"http://schemas.microsoft.com/office/word/2003/wordml")
    yield old.replace(b"w:document>", b"w:wordDocument>").replace(b"<w:document ", b"<w:wordDocument ")
    yield next(payload for _name, payload in seeds.documents("hand", ".html")).decode().encode("gb18030")
    yield next(payload for _name, payload in seeds.documents("hand", ".html")).decode().encode("utf-16")


TARGET = Target("markup", documents.check, _seeds, _mutate, longest=24_000)
