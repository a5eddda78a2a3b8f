"""Every reason code that the code can emit is documented, and nothing else is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import reasons
from crawler import phrases

ROOT = Path(__file__).parents[2]
OUTCOMES = ("blocked", "failed", "partial")
# Reasons of single addresses that never become the reason of a portal or a document.
_OF_ADDRESSES_ONLY = {"enough", "budget"}


def _modules(*folders: str) -> Iterator[ast.Module]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def _strings(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _documents() -> set[str]:
    """First arguments of refusals, and first parts of the (reason, detail) that recognition returns."""
    found: set[str] = set()
    for module in _modules("parsers", "archive", "nianbao"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args and _called(node) in ("Refusal", "UnreadableDocumentError"):
                found |= _strings(node.args[0]) if not isinstance(node.args[0], ast.Starred) else set()
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns).startswith("tuple[str"):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Tuple) and _refuses(node):
                        found |= _strings(inner.value.elts[0])
    return found


def _refuses(function: ast.FunctionDef) -> bool:
    return function.name.startswith("refusal") or function.name == "doubt"


def _addresses() -> set[str]:
    """Reasons for which an address of a portal may fail, wherever the crawler states one."""
    found: set[str] = set()
    for module in _modules("crawler"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                if _called(node) in ("Refused", "failed", "skip", "_again") and node.args:
                    last = node.args[0] if _called(node) in ("Refused", "skip") else node.args[-1]
                    found |= _strings(last) if isinstance(last, ast.Constant) else set()
                for keyword in node.keywords:
                    if keyword.arg == "failure":
                        found |= _strings(keyword.value)
            if isinstance(node, ast.FunctionDef) and node.name in ("_refusal", "reason_of"):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant | ast.IfExp):
                        found |= _strings(inner.value)
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_REASONS":
                found |= _strings(node)
    return {reason.removeprefix("failed:") for reason in found if not reason.startswith("blocked:")} | {"attempts"}


def _portals() -> set[str]:
    """Codes of whole crawls."""
    found = {f"failed:{cause}" for cause in _addresses() - {"robots"}}
    found |= {f"partial:{cause}" for cause in _addresses() - {"robots", "host", *_OF_ADDRESSES_ONLY}}
    found |= {
        f"blocked:{kind}" for section in ("challenges", "challenges_if_short") for kind in phrases.patterns(section)
    }
    for module in _modules("crawler"):
        for text in _strings(module):
            if text.startswith(tuple(f"{word}:" for word in OUTCOMES)) and text.partition(":")[2] and " " not in text:
                found.add(text)
    return found - {f"failed:{cause}" for cause in _OF_ADDRESSES_ONLY}


def test_every_refusal_of_a_document_is_documented() -> None:
    assert len(_documents()) >= 25
    assert _documents() == {reason.code for reason in reasons.all_reasons("document")}


def test_every_reason_of_a_portal_is_documented() -> None:
    emitted = _portals()
    assert {"blocked:412", "failed:dns", "partial:declared_total", "partial:truncated", "partial:answer"} <= emitted
    assert {code for code in emitted if reasons.find("portal", code) is None} == set()


def test_no_reason_of_a_portal_is_documented_in_vain() -> None:
    # Made from a constant, or by the crawl as a whole.
    known = _portals() | {
        "interrupted",
        "robots",
        "linked_hosts",
        "partial:linked_hosts",
        "failed:robots",
        "partial:tls",
        "partial:unread_list",
    }
    unused = {
        spelling
        for reason in reasons.all_reasons("portal")
        for spelling in reason.spellings
        if spelling not in known and ":http:" not in spelling and not spelling.startswith("blocked:4")
    }
    assert unused == set()


@pytest.mark.parametrize("code", ["failed:http:503", "partial:http:404", "failed:http:302", "partial:http:451"])
def test_a_status_is_documented_by_its_hundred(code: str) -> None:
    found = reasons.find("portal", code)
    assert found is not None
    assert found.code in ("http:5xx", "http:404", "http:3xx", "http:4xx")


def test_what_is_not_documented_is_not_made_up() -> None:
    assert reasons.find("portal", "failed:sunspots") is None
    assert reasons.find("document", "dns") is None


@pytest.mark.parametrize("kind", ["portal", "document", "monitor"])
def test_every_code_has_words_and_advice_in_both_languages(kind: reasons.Kind) -> None:
    spellings = [spelling for reason in reasons.all_reasons(kind) for spelling in reason.spellings]
    assert len(spellings) == len(set(spellings))
    for reason in reasons.all_reasons(kind):
        for language in ("zh", "en"):
            assert reason.meaning(language)
            assert reason.advice(language)
        assert any("一" <= character <= "鿿" for character in reason.zh)
