import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish import bounded_functions

LONGEST = 1_000
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**40), 2**40),
    st.text(alphabet="ab 信访，\t", max_size=12),
    st.sampled_from(["", " a ", "信"]),
)


@pytest.fixture(scope="module")
def connections() -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """SQLite with its own functions, and with ours."""
    ours = sqlite3.connect(":memory:")
    bounded_functions.install(ours, LONGEST)
    return sqlite3.connect(":memory:"), ours


@pytest.mark.parametrize("call", ["instr(?1, ?2)", "replace(?1, ?2, ?3)", "trim(?1)", "trim(?1, ?2)", "ltrim(?1, ?2)",
                                  "rtrim(?1, ?2)", "ltrim(?1)", "rtrim(?1)"])  # fmt: skip
@given(st.tuples(VALUES, VALUES, VALUES))
def test_results_are_those_of_sqlite(
    connections: tuple[sqlite3.Connection, sqlite3.Connection], call: str, values: tuple[object, ...]
) -> None:
    given_ = values[: max(int(digit) for digit in call if digit.isdigit())]
    theirs, ours = (connection.execute(f"select {call}", given_).fetchone() for connection in connections)
    assert ours == theirs


def test_bytes_are_found_by_byte(connections: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    for connection in connections:
        assert connection.execute("select instr(x'e4bfa1', x'a1')").fetchone() == (3,)


@pytest.mark.parametrize("sql", ["select replace(?, 'a', ?)", "select trim(?, ?)"])
def test_what_would_grow_without_limit_is_refused(
    connections: tuple[sqlite3.Connection, sqlite3.Connection], sql: str
) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connections[1].execute(sql, ("a" * 900, "b" * 900)).fetchone()
