"""The registry knows every rule that any part of the project emits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import checks
from checks import RULES
from checks.rule import texts

ROOT = Path(checks.__file__).parent.parent
FOLDERS = ("archive", "checks", "crawler", "nianbao", "parsers", "publish")


def emitted(path: Path) -> Iterator[str]:
    """Rule codes of the findings that a module constructs; fails on one that cannot be told."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        if not (isinstance(call.func, ast.Name) and call.func.id == "Finding"):
            continue
        given = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
        if not given and any(keyword.arg is None for keyword in call.keywords):
            continue  # restored from what was serialised
        rule = given[0] if given else call.args[0]
        match rule:
            case ast.Constant(value=str(code)):
                yield code
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue()]):
                yield from (f"{prefix}{name}" for name in _first_arguments(calls, "_problem"))
            case ast.Attribute(attr="code"):
                assert path.parent.name == "checks", f"{path}: only checks may take a code from a rule"
            case _:
                pytest.fail(f"{path}:{call.lineno}: the rule code of this finding cannot be told")


def _first_arguments(calls: list[ast.Call], method: str) -> Iterator[str]:
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == method:
            assert isinstance(call.args[0], ast.Constant)
            yield str(call.args[0].value)


def all_emitted() -> set[str]:
    return {code for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") for code in emitted(path)}


def test_every_emitted_code_is_registered() -> None:
    codes = all_emitted()
    assert "extraction.table_missing" in codes
    assert len(codes) >= 7
    assert codes - set(RULES) == set()


def test_rules_of_the_parsers_are_all_emitted() -> None:
    assert {code for code in RULES if code.startswith("extraction.")} <= all_emitted()


@pytest.mark.parametrize("code", sorted(RULES))
def test_rules_are_labelled_in_both_languages(code: str) -> None:
    rule = RULES[code]
    assert rule.code == code
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", code)
    assert re.search("[\u4e00-\u9fff]", rule.label)
    assert re.fullmatch(r"[ -~]+", rule.label_en)
    for chinese, english in ((rule.meaning, rule.meaning_en), (rule.limits, rule.limits_en)):
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert len(english) > 20
        assert not re.search("[\u4e00-\u9fff]{5}", english)


def test_every_worded_rule_is_declared_by_a_module() -> None:
    assert set(texts()) == set(RULES)


def test_arithmetic_rules_have_a_formula() -> None:
    assert {code for code, rule in RULES.items() if rule.formula} == {
        "requests.identity",
        "requests.handled_sum",
        "requests.row_total",
        "reviews.total",
        "years.carried_over",
        "years.in_force",
        "years.items",
    }
