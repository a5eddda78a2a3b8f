"""Looks the locked dependencies up among known vulnerabilities: ``python tools/audit.py requirements.lock…``.

Exit status 1 if one is known, 3 if nothing could be learned, with the reason in one line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SKIPPED = 3
_SECONDS = 300
_ANSWER_SECONDS = 10


def audit(lock: Path, seconds: float = _SECONDS) -> tuple[int, str]:
    """Return the exit status for one lock file and what there is to say."""
    arguments = ("--require-hashes", "--disable-pip", "--vulnerability-service", "osv", "--format", "json")
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--requirement", str(lock), *arguments),
                *("--timeout", str(_ANSWER_SECONDS), "--progress-spinner", "off"),
            ],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return SKIPPED, f"{lock}: not audited: the database of vulnerabilities did not answer within {seconds:g} s"
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        # The last line of what it logs says why.
        reason = " ".join((done.stderr.strip().splitlines() or ["no answer"])[-1].split())
        return SKIPPED, f"{lock}: not audited: {reason[:300]}"
    found = [
        f"{lock}: {one['name']} {one['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or 'none'}"
        for one in dependencies
        for known in one.get("vulns", ())
    ]
    if found:
        return 1, "\n".join(found)
    return 0, f"{lock}: no known vulnerability in {len(dependencies)} packages"


def main(locks: list[str]) -> int:
    """Audit every lock file; the worst exit status, where a vulnerability is worse than not knowing."""
    statuses = []
    for lock in locks:
        status, told = audit(Path(lock))
        print(told)
        statuses.append(status)
    return 1 if 1 in statuses else max(statuses, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
