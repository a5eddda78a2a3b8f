import pytest

from archive.store import Archive

PORTAL = {
    "id": "yunxi",
    "name": "云溪县人民政府",
    "start": ["http://www.yunxi.example/zwgk/"],
    "division": "419921",
    "city": "平川市",
    "county": "云溪县",
}


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "archive.db") as opened:
        opened.sync_portals([PORTAL])
        yield opened


@pytest.fixture
def run_id(archive):
    return archive.begin_run("test")


@pytest.fixture
def capture(archive, run_id):
    def record(url, payload, fetched_at, **more):
        options = {"portal_id": "yunxi", "http_status": 200} | more
        return archive.record_capture(run_id, url, payload, fetched_at=fetched_at, **options)

    return record
