"""docs/api.md holds true: each request that it shows is answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import anyio
import pytest
from datasette.app import Datasette

from publish.publication import current, publish
from publish.serve import build_published
from tests.e2e.conftest import FirstCrawl

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```http\nGET (.*?)\n```\n```json\n(.*?)```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def site(first_crawl: FirstCrawl, tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    folder = tmp_path_factory.mktemp("published")
    publish(first_crawl.folder / "archive.db", folder)
    return build_published(current(folder))


def test_every_request_has_its_answer() -> None:
    assert len(EXAMPLES) == TEXT.count("```http") == TEXT.count("```json")
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize(("address", "answer"), EXAMPLES, ids=[address for address, _ in EXAMPLES])
def test_a_request_is_answered_as_it_says(site: Datasette, address: str, answer: str) -> None:
    response = anyio.run(site.client.get, address)
    assert response.json() == json.loads(answer)


@pytest.mark.parametrize("address", sorted(set(re.findall(r"`(/(?!-/original)[\w./?=&-]+)`", TEXT))))
def test_an_address_that_it_names_is_there(site: Datasette, address: str) -> None:
    assert anyio.run(site.client.get, address).status_code == 200
