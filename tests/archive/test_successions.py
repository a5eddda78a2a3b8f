"""Which organ likely continues which: only where division, names and years leave one candidate."""

import random

import pytest

from archive import successions
from archive.reports import rebuild_all, rebuild_outdated, store_extraction
from archive.successions import Body, renames
from parsers import divisions
from tests.archive.factory import payload_of, sound_report

QINGSHUI = "清水县"


def organ(name, code="620521"):
    """A located organ of one division, as (body, years)."""
    [division] = [d for d in divisions.of_code(code) if name.startswith(d.full_name)]
    return division, name.removeprefix(division.full_name)


def found(*organs):
    """(predecessor, successor, basis) among (name, code, first year, last year)."""
    bodies = []
    for name, code, first, last in organs:
        place, rest = organ(name, code)
        bodies.append(Body(name, place, rest, first, last))
    random.Random(1).shuffle(bodies)
    return {(one.predecessor_id, one.successor_id, one.basis) for one in successions.successions(bodies)}


@pytest.mark.parametrize(
    ("former", "later", "last", "first"),
    [
        ("环境保护局", "生态环境局", 2018, 2019),
        ("环保局", "生态环境局", 2015, 2021),
        ("住房和城乡建设委员会", "住房和城乡建设局", 2018, 2019),
        ("卫生和计划生育局", "卫生健康局", 2018, 2019),
        ("国土资源局", "自然资源局", 2018, 2019),
        ("国土资源局", "自然资源和规划局", 2017, 2018),
        ("工商行政管理局", "市场监督管理局", 2017, 2018),
        ("质量技术监督局", "市场监督管理局", 2018, 2019),
        ("食品药品监督管理局", "市场监督管理局", 2018, 2019),
        ("大数据局", "数据局", 2023, 2024),
        ("扶贫开发办公室", "乡村振兴局", 2020, 2021),
        # Taken over by an organ that stood before.
        ("乡村振兴局", "农业农村局", 2023, 2019),
        ("食品药品监督管理局", "市场监督管理局", 2018, 2016),
    ],
)
def test_a_reform_explains_the_new_name(former, later, last, first):
    assert found((f"清水县{former}", "620521", 2010, last), (f"清水县{later}", "620521", first, 2025)) == {
        (f"清水县{former}", f"清水县{later}", "reform")
    }


@pytest.mark.parametrize(
    "organs",
    [
        # another county; another body; the years say that both stood, or the wrong way round
        [("清水县环境保护局", "620521", 2010, 2018), ("秦安县生态环境局", "620522", 2019, 2025)],
        [("清水县环境保护局", "620521", 2010, 2018), ("清水县水务局", "620521", 2019, 2025)],
        [("清水县环境保护局", "620521", 2010, 2018), ("清水县生态环境局", "620521", 2018, 2025)],
        [("清水县环境保护局", "620521", 2010, 2024), ("清水县生态环境局", "620521", 2025, 2025)],
        [("清水县环境保护局", "620521", 2010, 2011), ("清水县生态环境局", "620521", 2012, 2013)],
        [("清水县生态环境局", "620521", 2010, 2018), ("清水县环境保护局", "620521", 2019, 2025)],
        [("清水县乡村振兴局", "620521", 2021, 2023), ("清水县农业农村局", "620521", 2019, 2022)],
        # two that may have followed
        [
            ("清水县国土资源局", "620521", 2010, 2018),
            ("清水县自然资源局", "620521", 2019, 2025),
            ("清水县自然资源和规划局", "620521", 2019, 2025),
        ],
    ],
)
def test_where_anything_else_may_be_nothing_is_said(organs):
    assert found(*organs) == set()


def test_several_organs_become_one():
    merged = ("工商行政管理局", "质量技术监督局", "食品药品监督管理局")
    organs = [(f"清水县{name}", "620521", 2010, 2018) for name in merged]
    assert found(*organs, ("清水县市场监督管理局", "620521", 2019, 2025)) == {
        (f"清水县{name}", "清水县市场监督管理局", "reform") for name in merged
    }


def test_a_county_became_a_district():
    assert found(
        ("永定县民政局", "350822", 2009, 2013),
        ("龙岩市永定区民政局", "350803", 2014, 2024),
        ("龙岩市永定区教育局", "350803", 2014, 2024),
    ) == {("永定县民政局", "龙岩市永定区民政局", "division")}
    assert found(
        ("永定县环境保护局", "350822", 2009, 2013),
        ("龙岩市永定区生态环境局", "350803", 2019, 2024),
    ) == {("永定县环境保护局", "龙岩市永定区生态环境局", "reform+division")}


def test_the_namesake_in_another_province_is_no_successor():
    organs = [("永定县民政局", "350822", 2009, 2013), ("张家界市永定区民政局", "430802", 2014, 2024)]
    assert found(*organs) == set()


def test_a_city_renamed():
    organs = [("襄樊市教育局", "420600", 2008, 2009), ("襄阳市教育局", "420600", 2010, 2024)]
    assert found(*organs) == {("襄樊市教育局", "襄阳市教育局", "division")}


def test_reforms_name_bodies_not_places():
    for former, later in renames().items():
        assert former not in later
        assert divisions.read_prefix(former) == ()
        for reform in later.values():
            assert 2008 <= reform.year <= reform.until
            assert str(reform.year) in reform.document
            assert str(reform.year) in reform.document_en


# In the archive ------------------------------------------------------------------------------


def rows(archive):
    query = (
        "SELECT p.name, s.name, basis, x.year FROM organ_successions x JOIN organs p ON p.id = predecessor_id "
        "JOIN organs s ON s.id = successor_id ORDER BY 1"
    )
    return archive.db.conn.execute(query).fetchall()


def store(archive, run_id, url, report):
    digest = archive.record_capture(run_id, url, payload_of(report), fetched_at="2025-01-01T00:00:00Z", http_status=200)
    store_extraction(archive, digest, url, report, "1", run_id)
    return digest


@pytest.fixture
def two_organs(archive, run_id):
    for year, name in ((2017, "清水县环境保护局"), (2018, "清水县环境保护局"), (2020, "天水市生态环境局清水分局")):
        store(archive, run_id, f"http://www.tsqs.gov.cn/{year}.html", sound_report(name, year))
    rebuild_outdated(archive)
    return archive


def test_the_table_follows_the_reports_present(two_organs, run_id):
    archive = two_organs
    expected = [("清水县环境保护局", "天水市生态环境局清水分局", "reform", 2018)]
    assert rows(archive) == expected
    assert archive.db.conn.execute("SELECT count(*) FROM organs").fetchone() == (2,)
    before = archive.db.conn.execute("SELECT * FROM organ_successions").fetchall()
    rebuild_all(archive)
    assert archive.db.conn.execute("SELECT * FROM organ_successions").fetchall() == before
    # A report of the former organ of a later year: both stood side by side.
    store(archive, run_id, "http://www.tsqs.gov.cn/2021.html", sound_report("清水县环境保护局", 2021))
    rebuild_outdated(archive)
    assert rows(archive) == []


def test_names_with_their_province_are_those_of_the_division_too(archive, run_id):
    for year, name in ((2017, "甘肃省天水市清水县环保局"), (2020, "清水县生态环境局")):
        store(archive, run_id, f"http://www.tsqs.gov.cn/{year}.html", sound_report(name, year))
    rebuild_outdated(archive)
    assert rows(archive) == [("甘肃省天水市清水县环保局", "清水县生态环境局", "reform", 2018)]


def test_organs_of_places_that_no_list_has(archive, run_id):
    for year, name in ((2018, "青禾县农业局"), (2019, "青禾县农业农村局"), (2019, "青川县农业农村局")):
        store(archive, run_id, f"http://www.qinghe.example/{name}", sound_report(name, year))
    rebuild_outdated(archive)
    assert rows(archive) == [("青禾县农业局", "青禾县农业农村局", "reform", 2018)]


def test_an_organ_that_goes_takes_its_successions_with_it(two_organs):
    archive = two_organs
    archive.db.conn.execute("DELETE FROM _extractions WHERE report_id LIKE '%-2020'")
    rebuild_all(archive)
    assert archive.db.conn.execute("SELECT count(*) FROM organs").fetchone() == (1,)
    assert rows(archive) == []
