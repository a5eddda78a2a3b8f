import stat
from pathlib import Path

import pytest

from crawler import portals
from crawler.portals import PortalFileError
from nianbao import portal_editing

FILE = """\
# My portals

[[portal]]  # the first
id = "anyang"        # aligned
name = '安阳市人民政府'
start = [
    "https://www.anyang.gov.cn/",  # since 2020
]

[[portal]]
name = "鹤壁市人民政府"
id = "hebi"
start = "http://www.hebi.gov.cn/"
# the end
"""
ENTRY = {"id": "xinxiang", "name": "新乡市人民政府", "start": ["https://www.xinxiang.gov.cn/"], "delay": 2.5}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "portals.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_an_entry_is_appended_and_all_else_stays(file: Path) -> None:
    portal_editing.add(file, ENTRY)
    text = file.read_text("utf-8")
    assert text.startswith(FILE + "\n[[portal]]\n")
    assert [portal.id for portal in portals.load(file)] == ["anyang", "hebi", "xinxiang"]
    assert portals.load(file)[2].delay == 2.5


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    portal_editing.add(tmp_path / "new.toml", ENTRY)
    portal_editing.add(tmp_path / "new.toml", {**ENTRY, "id": "other", "start": ["https://other.gov.cn/"]})
    assert [portal.id for portal in portals.load(tmp_path / "new.toml")] == ["xinxiang", "other"]
    assert (tmp_path / "new.toml").read_text("utf-8").startswith("#")
    assert [path.name for path in tmp_path.iterdir()] == ["new.toml"]


@pytest.mark.parametrize("text", ["", "# only a remark\n", "portal = []\n"])
def test_a_file_without_entries_takes_its_first(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    portal_editing.add(tmp_path / "a.toml", ENTRY)
    assert [portal.id for portal in portals.load(tmp_path / "a.toml")] == ["xinxiang"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "hebi"}, "two portals have the id “hebi”"),
        ({"start": ["http://anyang.gov.cn"]}, "that of portal “anyang” too"),
        ({"start": ["http://10.0.0.1/"]}, "private address"),
        ({"start": ["http://www.xinxiang.com/"]}, "not under gov.cn"),
        ({"division": "410500"}, "安阳市 (410500)"),
        ({"name": "a\nb"}, "one line of text"),
    ],
)
def test_a_faulty_entry_is_refused_in_one_line_and_nothing_is_written(
    changes: dict[str, object], said: str, file: Path
) -> None:
    with pytest.raises(PortalFileError) as error:
        portal_editing.add(file, {**ENTRY, **changes})
    assert said in str(error.value)
    assert str(error.value).startswith(str(file))
    assert "\n" not in str(error.value)
    assert file.read_text("utf-8") == FILE


def test_a_file_that_cannot_be_used_is_left_alone(file: Path) -> None:
    for broken in (FILE + "colour = 1\n", FILE + "x = [", "[other]\n"):
        file.write_text(broken, "utf-8")
        with pytest.raises(PortalFileError):
            portal_editing.add(file, ENTRY)
        assert file.read_text("utf-8") == broken


def test_values_of_one_entry_are_changed_and_all_else_stays(file: Path) -> None:
    portal_editing.change(file, "hebi", {"start": ["https://www.hebi.gov.cn/"], "last_verified": "2026-01-31"})
    text = file.read_text("utf-8")
    assert text.startswith(FILE.partition("[[portal]]\nname")[0])
    assert "# the end" in text
    hebi = portals.load(file)[1]
    assert (hebi.start, hebi.last_verified) == (("https://www.hebi.gov.cn/",), "2026-01-31")
    assert portals.load(file)[0].last_verified is None


def test_a_remark_above_the_next_entry_stays_there(file: Path) -> None:
    text = FILE.replace("\n[[portal]]\nname", "\n# the second\n[[portal]]\nname")
    file.write_text(text, "utf-8")
    portal_editing.change(file, "anyang", {"last_verified": "2026-01-31"})
    assert file.read_text("utf-8") == text.replace("]\n\n# the", ']\nlast_verified = "2026-01-31"\n\n# the')
    portal_editing.change(file, "anyang", {"last_verified": "2026-02-01", "tls": "legacy"})
    new = ']\nlast_verified = "2026-02-01"\ntls = "legacy"\n\n# the'
    assert file.read_text("utf-8") == text.replace("]\n\n# the", new)


def test_an_entry_of_an_array_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('portal = [\n  {id = "a", name = "甲", start = "http://a.gov.cn/"}, # one\n]\n', "utf-8")
    portal_editing.change(path, "a", {"last_verified": "2026-01-31"})
    assert portals.load(path)[0].last_verified == "2026-01-31"
    assert "# one" in path.read_text("utf-8")


def test_the_kind_of_file_stays(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    link = file.with_name("link.toml")
    link.symlink_to(file)
    portal_editing.change(link, "anyang", {"last_verified": "2026-01-31"})
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# My portals\r\n")
    assert content.count(b"\r\n") >= FILE.count("\n")
    assert portals.load(file)[0].last_verified == "2026-01-31"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(PortalFileError, match="cannot be written"):
        portal_editing.add(tmp_path / "none" / "a.toml", ENTRY)
