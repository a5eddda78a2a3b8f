import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.snippets import END, START, exact_pattern, holds, marked, snippet, unmarked


def test_matches_are_marked() -> None:
    assert snippet("办理信访事项", "信访") == f"办理{START}信访{END}事项"


def test_width_and_case_do_not_matter_and_the_text_stays_as_printed() -> None:
    assert snippet("建设５Ｇ基站，若干", "5g基站") == f"建设{START}５Ｇ基站{END}，若干"


def test_excluded_words_are_not_marked() -> None:
    assert snippet("信访与复议", "信访 -复议") == f"{START}信访{END}与复议"


def test_context_is_cut() -> None:
    cut = snippet("前" * 500 + "信访" + "后" * 500, "信访")
    assert cut is not None
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert f"{START}信访{END}" in cut
    assert len(cut) < 200


def test_without_a_match_it_is_the_beginning() -> None:
    assert snippet("总体情况", "不存在") == "总体情况"
    assert snippet(None, "信访") is None


@pytest.mark.parametrize("query", ["", '"', "*", '" "', None])
def test_empty_queries_mark_nothing(query: str | None) -> None:
    assert snippet("总体情况", query) == "总体情况"


def test_html_is_escaped_before_it_is_marked() -> None:
    html = marked(f"<b>{START}信访{END}</b>")
    assert html == "&lt;b&gt;<mark>信访</mark>&lt;/b&gt;"


@given(st.text(alphabet=["<", ">", "&", '"', "'", START, END, "信", "a"]))
def test_nothing_but_marks_survives_as_markup(text: str) -> None:
    html = str(marked(text)).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in html
    assert ">" not in html
    assert str(marked(text)).count("<mark>") == str(marked(text)).count("</mark>")


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_and_query_make_a_short_snippet_of_the_text(text: str, query: str) -> None:
    cut = snippet(text, query)
    assert cut is not None
    assert "".join(unmarked(cut).strip("…").split()) in "".join(unmarked(text).split())


@pytest.mark.parametrize(
    ("query", "pattern"),
    [
        ("2345", "%2345%"),
        ("信访 5G", "%5g%"),
        ("１２", "%12%"),
        ("a1 b234", "%b234%"),
        ("5%_\\", "%5\\%\\_\\\\%"),
        ("信访", None),
        ("信访 -5G", None),
        ("", None),
    ],
)
def test_only_digits_and_letters_are_looked_for_within_words(query: str, pattern: str | None) -> None:
    assert exact_pattern(query) == pattern


def test_a_text_holds_what_is_written_in_it() -> None:
    text = "文号１２３４５Ｂ，涉及ﬁnance。"
    assert holds(text, "2345b")
    assert holds(text, "fin 文号")
    assert not holds(text, "2345 -文号")
    assert not holds(text, "-无")
    assert not holds(None, "2")
    assert not holds(text, None)
