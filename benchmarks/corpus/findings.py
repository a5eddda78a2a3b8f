"""Fictional reports for the rules of one report: clean ones, and ones with a single known fault."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from benchmarks.corpus.reports import EDITIONS, NUMERALS, draw_organ
from parsers import forms
from parsers.report import Reading, Readings, Report, Section
from sample.figures import Ledger, number
from sample.organs import Organ, Scale

_SCALES: Sequence[Scale] = ("small", "small", "busy", "busy", "busy", "office", "district", "city")
_RESULTS = {
    "granted": ("granted",),
    "partly": ("partly_granted",),
    "opened": ("granted", "partly_granted"),
    "denied": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "denied"),
    "unavailable": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "unavailable"),
    "rejected": tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "rejected"),
    "other": tuple(code for code in forms.REQUEST_ROWS if code.startswith("other")),
}
_RULE_OF_FACT = {
    "new": "prose.requests_new",
    "before": "prose.requests_carried_in",
    "handled": "prose.requests_handled",
    "after": "prose.requests_carried_out",
    **dict.fromkeys(_RESULTS, "prose.requests_results"),
    **dict.fromkeys(("reconsidered", "sued", "direct", "later"), "prose.reviews"),
    **dict.fromkeys(("issued", "repealed", "in_force", "made"), "prose.documents"),
}


@dataclass(slots=True)
class Written:
    """A report with the rule whose fault was put into it, None for a clean one, and what was done."""

    report: Report
    rule: str | None = None
    fault: str = ""


class _Facts(dict[str, Any]):
    """Facts for a wording, which remembers the numbers that were used."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(facts)
        self.used: list[str] = []

    def __getitem__(self, key: str) -> Any:
        if key in _RULE_OF_FACT:
            self.used.append(key)
        return super().__getitem__(key)


@cache
def wording() -> dict[str, Any]:
    """The words of ``wording.toml``."""
    return tomllib.loads(resources.files("benchmarks.corpus").joinpath("wording.toml").read_text("utf-8"))


def clean(rng: random.Random, *, scale: Scale | None = None, editions: tuple[str, str] | None = None) -> Written:
    """A report without a fault; the same state of ``rng`` gives the same report."""
    report, organ = _figures(rng, scale, editions)
    _write(report, organ, rng, _facts(report, organ, rng))
    return Written(report)


def faulty(rule: str, rng: random.Random) -> Written:
    """A report with one fault that ``rule`` is to find; raises KeyError for a rule without an injector."""
    injector = INJECTORS[rule]
    for _ in range(200):
        written = injector(rng)
        if written is not None:
            return replace(written, rule=rule)
    raise RuntimeError(f"no report to put a fault of {rule} into")


def _figures(
    rng: random.Random, scale: Scale | None = None, editions: tuple[str, str] | None = None
) -> tuple[Report, Organ]:
    two, three = editions or rng.choice(EDITIONS)
    organ = draw_organ(rng, scale if scale is not None else rng.choice(_SCALES))
    year = rng.choice((2019, 2020)) if (two, three) == ("2019", "2019") else rng.randint(2021, 2025)
    ledger = Ledger(organ, rng)
    ledger.requests(three)
    report = Report(
        organ.name,
        year,
        f"{organ.name}{year}年政府信息公开工作年度报告",
        scope="area" if organ.kind in ("government", "township", "street") else "office",
        disclosures_edition=two,
        requests_edition=three,
        status="complete",
        disclosures=ledger.disclosures(two),
        requests=ledger.requests(three),
        reviews=ledger.reviews(),
    )
    return report, organ


def _facts(report: Report, organ: Organ, rng: random.Random) -> dict[str, Any]:
    total = {row: int(cells["total"].number or 0) for row, cells in report.requests.items()}
    review = {row: int(cells["total"].number or 0) for row, cells in report.reviews.items()}
    own = {"government": f"全{organ.name.removesuffix('人民政府')[-1]}", "township": "我镇", "street": "本街道"}.get(
        organ.kind, "我局"
    )
    if organ.kind == "office":
        own = "本机关"
    if own == "我局" and organ.name.endswith("委员会"):
        own = "我委"
    if own == "我镇" and "乡" in organ.name:
        own = "我乡"
    documents = report.disclosures["normative_documents"]
    return {
        "y": report.year,
        "p": report.year - 1,
        "n": report.year + 1,
        "me": rng.choice((own, own, organ.name, "本机关")),
        "organ": organ.name,
        "area": organ.place,
        "x": rng.randint(101, 999),
        "z": rng.randint(21, 99),
        "w": rng.randint(3, 20),
        "new": total["new"],
        "before": total["carried_in"],
        "due": total["new"] + total["carried_in"],
        "handled": total["handled_total"],
        "after": total["carried_out"],
        **{fact: sum(total.get(row, 0) for row in rows) for fact, rows in _RESULTS.items()},
        "reconsidered": review["reconsideration"],
        "sued": review["litigation_direct"] + review["litigation_after_reconsideration"],
        "direct": review["litigation_direct"],
        "later": review["litigation_after_reconsideration"],
        **{measure: int(reading.number or 0) for measure, reading in documents.items()},
    }


def _write(report: Report, organ: Organ, rng: random.Random, facts: dict[str, Any]) -> _Facts:
    """Write the prose of a report from facts; returns them with the numbers that were told."""
    words, told = wording(), _Facts(facts)

    def say(part: str, share: float = 1.0) -> str:
        return str(rng.choice(words[part])).format_map(told) if rng.random() < share else ""

    busy = facts["new"] or facts["before"]
    if busy:
        requests = [say(rng.choice(("flow", "flow", "received"))), say("results", 0.5)]
        if "handled" not in told.used:
            requests.insert(1, say("handled", 0.4))
    else:
        requests = [say("no_requests")]
    reviewed = facts["reconsidered"] or facts["sued"]
    requests.append(say("reviews" if reviewed else "no_reviews", 0.6))
    if rng.random() < 0.4 and organ.kind != "government":
        requests.append(str(rng.choice(words["traps"]["own"])).format_map(told))
    documents = "documents" if report.disclosures_edition == "2021" else "documents_2019"
    disclosure = [*(str(text).format_map(told) for text in rng.sample(words["disclosure"], 2)), say(documents, 0.5)]
    parts = {
        "主动公开": "".join(disclosure),
        "依申请公开": "".join(requests),
        "政府信息管理": say("management"),
        "政府信息公开平台建设": say("platform"),
        "监督保障": say("supervision"),
    }
    overview = [say("openings")]
    style = rng.choice(("inline", "lines", "colon", "situation"))
    for numeral, (head, text) in zip("一二三四五", parts.items(), strict=True):
        if style == "lines":
            overview += [f"（{numeral}）{head}情况", text]
        else:
            overview.append(
                f"（{numeral}）{head}{ {'inline': '。', 'colon': '：', 'situation': '情况。'}[style] }{text}"
            )
    others = "others" if report.year >= 2020 else "others_2019"
    prose = {1: overview, 5: [say("problems"), say("remedies")], 6: [say(others)]}
    report.sections = [
        Section(position, f"{NUMERALS[position - 1]}、{label.zh}", "\n".join(prose.get(position, ())))
        for position, label in forms.SECTIONS.items()
    ]
    if report.year >= 2021 and rng.random() < 0.6:
        report.preamble = "\n".join(str(text).format_map(told) for text in words["preambles"])
    return told


Injector = Callable[[random.Random], Written | None]
INJECTORS: dict[str, Injector] = {}


def _injects(rule: str) -> Callable[[Injector], Injector]:
    def register(injector: Injector) -> Injector:
        INJECTORS[rule] = injector
        return injector

    return register


# Figures ----------------------------------------------------------------------------------


def _alter(report: Report, table: str, row: str, column: str, value: float, unit: str | None = None) -> str:
    cells = getattr(report, table)[row]
    before = cells[column]
    cells[column] = number(value, unit or before.unit)
    return f"{table}.{row}.{column}: {before.number} -> {value}"


def _one_cell(rows: Callable[[Report], list[tuple[str, str, str]]], rng: random.Random) -> Written:
    report, organ = _figures(rng)
    _write(report, organ, rng, _facts(report, organ, rng))
    table, row, column = rng.choice(rows(report))
    value = getattr(report, table)[row][column].number or 0
    other = rng.choice([value + 1, value + 10, value * 10 + 1, *([value - 1, 0] if value > 0 else [])])
    return Written(report, fault=_alter(report, table, row, column, other))


_BALANCE = ("new", "carried_in", "handled_total", "carried_out")
_ARITHMETIC: dict[str, Callable[[Report], list[tuple[str, str, str]]]] = {
    "requests.identity": lambda r: [("requests", row, c) for row in _BALANCE for c in forms.APPLICANTS],
    "requests.handled_sum": lambda r: [
        ("requests", row, c)
        for row in r.requests
        if row not in ("new", "carried_in", "carried_out")
        for c in forms.APPLICANTS
    ],
    "requests.row_total": lambda r: [("requests", row, c) for row in r.requests for c in forms.APPLICANTS],
    "reviews.total": lambda r: [("reviews", row, c) for row in r.reviews for c in forms.OUTCOMES],
}
for _rule, _rows in _ARITHMETIC.items():
    INJECTORS[_rule] = lambda rng, rows=_rows: _one_cell(rows, rng)  # type: ignore[misc]


@_injects("requests.one_cell")
def _wrong_cell(rng: random.Random) -> Written | None:
    written = _one_cell(lambda r: [("requests", row, c) for row in r.requests for c in forms.APPLICANTS], rng)
    row = written.fault.split(".")[1]
    # A row of its own balance and one column's sum is told apart from its neighbours only by both.
    return written if row not in ("new", "carried_in", "carried_out") or "total" not in written.fault else None


@_injects("tables.count")
def _no_count(rng: random.Random) -> Written:
    report, organ = _figures(rng)
    _write(report, organ, rng, _facts(report, organ, rng))
    table, row, column = rng.choice(
        [
            ("disclosures", item, measure)
            for item, cells in report.disclosures.items()
            for measure in cells
            if measure not in ("change", "amount")
        ]
        + [("requests", row, "natural_person") for row in report.requests]
    )
    return Written(report, fault=_alter(report, table, row, column, rng.choice((-1, -12, 0.5, 3.25))))


@_injects("tables.large")
def _large(rng: random.Random) -> Written:
    report, organ = _figures(rng)
    _write(report, organ, rng, _facts(report, organ, rng))
    field = rng.choice(("administrative_permits", "administrative_penalties"))
    return Written(report, fault=_alter(report, "disclosures", field, "decisions", rng.randint(10**8, 10**11)))


def _with(edition: str, rng: random.Random, scale: Scale | None = None) -> tuple[Report, Organ]:
    editions: tuple[str, str] = ("2019", "2019") if edition == "2019" else ("2021", "2021")
    report, organ = _figures(rng, scale, editions)
    _write(report, organ, rng, _facts(report, organ, rng))
    return report, organ


@_injects("disclosures.amount")
def _negative_amount(rng: random.Random) -> Written:
    report, _organ = _with("2021", rng)
    return Written(
        report, fault=_alter(report, "disclosures", "administrative_fees", "amount", -rng.randint(1, 900) / 10)
    )


@_injects("disclosures.regulations_power")
def _without_power(rng: random.Random) -> Written:
    edition = rng.choice(("2019", "2021"))
    report, _organ = _with(edition, rng, rng.choice(("small", "busy", "district", "office")))
    measures = ("issued", "repealed", "in_force") if edition == "2021" else ("made", "disclosed", "total_disclosed")
    value = rng.randint(1, 30)
    return Written(report, fault="; ".join(_alter(report, "disclosures", "regulations", m, value) for m in measures))


@_injects("disclosures.in_force")
def _too_few_in_force(rng: random.Random) -> Written:
    report, _organ = _with("2021", rng)
    issued = rng.randint(2, 40)
    fault = [_alter(report, "disclosures", "normative_documents", "issued", issued)]
    fault.append(_alter(report, "disclosures", "normative_documents", "repealed", 0))
    fault.append(_alter(report, "disclosures", "normative_documents", "in_force", rng.randint(0, issued - 1)))
    return Written(report, fault="; ".join(fault))


@_injects("disclosures.disclosed")
def _undisclosed(rng: random.Random) -> Written:
    report, _organ = _with("2019", rng)
    made = rng.randint(1, 90)
    if rng.random() < 0.5:
        fault = [_alter(report, "disclosures", "normative_documents", "made", made)]
        fault.append(_alter(report, "disclosures", "normative_documents", "disclosed", 0))
    else:
        fault = [_alter(report, "disclosures", "normative_documents", "disclosed", made + 1)]
        fault.append(_alter(report, "disclosures", "normative_documents", "total_disclosed", made))
    return Written(report, fault="; ".join(fault))


@_injects("disclosures.items_or_cases")
def _cases_for_items(rng: random.Random) -> Written:
    report, _organ = _with("2019", rng, rng.choice(("small", "busy")))
    item = rng.choice(("administrative_permits", "other_services", "administrative_penalties"))
    if rng.random() < 0.5:
        fault = [
            _alter(report, "disclosures", item, "prior_items", 8),
            _alter(report, "disclosures", item, "change", -31),
        ]
    else:
        fault = [_alter(report, "disclosures", item, "prior_items", rng.randint(11_000, 900_000))]
    return Written(report, fault="; ".join(fault))


@_injects("disclosures.procurement")
def _wrong_unit(rng: random.Random) -> Written:
    report, _organ = _with("2019", rng)
    items = rng.randint(1, 20)
    each = rng.choice((rng.randint(20_000, 900_000), 0.001))
    fault = [_alter(report, "disclosures", "procurement", "items", items)]
    fault.append(_alter(report, "disclosures", "procurement", "amount", round(items * each, 4), "万元"))
    return Written(report, fault="; ".join(fault))


# Prose against tables ---------------------------------------------------------------------


def _false_fact(rule: str) -> Injector:
    """Tell one number of the rule's kind wrong, whatever it is told for."""

    def inject(rng: random.Random) -> Written | None:
        report, organ = _figures(rng)
        facts = _facts(report, organ, rng)
        state = rng.getstate()
        told = _write(report, organ, rng, facts).used
        mine = [fact for fact in told if _RULE_OF_FACT[fact] == rule]
        if not mine:
            return None
        fact = rng.choice(mine)
        value = facts[fact]
        wrong = rng.choice([value + 1, value + 2, value + 10, value * 2 + 3, *([value - 1] if value > 1 else [])])
        if (facts["new"] + facts["before"] == 0) and fact in ("new", "before"):
            return None
        again = random.Random()
        again.setstate(state)
        _write(report, organ, again, {**facts, fact: wrong})
        return Written(report, fault=f"{fact}: {value} told as {wrong}")

    return inject


for _rule in sorted(set(_RULE_OF_FACT.values())):
    INJECTORS[_rule] = _false_fact(_rule)


def _instead(report: Report, section: int, old: str, new: str) -> bool:
    for index, part in enumerate(report.sections):
        if part.number == section and old in part.text:
            report.sections[index] = replace(part, text=part.text.replace(old, new, 1))
            return True
    return False


def _append(report: Report, section: int, text: str) -> None:
    report.sections = [
        replace(part, text=f"{part.text}{text}") if part.number == section else part for part in report.sections
    ]


@_injects("prose.reviews_upheld")
def _not_all_upheld(rng: random.Random) -> Written | None:
    written = clean(rng)
    cells = written.report.reviews["reconsideration"]
    if not sum(int(cells[outcome].number or 0) for outcome in ("corrected", "other", "pending")):
        return None
    upheld = rng.choice(("均获维持", "全部维持", "均予以维持"))
    _append(written.report, 1, f"因政府信息公开被申请行政复议{cells['total'].number}件，{upheld}。")
    return Written(written.report, fault="all upheld")


@_injects("prose.requests_done")
def _not_all_done(rng: random.Random) -> Written | None:
    report, organ = _figures(rng, rng.choice(("busy", "office")))
    facts = _facts(report, organ, rng)
    if not facts["after"]:
        return None
    _write(report, organ, rng, facts)
    done = rng.choice(("均已办结", "已全部办结", "办结率100%"))
    for index, part in enumerate(report.sections):
        if part.number == 1:
            lines = part.text.split("\n")
            at = next(i for i, line in enumerate(lines) if "依申请公开" in line[:12])
            lines[at + (len(lines[at]) < 15)] = (
                f"（二）依申请公开。{facts['y']}年收到政府信息公开申请{facts['new']}件，{done}。"
            )
            report.sections[index] = replace(part, text="\n".join(lines))
    return Written(report, fault=done)


@_injects("prose.fee")
def _two_fees(rng: random.Random) -> Written | None:
    written = clean(rng)
    if written.report.year < 2020:
        return None
    fee = rng.choice((200, 1_300, 3_940, 25_000))
    _append(written.report, 1, f"全年向申请人收取政府信息公开信息处理费{fee}元。")
    return Written(written.report, fault=f"{fee} yuan in section 1")


# Text -------------------------------------------------------------------------------------


@_injects("text.stale_year")
def _last_year(rng: random.Random) -> Written | None:
    written = clean(rng)
    report = written.report
    old = report.year - rng.choice((1, 1, 1, 2))
    sentences = [
        (part.number, sentence)
        for part in report.sections
        for line in part.text.split("\n")
        for sentence in line.split("。")
        if sentence.startswith((f"{report.year}年，", f"{report.year}年度"))
        and sentence.count(str(report.year)) == 1
        and str(report.year - 1) not in sentence
        and not any(word in sentence for word in ("同比", "比", "较"))
    ]
    if not sentences:
        return None
    section, sentence = rng.choice(sentences)
    _instead(report, section, sentence, sentence.replace(f"{report.year}年", f"{old}年", 1))
    return Written(report, fault=f"{old}: {sentence[:40]}")


_TEMPLATES = (
    "全年公开信息23条（请根据实际情况填写）。", "通过门户网站（具体网址）公开。", "XX局按要求公开相关信息。",
    "全年主动公开政府信息条，其中政策文件类信息条。", "联系电话：××××。", "（此处填写单位公开平台名称）",
    "制定《某某局信息公开办法》。", "共发布解读稿件篇，社会反响良好。", "该部分以表格形式报告。",
)  # fmt: skip


@_injects("text.template")
def _unfilled(rng: random.Random) -> Written:
    written = clean(rng)
    text = rng.choice(_TEMPLATES)
    _append(written.report, rng.choice((1, 5, 6)), text)
    return Written(written.report, fault=text)


@_injects("text.superseded_basis")
def _old_basis(rng: random.Random) -> Written:
    written = clean(rng, editions=("2021", "2021"))
    written.report.preamble = ""
    text = rng.choice(
        (
            "按照《国务院办公厅政府信息与政务公开办公室关于政府信息公开工作年度报告有关事项的通知》（国办公开办函〔2019〕60号）编制。",
            "根据国办公开办函[2019]60号文件要求开展年报编制。",
            "依据《中华人民共和国政府信息公开条例》（国务院令第492号）开展工作。",
        )
    )
    _append(written.report, 1, text)
    return Written(written.report, fault=text)


@_injects("text.impossible_date")
def _no_such_date(rng: random.Random) -> Written:
    written = clean(rng)
    year = written.report.year
    date = rng.choice(
        (
            f"{year}年13月5日",
            f"{year}年2月30日",
            f"20{year}年12月31日",
            "11月31日",
            f"{year}年4月31日",
            f"{year}年0月12日",
            f"{year}年14月",
        )
    )
    _append(written.report, 1, f"于{date}组织开展政务公开专题培训。")
    return Written(written.report, fault=date)


@_injects("text.section_empty")
def _nothing_said(rng: random.Random) -> Written:
    written = clean(rng)
    section, text = rng.choice((5, 6)), rng.choice(("", "无", "无。", "暂无", "没有。", "无相关情况。", "/"))
    written.report.sections = [
        replace(part, text=text) if part.number == section else part for part in written.report.sections
    ]
    return Written(written.report, fault=f"section {section}: {text!r}")


@_injects("text.numbering")
def _wrong_number(rng: random.Random) -> Written | None:
    written = clean(rng)
    report = written.report
    if rng.random() < 0.3:
        position = rng.randint(2, 5)
        wrong = rng.choice([numeral for numeral in "一二三八" if numeral != NUMERALS[position]])
        report.sections[position] = replace(
            report.sections[position], heading=f"{wrong}、{forms.SECTIONS[position + 1].zh}"
        )
        return Written(report, fault=report.sections[position].heading)
    old, new = rng.choice((("（三）", "（二）"), ("（四）", "（六）"), ("（三）", "（一）"), ("（五）", "（四）")))
    return Written(report, fault=f"{old} as {new}") if _instead(report, 1, old, new) else None


@_injects("text.other_organ")
def _anothers_text(rng: random.Random) -> Written | None:
    report, organ = _figures(rng, rng.choice(("small", "busy", "district")))
    _write(report, organ, rng, _facts(report, organ, rng))
    if rng.random() < 0.3:
        other = rng.choice(("耀川区水利局", "松陵市审计局", "沙坪县青石镇人民政府"))
        report.preamble = f"根据《条例》规定，现发布《{other}{report.year}年政府信息公开工作年度报告》。"
        return Written(report, fault=report.preamble)
    own = {"department": "我镇", "township": "我局", "street": "我局", "government": "我局"}[organ.kind]
    text = f"{own}将进一步加强政府信息公开工作，提高公开水平。"
    if organ.kind == "department" and rng.random() < 0.5:
        text = rng.choice(("成立领导小组，由水利局局长任副组长。", "围绕民族宗教工作，及时公开相关信息。"))
    if organ.kind in ("township", "street") and rng.random() < 0.5:
        text = rng.choice(("在上级公安机关的正确领导下，公开工作取得新成效。", "围绕市场监管工作，主动公开监管信息。"))
    _append(report, rng.choice((1, 5)), text)
    return Written(report, fault=text)


def readings(report: Report) -> dict[str, Readings]:
    """The three tables of a report by name."""
    return {"disclosures": report.disclosures, "requests": report.requests, "reviews": report.reviews}


def blanked(report: Report, share: float, rng: random.Random) -> Report:
    """Leave a share of the zeros blank, as editors do."""
    for table in readings(report).values():
        for cells in table.values():
            for column, reading in cells.items():
                if reading.number == 0 and rng.random() < share:
                    cells[column] = Reading("blank")
    return report
