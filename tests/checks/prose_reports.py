"""Reports with prose, for the rules on text."""

from __future__ import annotations

from checks import run
from parsers import forms
from parsers.report import Finding, Report, Section
from tests.checks.builders import number, sound_report

PROBLEMS = "公开内容还不够丰富，今后将加强学习和培训。"
OTHERS = "本机关没有收取信息处理费，没有其他需要报告的事项。"


def report_with(
    text: str, *, organ: str = "明川市林业局", year: int = 2024, section: int = 1, scope: str | None = None
) -> Report:
    """A sound report with 22 new requests, 3 carried in, 21 handled, 4 carried out, and ``text`` in a section.

    Handled: 12 granted, 3 in part, 1 denied, 4 not held, 1 otherwise. Reviews: 2 reconsiderations upheld and 1
    pending, 1 lawsuit brought directly and 1 after reconsideration. Documents: 3 issued, 1 repealed, 20 in force.
    """
    report = sound_report(
        results={
            "granted": [10, 2, 0, 0, 0, 0],
            "partly_granted": [3, 0, 0, 0, 0, 0],
            "denied_third_party": [1, 0, 0, 0, 0, 0],
            "unavailable_not_held": [4, 0, 0, 0, 0, 0],
            "other_reasons": [1, 0, 0, 0, 0, 0],
        },
        carried_in=[3, 0, 0, 0, 0, 0],
        carried_out=[3, 1, 0, 0, 0, 0],
        reviews={
            "reconsideration": [2, 0, 0, 1],
            "litigation_direct": [1, 0, 0, 0],
            "litigation_after_reconsideration": [1, 0, 0, 0],
        },
    )
    report.organ, report.year, report.scope = organ, year, scope
    report.title = f"{organ}{year}年政府信息公开工作年度报告"
    report.disclosures_edition = "2021"
    report.disclosures = {
        "regulations": {"issued": number(0), "repealed": number(0), "in_force": number(0)},
        "normative_documents": {"issued": number(3), "repealed": number(1), "in_force": number(20)},
    }
    prose = {1: "", 5: PROBLEMS, 6: OTHERS, section: text}
    report.sections = [
        Section(position, f"{'一二三四五六'[position - 1]}、{label.zh}", prose.get(position, ""))
        for position, label in forms.SECTIONS.items()
    ]
    return report


def findings(report: Report, *rules: str) -> list[Finding]:
    """Findings of the rules on prose and text, or of those named."""
    return [
        finding
        for finding in run(report)
        if (finding.rule in rules if rules else finding.rule.startswith(("prose.", "text.")))
    ]
