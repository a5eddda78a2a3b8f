from collections.abc import Iterator
from typing import Any

import pytest
from sqlite_utils import Database

from archive.frontier import COLUMN, EXPLORE, MAX_ATTEMPTS, REPORT, Frontier, Lead
from archive.schema import migrations


@pytest.fixture
def db() -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    with db.atomic():
        db.conn.execute("INSERT INTO portals (id, name) VALUES ('lanxi', '岚溪县'), ('yunxi', '云溪县')")
        db.conn.execute("INSERT INTO runs (id, command, started_at) VALUES ('1', 'a', 'b'), ('2', 'a', 'b')")
    return db


@pytest.fixture
def frontier(db: Database) -> Frontier:
    return Frontier.open(db, "lanxi", "1")[0]


def _lead(name: str, kind: str = EXPLORE, score: int = 0, **context: Any) -> Lead:
    return Lead(f"http://lanxi.gov.cn/{name}", name, "lanxi.gov.cn", kind, 0, score, context)


def _claimed(frontier: Frontier) -> Iterator[str]:
    in_flight: set[int] = set()
    while entry := frontier.claim(in_flight):
        in_flight.add(entry.id)
        yield entry.lead.key


def test_the_best_lead_comes_first_and_each_once(frontier: Frontier) -> None:
    frontier.add([_lead("a", score=1), _lead("b", score=9), _lead("c", score=1), _lead("b", score=0)])
    assert list(_claimed(frontier)) == ["b", "a", "c"]
    assert frontier.pending() == 3


def test_an_unfinished_crawl_is_resumed_by_the_next_run(db: Database, frontier: Frontier) -> None:
    frontier.add([_lead("a"), _lead("b")])
    entry = frontier.claim(())
    assert entry is not None
    frontier.done(entry, {"document": True}, [_lead("c", title="甲")], requests=2, size=10)
    again, resumed = Frontier.open(db, "lanxi", "2")
    assert (again.crawl_id, resumed, again.cost()) == (frontier.crawl_id, True, (2, 10))
    assert set(_claimed(again)) == {"b", "c"}
    assert Frontier.open(db, "yunxi", "2")[1] is False


def test_done_and_what_it_led_to_are_one_transaction(frontier: Frontier) -> None:
    frontier.add([_lead("a")])
    entry = frontier.claim(())
    assert entry is not None

    def leads() -> Iterator[Lead]:
        yield _lead("b")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        frontier.done(entry, {}, leads())
    assert list(_claimed(frontier)) == ["a"]


def test_a_page_found_to_be_a_column_is_fetched_again_but_never_the_reverse(frontier: Frontier) -> None:
    frontier.add([_lead("a")])
    entry = frontier.claim(())
    assert entry is not None
    frontier.done(entry, {}, [_lead("a", COLUMN, 5, column="x")])
    again = frontier.claim(())
    assert again is not None
    assert (again.lead.kind, again.lead.context) == (COLUMN, {"column": "x"})
    frontier.done(again, {}, [_lead("a", EXPLORE, 9), _lead("a", REPORT, 9)])
    assert frontier.claim(()) is None


def test_a_page_that_ends_the_process_each_time_is_given_up(frontier: Frontier) -> None:
    frontier.add([_lead("a")])
    assert [frontier.claim(()) is not None for _ in range(MAX_ATTEMPTS + 1)] == [True] * MAX_ATTEMPTS + [False]
    (outcome,) = frontier.outcomes()
    assert (outcome.state, outcome.reason) == ("failed", "attempts")


def test_skipping_is_limited_to_a_kind_or_a_host(frontier: Frontier) -> None:
    frontier.add([_lead("a"), _lead("b", COLUMN)])
    assert frontier.skip("budget", kind=EXPLORE) == 1
    assert frontier.skip("blocked:412", host="other.gov.cn") == 0
    assert list(_claimed(frontier)) == ["b"]


def test_what_is_missing_is_counted_once_and_forgotten_when_it_returns(db: Database) -> None:
    def crawl(*present: str, gone: tuple[str, ...] = (), complete: bool = True) -> int:
        frontier, resumed = Frontier.open(db, "lanxi", "1")
        assert not resumed
        frontier.add([_lead(name, REPORT, listed=True) for name in (*present, *gone)])
        while entry := frontier.claim(()):
            if entry.lead.key in gone:
                frontier.failed(entry, "http:404")
            else:
                frontier.done(entry, {"document": True}, [])
        return frontier.finish({"status": "ok"}, complete=complete)

    assert crawl("a", "b", "c") == 0
    assert crawl("a", complete=False) == 0
    assert crawl("a", gone=("b",)) == 2
    assert crawl("a", gone=("b",)) == 0
    assert crawl("a", "b", "c") == 0
    assert crawl("a") == 2
    assert db.execute("SELECT key, reason FROM _sightings WHERE missing_since IS NOT NULL").fetchall() == [
        ("b", "unlisted"),
        ("c", "unlisted"),
    ]
    assert db.execute("SELECT count(DISTINCT crawl_id) FROM _frontier").fetchone() == (1,)
    assert db.execute("SELECT vanished FROM portal_runs").fetchall() == [(2,)]
