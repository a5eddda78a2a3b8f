"""The simulated portals in other words and told anew: what holds for them must hold for these."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.portals.measured import measure, served
from tests.crawler.portals.test_sites import SITES, USUAL_BUDGET

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("variant", [1, 2])
@pytest.mark.parametrize("key", SITES)
def test_all_reports_are_found_and_nothing_else(key: str, variant: int, tmp_path: Path) -> None:
    with served(key, speed=20.0, variant=variant) as server:
        found = measure(tmp_path, server, key)
        truth = server.truth(key)
    assert found.missed == []
    assert found.strange == []
    assert found.status == truth.status
    assert truth.reason in (None, found.reason)
    assert found.ratio <= USUAL_BUDGET
    assert found.offences == []
