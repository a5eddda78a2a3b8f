"""Messages: the health of an archive in the words that people are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archive import reasons
from archive.health import ERROR, Health, PortalHealth, Verdict

_LINES = 40
_WORDS: dict[reasons.Language, dict[str, str]] = {
    "en": {
        "attention": "Nianbao: {count} of {total} portals need attention",
        "crawls": "Nianbao: the crawls need attention",
        "crawls_well": "Nianbao: crawls begin and end again as they should",
        "recovered_only": "Nianbao: {count} portals are well again",
        "well": "Nianbao: all {total} portals are well",
        "recovered": "Well again: {name} ({id})",
        "row": "{count} crawls in a row; the last that went well: {last}",
        "never": "none yet",
        "do": "What to do: {advice}",
        "more": "… and {count} more; nianbao status shows all",
        "archive": "Archive: {path}",
    },
    "zh": {
        "attention": "年报库：{total} 个门户中有 {count} 个需要处理",
        "crawls": "年报库：抓取任务需要处理",
        "crawls_well": "年报库：抓取任务已恢复正常",
        "recovered_only": "年报库：{count} 个门户已恢复",
        "well": "年报库：{total} 个门户全部正常",
        "recovered": "已恢复：{name}（{id}）",
        "row": "连续 {count} 次；上次正常：{last}",
        "never": "尚无",
        "do": "处理：{advice}",
        "more": "……还有 {count} 个；用 nianbao status 查看全部",
        "archive": "档案：{path}",
    },
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a subject line, a text of some lines, and the same as data for programs."""

    subject: str
    text: str
    data: dict[str, Any]


def of_health(
    health: Health,
    failing: Sequence[PortalHealth],
    recovered: Sequence[PortalHealth],
    *,
    crawls: bool,
    archive: str,
    at: str,
    language: reasons.Language,
) -> Message:
    """The message that ``failing`` portals need attention and ``recovered`` ones no longer do.

    ``crawls`` says whether the verdicts on the crawls as such are told too. Without anything to tell
    it is the message that all is well.
    """
    words = _WORDS[language]
    told = [verdict for verdict in health.verdicts if verdict.severity == ERROR] if crawls else []
    blocks = [_lines_of_verdicts(told, language)] if told else []
    blocks += [_lines_of_portal(portal, language) for portal in failing]
    blocks += [[words["recovered"].format(name=portal.name, id=portal.portal_id)] for portal in recovered]
    lines = ["\n".join(block) for block in blocks[:_LINES]]
    if len(blocks) > _LINES:
        lines.append(words["more"].format(count=len(blocks) - _LINES))
    count, total = sum(portal.failing for portal in health.portals), len(health.portals)
    if failing:
        subject = words["attention"].format(count=count, total=total)
    elif told:
        subject = words["crawls"]
    elif recovered:
        subject = words["recovered_only"].format(count=len(recovered))
    elif crawls:
        subject = words["crawls_well"]
    else:
        subject = words["well"].format(total=total)
    lines.append(words["archive"].format(path=archive))
    data = {
        "event": "health",
        "at": at,
        "archive": archive,
        "subject": subject,
        "crawls": [verdict_data(verdict, language) for verdict in told],
        "failing": [portal_data(portal, language) for portal in failing],
        "recovered": [portal_data(portal, language) for portal in recovered],
        "portals": total,
        "portals_failing": count,
    }
    return Message(subject, "\n\n".join(lines), data)


def of_text(text: str, *, archive: str, at: str) -> Message:
    """A message with the words of whoever sends it."""
    subject = f"Nianbao: {text.splitlines()[0][:120] if text.strip() else ''}"
    return Message(
        subject, text, {"event": "message", "at": at, "archive": archive, "subject": subject, "message": text}
    )


def verdict_data(verdict: Verdict, language: reasons.Language) -> dict[str, Any]:
    """A verdict for programs, with its words."""
    return {
        "monitor": verdict.monitor,
        "severity": verdict.severity,
        "values": verdict.values,
        "message": verdict.meaning(language),
        "action": verdict.advice(language),
    }


def portal_data(portal: PortalHealth, language: reasons.Language) -> dict[str, Any]:
    """A portal's health for programs."""
    reason = reasons.find("portal", portal.reason or "")
    return {
        "id": portal.portal_id,
        "name": portal.name,
        "status": portal.status,
        "reason": portal.reason,
        "reason_meaning": reason.meaning(language) if reason else None,
        "failing": portal.failing,
        "last_run_at": portal.last_run_at,
        "last_ok_at": portal.last_ok_at,
        "failures": portal.failures,
        **portal.counts,
        "season": {
            "year": portal.season.year,
            "due": portal.season.due,
            "present": portal.season.present,
            "missing": list(portal.season.missing),
        },
        "verdicts": [verdict_data(verdict, language) for verdict in portal.verdicts],
    }


def _lines_of_portal(portal: PortalHealth, language: reasons.Language) -> list[str]:
    words = _WORDS[language]
    lines = [f"{portal.name} ({portal.portal_id}): {portal.status}{f', {portal.reason}' if portal.reason else ''}"]
    if (reason := reasons.find("portal", portal.reason or "")) and portal.status != "ok":
        lines.append(f"  {reason.meaning(language)}")
    if portal.failures:
        last = (portal.last_ok_at or words["never"])[:10]
        lines.append("  " + words["row"].format(count=portal.failures, last=last))
    errors = [verdict for verdict in portal.verdicts if verdict.severity == ERROR]
    return lines + _lines_of_verdicts(errors, language, indent="  ")


def _lines_of_verdicts(verdicts: Sequence[Verdict], language: reasons.Language, indent: str = "") -> list[str]:
    lines = []
    for verdict in verdicts:
        lines.append(f"{indent}{verdict.meaning(language)}")
        lines.append(f"{indent}{_WORDS[language]['do'].format(advice=verdict.advice(language))}")
    return lines
