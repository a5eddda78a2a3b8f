"""kill -9 at seeded moments: the next crawl ends with the archive of one that nobody disturbed.

``python -m benchmarks.crawl_kills`` does the same at fifty moments over all twelve sites.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.portals.kills import Undisturbed, killed, undisturbed

pytestmark = pytest.mark.e2e

SITES = ("S6", "S9")
MOMENTS = ((0.3, True), (0.7, True), (0.8, False))


@pytest.fixture(scope="module", params=SITES)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize(("share", "fetching"), MOMENTS)
def test_a_killed_crawl_goes_on_to_the_same_archive(
    whole: Undisturbed, share: float, fetching: bool, tmp_path: Path
) -> None:
    found = killed(whole, tmp_path, share, fetching=fetching)
    assert found.faults == []
    assert found.captures >= found.kept
