"""What the program is made of: known vulnerabilities, where they can be asked, and the bill of materials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.conftest import DEPLOY, ROOT
from tools import audit


def test_no_locked_dependency_is_known_to_be_vulnerable() -> None:
    status, told = audit.audit(ROOT / "requirements.lock", seconds=60)
    if status == audit.SKIPPED:
        pytest.skip(told)
    assert status == 0, told


@pytest.mark.parametrize(
    ("output", "errors", "status", "told"),
    [
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}',
            "",
            0,
            "no known vulnerability in 1 packages",
        ),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}]}',
            "Found 1 known vulnerability in 1 package",
            1,
            "a 1: PYSEC-1, fixed in 2",
        ),
        ("", "Traceback\nConnectionError: no route", audit.SKIPPED, "not audited: ConnectionError: no route"),
    ],
)
def test_not_knowing_is_not_taken_for_safety(
    monkeypatch: pytest.MonkeyPatch, output: str, errors: str, status: int, told: str
) -> None:
    def run(arguments: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(arguments, 1, output, errors)

    monkeypatch.setattr(audit.subprocess, "run", run)
    found = audit.audit(Path("a.lock"))
    assert found == (status, f"a.lock: {told}")


def test_a_vulnerability_is_worse_than_not_knowing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"a": (1, "found"), "b": (audit.SKIPPED, "unknown"), "c": (0, "none")}
    monkeypatch.setattr(audit, "audit", lambda lock: answers[lock.name])
    assert [audit.main(list(locks)) for locks in ("abc", "cb", "c", "")] == [1, audit.SKIPPED, 0, 0]


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    lock, written = DEPLOY / "requirements.lock", tmp_path / "sbom.json"
    subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "--pyproject"),
            *(str(ROOT / "pyproject.toml"), "--output-reproducible", "--validate"),
            *("--output-file", str(written), str(lock)),
        ],
        check=True,
        timeout=120,
    )
    bill = json.loads(written.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "nianbao"
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))
    assert {one["name"]: one["version"] for one in bill["components"]} == locked
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])
