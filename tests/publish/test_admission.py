import pytest

from publish import admission


def _scope(query: str = "", method: str = "GET") -> dict[str, object]:
    return {"type": "http", "method": method, "path": "/", "query_string": query.encode()}


@pytest.mark.parametrize(
    ("query", "method", "status"),
    [
        ("", "POST", 405),
        ("", "get", 405),
        ("q=" + "a" * admission.MAX_QUERY_BYTES, "GET", 414),
        ("&".join(["a=1"] * (admission.MAX_PARAMETERS + 1)), "GET", 400),
        ("&".join(["_facet=a"] * (admission.MAX_FACETS + 1)), "GET", 400),
        ("&".join(["_facet_attribute=a"] * (admission.MAX_FACETS + 1)), "HEAD", 400),
    ],
)
def test_turned_away(query: str, method: str, status: int) -> None:
    answer = admission.refusal(_scope(query, method))
    assert answer is not None
    assert answer.status == status


@pytest.mark.parametrize(
    ("query", "method"),
    [
        ("", "GET"),
        ("q=1", "HEAD"),
        ("&".join(["a=1"] * admission.MAX_PARAMETERS), "GET"),
        ("_facet_size=max&" + "&".join(["_facet=a"] * admission.MAX_FACETS), "GET"),
    ],
)
def test_let_in(query: str, method: str) -> None:
    assert admission.refusal(_scope(query, method)) is None
    assert admission.refusal({"type": "lifespan"}) is None


def test_what_may_be_asked_is_said_without_a_page() -> None:
    answer = admission.refusal(_scope("", "OPTIONS"))
    assert answer is not None
    assert (answer.status, answer.body) == (200, "ok\n")
    assert answer.headers["access-control-allow-origin"] == "*"
