"""Prose against tables 三 and 四: how many requests and reviews the sentences name, and how many the tables."""

from __future__ import annotations

from collections.abc import Callable

from checks import figures, statements
from checks.figures import OFFICE_AGAINST_AREA, Amount, covers_area, plain, together, wider_area
from checks.prose import MOST_FINDINGS, Prose
from checks.rule import Rule, rule
from checks.statements import RESULTS, Statement
from parsers import forms
from parsers.report import Cause, Finding, Report, Severity

NEW = rule("prose.requests_new")
CARRIED_IN = rule("prose.requests_carried_in")
HANDLED = rule("prose.requests_handled")
RESULT = rule("prose.requests_results")
CARRIED_OUT = rule("prose.requests_carried_out")
REVIEWS = rule("prose.reviews")
UPHELD = rule("prose.reviews_upheld")
DONE = rule("prose.requests_done")
RULES = (NEW, CARRIED_IN, HANDLED, RESULT, CARRIED_OUT, REVIEWS, UPHELD, DONE)

_GROUPS = {
    "denied": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "denied"),
    "unavailable": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "unavailable"),
    "rejected": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "rejected"),
}
_OTHER_PARTS = tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "other_handling")
_SINGLE = {"unavailable": "unavailable_not_held"}
_NAMES = {
    "processed_new": "新收申请",
    "answered": "办结或答复的申请",
    "processed": "办理的申请",
    "carried_in": "上年结转的申请",
    "carried_out": "结转下年度的申请",
    "granted": "予以公开",
    "partly_granted": "部分公开",
    "granted_or_partly": "予以公开及部分公开",
    "denied": "不予公开",
    "unavailable": "无法提供",
    "rejected": "不予处理",
    "other_handling": "其他处理",
    "reconsideration": "行政复议",
    "litigation": "行政诉讼",
    "litigation_direct": "未经复议直接起诉",
    "litigation_after": "复议后起诉",
}


def check_prose(prose: Prose) -> list[Finding]:
    """Compare what the sentences state with what the tables print; silent where either does not tell."""
    report = prose.report
    if not report.requests and not report.reviews:
        return []
    found: dict[tuple[str, str, str], Finding] = {}
    for statement in statements.read(prose):
        finding = _compare(prose, statement)
        if finding is not None:
            found.setdefault((finding.rule, finding.cells[0], finding.key), finding)
        if len(found) == MOST_FINDINGS:
            break
    return [*found.values(), *_upheld(prose), *_done(prose)]


def _compare(prose: Prose, statement: Statement) -> Finding | None:
    report = prose.report
    area = covers_area(report)
    if statement.scope == "area" and (not area or wider_area(statement.sentence.text, report.organ)):
        return None
    candidates = _candidates(report, statement)
    if not candidates or any(amount is None for amount in candidates):
        return None
    amounts = [amount for amount in candidates if amount is not None]
    if not all(amount.differs(statement.value) for amount in amounts):
        return None
    table = amounts[0]
    names = _name(statement)
    severity: Severity = "warning"
    cause: Cause = prose.cause if all(amount.sure for amount in amounts) else "unknown"
    where = "表四" if statement.quantities[0] in statements.REVIEWS else "表三"
    message = f"正文称{names}{plain(statement.value)}件，{where}为{table.words}，两者不一致"
    if area and (statement.scope == "office" or (statement.scope is None and statement.value < table.number)):
        severity, cause = "note", "unknown"
        message += OFFICE_AGAINST_AREA
    return Finding(
        rule=_rule_of(statement).code,
        severity=severity,
        cause=cause,
        message=message,
        cells=(statement.sentence.cell, *table.fields),
        expected=plain(table.number),
        actual=plain(statement.value),
        evidence=prose.quote(statement.sentence, statement.words[:6]),
        key=f"{'+'.join(statement.quantities)}={plain(statement.value)}",
    )


def _name(statement: Statement) -> str:
    if len(statement.quantities) > 1 and not statement.together:
        return "收到、办理的申请"
    return "与".join(_NAMES[quantity] for quantity in statement.quantities)


def _rule_of(statement: Statement) -> Rule:
    first = statement.quantities[0]
    if first in statements.REVIEWS:
        return REVIEWS
    if first in RESULTS:
        return RESULT
    return {"processed_new": NEW, "carried_in": CARRIED_IN, "carried_out": CARRIED_OUT}.get(first, HANDLED)


def _candidates(report: Report, statement: Statement) -> list[Amount | None]:
    """What the statement may mean by the tables, the most literal first; None among them is not checkable."""
    if statement.together:
        return [together(_literal(report, quantity) for quantity in statement.quantities)]
    candidates = [_literal(report, quantity) for quantity in statement.quantities]
    for quantity in statement.quantities:
        candidates += _LENIENT.get(quantity, _no_more)(report, statement)
    return candidates


def _literal(report: Report, quantity: str) -> Amount | None:
    if quantity in ("reconsideration", "litigation_direct"):
        return figures.review(report, quantity)
    if quantity == "litigation_after":
        return figures.review(report, "litigation_after_reconsideration")
    if quantity == "litigation":
        return together((_literal(report, "litigation_direct"), _literal(report, "litigation_after")))
    if quantity in ("answered", "processed"):
        return figures.request_row(report, "handled_total")
    if quantity == "processed_new":
        return figures.request_row(report, "new")
    if quantity == "granted_or_partly":
        return together((_literal(report, "granted"), _literal(report, "partly_granted")))
    if quantity == "other_handling":
        rows = [row for row in _OTHER_PARTS if row in report.requests] or ["other"]
        return together(figures.request_row(report, row) for row in rows)
    rows = list(_GROUPS.get(quantity, (quantity,)))
    return together(figures.request_row(report, row) for row in rows)


def _no_more(report: Report, statement: Statement) -> list[Amount | None]:
    return []


def _new(report: Report, statement: Statement) -> list[Amount | None]:
    """收到 may count in what came over from the year before, unless the sentence tells them apart."""
    if not statement.inclusive and (statement.strict or "新收" in statement.words):
        return []
    return [together((_literal(report, "processed_new"), _literal(report, "carried_in")))]


def _answered(report: Report, statement: Statement) -> list[Amount | None]:
    """答复 may leave out what was carried in, and what was withdrawn or ended without an answer."""
    handled = _literal(report, "answered")
    more: list[Amount | None] = []
    if not statement.strict:
        more.append(_less(handled, _literal(report, "carried_in")))
    if statement.withdrawn or ("答复" in statement.words and not statement.strict):
        more.append(_less(handled, _literal(report, "other_handling")))
    return [amount for amount in more if amount is not None]


def _processed(report: Report, statement: Statement) -> list[Amount | None]:
    """办理 may mean requests that came in, or all that were on the table."""
    new = _literal(report, "processed_new")
    return [new, together((new, _literal(report, "carried_in")))]


def _granted(report: Report, statement: Statement) -> list[Amount | None]:
    """予以公开 may count in what was granted in part, unless the sentence names that by itself."""
    if "部分公开" in statement.sentence.text:
        return []
    return [_literal(report, "granted_or_partly")]


def _unavailable(report: Report, statement: Statement) -> list[Amount | None]:
    """Not held by the organ is one row of three; 因本机关不掌握等原因 names them all."""
    text = statement.sentence.text
    if "不掌握" in text and "等原因" not in text:
        return [figures.request_row(report, "unavailable_not_held")]
    return []


_LENIENT: dict[str, Callable[[Report, Statement], list[Amount | None]]] = {
    "processed_new": _new,
    "answered": _answered,
    "processed": _processed,
    "granted": _granted,
    "unavailable": _unavailable,
}


def _less(amount: Amount | None, part: Amount | None) -> Amount | None:
    if amount is None or part is None or not amount.exact or not part.exact:
        return None
    return Amount(amount.number - part.number, True, amount.sure and part.sure, (*amount.fields, *part.fields))


def _upheld(prose: Prose) -> list[Finding]:
    """均获维持 in a report whose table 四 has reviews corrected, otherwise ended or still pending."""
    for sentence in prose.sentences:
        if "维持" not in sentence.text or not any(
            words in sentence.text for words in statements.data()["claims"]["all_upheld"]
        ):
            continue
        if "复议" not in sentence.text and "诉讼" not in sentence.text:
            continue
        proceedings = [
            code for code in forms.PROCEEDINGS if ("复议" if code == "reconsideration" else "诉讼") in sentence.text
        ]
        rest = [
            (f"reviews.{code}.{outcome}", reading)
            for code in proceedings
            for outcome, reading in prose.report.reviews.get(code, {}).items()
            if outcome not in ("upheld", "total") and reading.kind == "number" and reading.number
        ]
        if rest:
            number = sum(reading.number or 0 for _field, reading in rest)
            sure = all(reading.sure for _field, reading in rest)
            return [
                Finding(
                    rule=UPHELD.code,
                    severity="warning",
                    cause=prose.cause if sure else "unknown",
                    message=f"正文称复议、诉讼均获维持，表四另有{plain(number)}件结果纠正、其他结果或尚未审结，两者不一致",
                    cells=(sentence.cell, *(field for field, _reading in rest)),
                    expected=plain(number),
                    actual="0",
                    evidence=prose.quote(sentence, "维持"),
                )
            ]
    return []


def _done(prose: Prose) -> list[Finding]:
    """全部办结 in a report that carries requests over to the next year."""
    carried = figures.request_row(prose.report, "carried_out")
    if carried is None or not carried.number:
        return []
    claims = statements.data()["claims"]
    for sentence in prose.sentences:
        text = sentence.text
        if "办结" not in text and "办理完毕" not in text:
            continue
        if not any(words in text for words in claims["all_done"]) or (
            "信息公开申请" not in text and "依申请" not in text
        ):
            continue
        if any(words in text for words in claims["not_all_done"]):
            continue
        if covers_area(prose.report) and "全" not in text[:40]:
            continue
        return [
            Finding(
                rule=DONE.code,
                severity="note",
                cause=prose.cause if carried.sure else "unknown",
                message=f"正文称申请已全部办结，表三有{plain(carried.number)}件结转下年度继续办理",
                cells=(sentence.cell, *carried.fields),
                expected=plain(carried.number),
                actual="0",
                evidence=prose.quote(sentence, "办结"),
            )
        ]
    return []
