from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler import portals
from crawler.portals import PortalFileError

GOOD = '[[portal]]\nid = "lanxi"\nname = "岚溪县人民政府"\nstart = "http://www.lanxi.gov.cn/"\n'


def test_a_portal_file_is_read() -> None:
    (portal,) = portals.parse(GOOD + 'delay = 2\ncontact = "mailto:a@example.org"\n', "a.toml")
    assert (portal.id, portal.start, portal.delay) == ("lanxi", ("http://www.lanxi.gov.cn/",), 2.0)
    assert portal.settings()["USER_AGENT"].endswith("(+mailto:a@example.org)")
    assert portal.settings()["DOWNLOAD_DELAY"] == 2.0


def test_a_delay_of_0_turns_throttling_off() -> None:
    (portal,) = portals.parse(GOOD + "delay = 0", "a.toml")
    assert portal.settings() == {
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    }
    assert portals.parse(GOOD, "a.toml")[0].settings() == {}


@pytest.mark.parametrize(
    ("hours", "asked"),
    [
        ("22:00-06:00", [True, True, False, False]),
        ("8:30 - 17:00", [False, False, False, True]),
        (None, [True, True, True, True]),
    ],
)
def test_a_portal_may_be_asked_in_its_hours_of_beijing_time(hours: str | None, asked: list[bool]) -> None:
    (portal,) = portals.parse(GOOD + (f'hours = "{hours}"' if hours else ""), "a.toml")
    moments = [datetime(2026, 1, 31, hour, 59, tzinfo=UTC) for hour in (14, 20, 22, 5)]
    assert [portal.may_be_asked(moment) for moment in moments] == asked


def test_old_tls_is_an_option_with_one_name() -> None:
    (portal,) = portals.parse(GOOD + 'tls = "legacy"', "a.toml")
    assert portal.settings()["DOWNLOAD_TLS_MIN_VERSION"] == "TLSv1.0"


def test_a_slow_portal_may_have_more_time() -> None:
    (portal,) = portals.parse(GOOD + "timeout = 300", "a.toml")
    assert portal.settings()["DOWNLOAD_TIMEOUT"] == 300


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "timeout = 0", ("timeout", "seconds")),
        (GOOD + 'hours = "night"', ("hours", "22:00-06:00")),
        (GOOD + 'tls = "none"', ("tls", "legacy")),
        (GOOD + "dealy = 1", ("portal 1", "lanxi", "dealy", "known are")),
        (GOOD.replace('name = "岚溪县人民政府"\n', ""), ("portal 1", "name", "missing")),
        (GOOD.replace("http://", "ftp://"), ("start", "http")),
        (GOOD + "delay = -1", ("delay", "seconds")),
        (GOOD + "delay = true", ("delay", "seconds")),
        (GOOD + 'contact = "a\\nb"', ("contact", "one line")),
        (GOOD + "organ = 3", ("organ", "quotes")),
        (GOOD.replace('"lanxi"', '"../x"'), ("id",)),
        (GOOD + GOOD, ("two portals", "lanxi")),
        ("[portals]\n", ("portals", "[[portal]]")),
        ("", ("no [[portal]]",)),
        ("a = [", ("not valid TOML",)),
    ],
)
def test_a_faulty_file_is_refused_in_one_line_that_says_where(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(PortalFileError) as error:
        portals.parse(text, "a.toml")
    message = str(error.value)
    assert message.startswith("a.toml")
    assert "\n" not in message
    assert all(word in message for word in words)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortalFileError, match=r"none\.toml: cannot be read"):
        portals.load(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("名".encode("gbk"))
    with pytest.raises(PortalFileError, match="UTF-8"):
        portals.load(tmp_path / "gbk.toml")


def test_portals_are_selected_by_id() -> None:
    known = portals.parse(GOOD + GOOD.replace("lanxi", "yunxi"), "a.toml")
    assert [portal.id for portal in portals.select(known, ["yunxi"], "a.toml")] == ["yunxi"]
    assert portals.select(known, [], "a.toml") == known
    with pytest.raises(PortalFileError, match="no portal “other”"):
        portals.select(known, ["other"], "a.toml")


def test_the_registry_holds_the_hosts_outside_gov_cn() -> None:
    starts = {url for portal in portals.builtin() for url in portal.start}
    assert "https://scsqw.cn/" in starts
    assert any("61.150.65.235" in url for url in starts)
    assert any("222.222.245.73:99" in url for url in starts)
