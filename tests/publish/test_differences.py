from hypothesis import given
from hypothesis import strategies as st

from publish.differences import Excerpt, excerpts


def test_long_texts_are_cut_to_the_change() -> None:
    old, new = excerpts("前" * 100 + "办结20件" + "后" * 100, "前" * 100 + "办结21件" + "后" * 100)
    assert old == Excerpt(f"…{'前' * 27}办结2", "0", f"件{'后' * 29}…")
    assert new == Excerpt(old.before, "1", old.after)


def test_short_and_missing_texts_are_whole() -> None:
    assert excerpts("7", "9") == (Excerpt("", "7", ""), Excerpt("", "9", ""))
    assert excerpts("甲" * 200, None)[0] == Excerpt("", "甲" * 200, "")


@given(st.text(alphabet="ab", max_size=200), st.text(alphabet="ab", max_size=200))
def test_putting_the_new_part_in_place_of_the_old_gives_the_new_text(first: str, second: str) -> None:
    old, new = excerpts(first, second)
    before, after = old.before.strip("…"), old.after.strip("…")
    assert before + old.changed + after in first
    assert before + new.changed + after in second
    if first != second:
        assert old.changed != new.changed
