"""Table 二 (and the counts of 三 and 四): values that cannot be, or hardly can be, what the form asks for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from checks.labels import cell_label
from checks.relations import number_text
from checks.rule import Rule, rule
from parsers.organs import classify
from parsers.powers import makes_regulations
from parsers.report import Finding, Reading, Report, Severity

COUNT = rule("tables.count")
LARGE = rule("tables.large")
AMOUNT = rule("disclosures.amount")
POWER = rule("disclosures.regulations_power")
IN_FORCE = rule("disclosures.in_force")
DISCLOSED = rule("disclosures.disclosed")
ITEMS = rule("disclosures.items_or_cases")
PROCUREMENT = rule("disclosures.procurement")
RULES = (COUNT, LARGE, AMOUNT, POWER, IN_FORCE, DISCLOSED, ITEMS, PROCUREMENT)

_NO_COUNT = ("amount", "change")
_DOCUMENTS = ("regulations", "normative_documents")
# The largest figures met in published reports: 11 398 889 permits of a city, some thousand requests.
_LARGEST = {"disclosures": 100_000_000, "requests": 1_000_000, "reviews": 100_000}
_LARGEST_DOCUMENTS = 20_000
_MOST_ITEMS = {"government": 100_000, "department": 5_000, "township": 1_000, "other": 5_000}
_MANY = 100
_LARGEST_CHANGE_OF_A_DEPARTMENT = 3_000
_YUAN = {"元": Decimal(1), "万元": Decimal(10_000), "万": Decimal(10_000), "亿元": Decimal(100_000_000)}
_DEAREST_ITEM = Decimal(100_000_000)
_CHEAPEST_ITEM = Decimal(100)


def check(report: Report) -> list[Finding]:
    """Try every printed number by itself and table 二's numbers against each other."""
    return [
        *_counts(report),
        *_powers(report),
        *_documents(report),
        *_items(report),
        *_procurement(report),
    ]


def _counts(report: Report) -> Iterator[Finding]:
    for table in ("disclosures", "requests", "reviews"):
        largest = _LARGEST[table]
        for row, cells in getattr(report, table).items():
            for column, reading in cells.items():
                number = reading.number
                # Nearly every cell is a small whole number.
                if number is None or (type(number) is int and 0 <= number < _LARGEST_DOCUMENTS):
                    continue
                field = f"{table}.{row}.{column}"
                if column in _NO_COUNT:
                    if column == "amount" and number < 0:
                        yield _about(AMOUNT, "error", [(field, reading)], "为负数，金额不应小于0", "0以上")
                    continue
                if number < 0 or (isinstance(number, float) and not number.is_integer()):
                    yield _about(COUNT, "error", [(field, reading)], "件数应是不小于0的整数", "不小于0的整数")
                elif number >= largest or (row in _DOCUMENTS and number >= _LARGEST_DOCUMENTS):
                    yield _about(LARGE, "warning", [(field, reading)], "数量级异常，可能多写了数位或把年份连在一起")


def _powers(report: Report) -> Iterator[Finding]:
    cells = report.disclosures.get("regulations")
    if not cells:
        return
    printed = [
        (f"disclosures.regulations.{measure}", reading)
        for measure, reading in cells.items()
        if (reading.number or 0) > 0
    ]
    if printed and makes_regulations(report.organ) is False:
        yield _about(
            POWER,
            "warning",
            printed,
            "该机关没有制定规章的权力（限于国务院部门、省级和设区的市、自治州政府），可能把其他文件计入了规章",
            "0",
        )


def _documents(report: Report) -> Iterator[Finding]:
    for item in _DOCUMENTS:
        cells = report.disclosures.get(item, {})
        issued, repealed, in_force = (_number(cells.get(code)) for code in ("issued", "repealed", "in_force"))
        if issued is not None and repealed is not None and in_force is not None and in_force < issued - repealed:
            yield _about(
                IN_FORCE,
                "note",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("issued", "repealed", "in_force")],
                f"现行有效件数少于本年制发减去废止的{number_text(issued - repealed)}件，原有的将为负数",
                f"{number_text(issued - repealed)}以上",
                number_text(in_force),
            )
        made, disclosed, total = (_number(cells.get(code)) for code in ("made", "disclosed", "total_disclosed"))
        if disclosed is not None and total is not None and disclosed > total:
            yield _about(
                DISCLOSED,
                "warning",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("disclosed", "total_disclosed")],
                "本年新公开多于对外公开总数量",
                f"不大于{number_text(total)}",
                number_text(disclosed),
            )
        elif made and disclosed == 0:
            yield _about(
                DISCLOSED,
                "note",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("made", "disclosed")],
                "本年有新制作而没有公开",
                number_text(made),
                "0",
            )


def _items(report: Report) -> Iterator[Finding]:
    """Edition 2019 asks for items of authority beside cases decided; editors mistake one for the other."""
    if report.disclosures_edition == "2021":
        return
    kind = classify(report.organ)[1]
    department = kind != "government" and "政府办公" not in report.organ
    most = _MOST_ITEMS[kind if department else "government"]
    for item, cells in report.disclosures.items():
        if "prior_items" not in cells:
            continue
        prior, change = _number(cells["prior_items"]), _number(cells.get("change"))
        if prior is not None and change is not None and prior + change < 0:
            yield _about(
                ITEMS,
                "warning",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("prior_items", "change")],
                f"上一年项目数加本年增减为{number_text(prior + change)}，项目数不会是负数",
                "0以上",
                number_text(prior + change),
            )
        elif (prior is not None and prior > most) or (
            department and change is not None and abs(change) > _LARGEST_CHANGE_OF_A_DEPARTMENT
        ):
            yield _about(
                ITEMS,
                "note",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("prior_items", "change") if code in cells],
                "项目数的数量级异常，可能填成了办件量",
            )
        elif prior is not None and prior >= _MANY and prior == _number(cells.get("decisions")):
            yield _about(
                ITEMS,
                "note",
                [(f"disclosures.{item}.{code}", cells[code]) for code in ("prior_items", "decisions")],
                "上一年项目数量与处理决定数量相同，可能把办件量填作了项目数",
            )


def _procurement(report: Report) -> Iterator[Finding]:
    cells = report.disclosures.get("procurement", {})
    items, amount = _number(cells.get("items")), _number(cells.get("amount"))
    if items is None or amount is None or items < 0 or amount < 0:
        return
    named = [(f"disclosures.procurement.{code}", cells[code]) for code in ("items", "amount")]
    if bool(items) != bool(amount):
        yield _about(PROCUREMENT, "note", named, "采购项目数量与采购总金额一个为0、一个不为0")
        return
    unit = _YUAN.get(cells["amount"].unit or "")
    if not items or unit is None:
        return
    each = amount * unit / items
    if not _CHEAPEST_ITEM <= each <= _DEAREST_ITEM:
        yield _about(PROCUREMENT, "note", named, f"平均每项{_money(each)}，数量级可疑，可能是金额单位填错")


def _money(yuan: Decimal) -> str:
    if yuan >= 10_000:
        return f"{number_text((yuan / 10_000).quantize(Decimal('0.01')))}万元"
    return f"{number_text(yuan.quantize(Decimal('0.01')))}元"


def _number(reading: Reading | None) -> Decimal | None:
    if reading is None or reading.kind != "number" or reading.number is None:
        return None
    number = Decimal(str(reading.number))
    return number if number.is_finite() else None


def _about(
    about: Rule,
    severity: Severity,
    cells: list[tuple[str, Reading]],
    why: str,
    expected: str | None = None,
    actual: str | None = None,
) -> Finding:
    named = "、".join(f"{cell_label(field)}为{reading.printed or reading.number}" for field, reading in cells)
    return Finding(
        rule=about.code,
        severity=severity,
        cause="source" if all(reading.sure for _field, reading in cells) else "unknown",
        message=f"{named}：{why}",
        cells=tuple(field for field, _reading in cells),
        expected=expected,
        actual=actual or "、".join(reading.printed or str(reading.number) for _field, reading in cells),
    )
