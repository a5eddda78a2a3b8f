"""What a spreadsheet prints of a number under a cell's format: 0.125 as 12.5%, 12.6 as 13, 0 as a dash.

Format codes are those of ECMA-376 part 1, section 18.8.31.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from lxml import etree

from parsers.normalise import whole_number

GENERAL = "General"
_SIGNIFICANT_DIGITS = 15  # as many as a spreadsheet keeps
_MOST_DECIMALS = 30
_LONGEST_CODE = 255
_PATH_TO_STYLES = "xl/styles.xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ACCOUNTING = '_ * {0}_ ;_ * \\-{0}_ ;_ * "-"_ ;_ @_ '
_BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    41: _ACCOUNTING.format("#,##0"), 43: _ACCOUNTING.format("#,##0.00"), 49: "@",
}  # fmt: skip
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|(General)|([0#?.,]+)|(.)', re.S | re.I)
_SECTIONS = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[^;])*', re.S)
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿红白黄洋][色红]?|颜色 ?\d+", re.I
)
_CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9A-F]+)?", re.I)


@dataclass(slots=True)
class _Section:
    """One section of a format: what stands before and behind the number, and how its digits are set."""

    before: str = ""
    digits: str = ""
    after: str = ""
    percent: int = 0


def shown(number: float, code: str | None) -> str | None:
    """Return ``number`` as printed under a format, None where that is not certain; ``code`` None is an unknown one."""
    sections = _split(code) if code is not None and len(code) <= _LONGEST_CODE else []
    if not 1 <= len(sections) <= 4:
        return None
    numeric = sections[:3]
    negative = number < 0
    index = 1 if negative and len(numeric) > 1 else 2 if number == 0 and len(numeric) > 2 else 0
    section = _parsed(numeric[index])
    if section is None:
        return None
    exact = Decimal(f"{abs(number):.{_SIGNIFICANT_DIGITS}g}")
    text = general(abs(number)) if section.digits == GENERAL else _set(exact * 100**section.percent, section.digits)
    if text is None:
        return None
    minus = negative and index == 0 and any(digit in "123456789" for digit in text)
    return f"{'-' if minus else ''}{section.before}{text}{section.after}".strip()


def general(number: float) -> str:
    """Return ``number`` as printed without a format of its own."""
    if float(number).is_integer() and abs(number) < 10**_SIGNIFICANT_DIGITS:
        return str(int(number))
    return f"{number:.{_SIGNIFICANT_DIGITS}g}"


@lru_cache(maxsize=256)
def _split(code: str) -> list[str]:
    sections, position = [], 0
    while True:
        match = _SECTIONS.match(code, position)
        assert match is not None
        sections.append(match.group())
        position = match.end() + 1
        if match.end() >= len(code):
            return sections


@lru_cache(maxsize=256)
def _parsed(section: str) -> _Section | None:
    """Read a section; None where it asks for dates, fractions, powers of ten, conditions or other numerals."""
    found = _Section()
    if section == "@":
        return _Section(digits=GENERAL)
    for match in _TOKEN.finditer(section):
        quoted, escaped, skipped, _filled, bracket, as_general, digits, plain = match.groups()
        literal = quoted if quoted is not None else escaped if escaped is not None else ""
        if skipped is not None:
            literal = " "
        elif bracket is not None and not _COLOUR.fullmatch(bracket):
            currency = _CURRENCY.fullmatch(bracket)
            if currency is None:
                return None
            literal = currency[1]
        elif as_general or digits:
            if found.digits:
                return None
            found.digits = GENERAL if as_general else digits
        elif plain is not None:
            if plain == "%":
                found.percent += 1
            elif plain in "/@" or (plain.isascii() and plain.isalpha()):
                return None
            literal = plain
        if found.digits:
            found.after += literal
        else:
            found.before += literal
    return found


def _set(number: Decimal, digits: str) -> str | None:
    """Return a number that is not negative as the placeholders 0, # and ? set it, rounded as spreadsheets round."""
    if not digits:
        return ""
    scaled = digits.rstrip(",")
    whole, point, decimals = scaled.partition(".")
    if "." in decimals or "," in decimals or len(decimals) > _MOST_DECIMALS or not (whole or decimals):
        return None
    placeholders = whole.rstrip(",")
    number /= 1000 ** (len(digits) - len(scaled) + len(whole) - len(placeholders))
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    integer, _point, fraction = f"{rounded:f}".partition(".")
    integer = integer.lstrip("0").zfill(placeholders.count("0"))
    if "," in placeholders:
        integer = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", integer)
    while fraction and fraction[-1] == "0" and decimals[len(fraction) - 1] != "0":
        fraction = fraction[:-1]
    return f"{integer}{point}{fraction}"


def formats_of_sheets(package: zipfile.ZipFile) -> list[dict[tuple[int, int], str | None]]:
    """Return for each sheet of an XLSX package, in order, the formats of its numbers that have one of their own.

    By (row, column) from 0; None is a format that is not known. Raises KeyError for a part that
    is missing and etree.XMLSyntaxError for one that is damaged.
    """
    codes = _codes_of_styles(package)
    if all(code == GENERAL for code in codes):
        return []
    relations = _root(package, _RELATIONS).iter("{*}Relationship")
    targets = {relation.get("Id"): str(relation.get("Target", "")) for relation in relations}
    found = []
    for sheet in _root(package, _WORKBOOK).iter("{*}sheet"):
        target = targets[sheet.get(_ID) or sheet.get(_STRICT_ID)]
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found.append(dict(_formats(package, name, codes)))
    return found


def _codes_of_styles(package: zipfile.ZipFile) -> list[str | None]:
    """The format code of every style that cells may name."""
    if _part(package, _PATH_TO_STYLES) is None:
        return []
    root = _root(package, _PATH_TO_STYLES)
    own: Mapping[str | None, str] = {one.get("numFmtId"): one.get("formatCode", "") for one in root.iter("{*}numFmt")}
    styles = root.find("{*}cellXfs")
    codes: list[str | None] = []
    for style in styles if styles is not None else ():
        number = style.get("numFmtId") or "0"
        built_in = None if (known := whole_number(number)) is None else _BUILT_IN.get(known)
        codes.append(own.get(number, built_in))
    return codes


def _formats(
    package: zipfile.ZipFile, name: str, codes: list[str | None]
) -> Iterator[tuple[tuple[int, int], str | None]]:
    row = column = -1
    with package.open(_part(package, name) or name) as stream:
        for _event, element in etree.iterparse(
            stream, events=("start",), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True
        ):
            reference = _REFERENCE.fullmatch(element.get("r", ""))
            if etree.QName(element).localname == "row":
                number = whole_number(element.get("r", ""))
                row, column = row + 1 if number is None else number - 1, -1
                # What was read of the rows above is not needed again.
                while (above := element.getprevious()) is not None:
                    above.getparent().remove(above)
                continue
            column = _column(reference[1]) if reference else column + 1
            style = whole_number(element.get("s", "0"))
            code = codes[style] if style is not None and style < len(codes) else None
            if element.get("t", "n") == "n" and code != GENERAL:
                yield (int(reference[2]) - 1 if reference else row, column), code


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _root(package: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(package.read(_part(package, name) or name), parser)


def _part(package: zipfile.ZipFile, name: str) -> str | None:
    """The name of a part as the package spells it."""
    wanted = name.lower()
    return next((one for one in package.namelist() if one.replace("\\", "/").lower() == wanted), None)
