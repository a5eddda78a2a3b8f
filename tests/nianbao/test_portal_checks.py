import pytest

from nianbao.portal_checks import findings

ENTRY = """\
# 河南
[[portal]]
id = "anyang"
name = "安阳市人民政府"
start = [
  "https://www.anyang.gov.cn/",
]
division = "410500"
"""


def test_an_entry_without_a_fault_has_no_finding() -> None:
    assert findings(ENTRY) == []
    assert findings(ENTRY + 'cms = "trs"\nlast_verified = "2026-01-31"\nprovince = "河南省"\ncity = "安阳市"\n') == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("410500", "419999", 8, "unknown division “419999”"),
        ("410500", "4105", 8, "unknown division “4105”"),
        ("410500", "410600", 4, "安阳市 (410500), the division is 鹤壁市 (410600)"),
        ('"410500"', '"420606"', 4, "the division is 樊城区"),
        ("安阳市人民政府", "安阳县人民政府", 4, "安阳县"),
        ("安阳市人民政府", "人民政府", 4, "does not begin with its division, 安阳市"),
        ('"410500"', '"110228"', 8, "密云县 (110228) stood until 2014 only; what followed it is 密云区 (110118)"),
        ('"410500"', '"410500"\ncms = "joomla"', 9, "unknown family “joomla”"),
        ('"410500"', '"410500"\nlast_verified = "yesterday"', 9, "“last_verified” is yesterday"),
        ('"410500"', '"410500"\nlast_verified = "2999-01-01"', 9, "still to come"),
        ('"410500"', '"410500"\ncity = "鹤壁市"', 9, "“city” is 鹤壁市, but 安阳市 (410500) lies in 安阳市"),
        ('"410500"', '"410500"\ncounty = "北关区"', 9, "安阳市 (410500) has none"),
        ("https://www.anyang.gov.cn/", "http://127.0.0.1:81/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://10.1.2.3/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://[::1]/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://localhost/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://portal/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://portal.internal/", 5, "private address"),
        ("https://www.anyang.gov.cn/", "http://61.150.65.235/", 5, "an address without a name"),
        ("https://www.anyang.gov.cn/", "https://www.anyang-gov.cn/", 5, "not under gov.cn"),
        ("https://www.anyang.gov.cn/", "https://www.anyang.gov.cn.example.com/", 5, "not under gov.cn"),
        ("https://www.anyang.gov.cn/", "https://www.anyang.gov.cn/#top", 5, "fragment"),
        ("https://www.anyang.gov.cn/", "https://user:word@www.anyang.gov.cn/", 5, "browsers read otherwise"),
        ("https://www.anyang.gov.cn/", "https://evil.example\\\\.gov.cn/", 5, "browsers read otherwise"),
        ("https://www.anyang.gov.cn/", "ftp://www.anyang.gov.cn/", 5, "“start” must be http(s) URLs"),
        ('"anyang"', '"an yang"', 3, "“id” must have no spaces"),
        ('id = "anyang"\n', "", 2, "“id” is missing"),
        ('"410500"', '"410500"\ndealy = 2', 9, "unknown key “dealy”"),
        ('"410500"', '"410500"\ndelay = -2', 9, "“delay” must be"),
        ("[[portal]]", "[portals]\n[[portal]]", 2, "unknown table “portals”"),
        ('"410500"', '"410500', 8, "not valid TOML"),
    ],
)
def test_each_fault_is_told_with_its_line(old: str, new: str, line: int, said: str) -> None:
    text = ENTRY.replace(old, new)
    assert text != ENTRY
    found = findings(text)
    assert [(finding.line, said in finding.message) for finding in found] == [(line, True)], found


def test_all_faults_of_all_entries_are_told_in_order() -> None:
    bad = ENTRY.replace("410500", "999999").replace("anyang", "other").replace("https", "ftp") + "colour = 1\n"
    worse = ENTRY.replace("410500", "410600")
    found = findings(bad + worse + ENTRY)
    assert [(finding.line, finding.portal_id) for finding in found] == [
        (5, "other"),
        (9, "other"),
        (13, "anyang"),
        (20, "anyang"),
    ]
    assert "two portals have the id" in found[-1].message


@pytest.mark.parametrize(
    "other", ["https://www.anyang.gov.cn/", "http://anyang.gov.cn", "https://www.anyang.gov.cn/index.html"]
)
def test_two_entries_of_one_start_are_told(other: str) -> None:
    (found,) = findings(ENTRY + ENTRY.replace("anyang", "again", 1).replace("https://www.anyang.gov.cn/", other))
    assert found.line == 13
    assert "that of portal “anyang” too" in found.message
    subsite = ENTRY.replace('"anyang"', '"again"').replace("gov.cn/", "gov.cn/czj/")
    assert findings(ENTRY + subsite) == []


def test_a_note_or_a_permission_explains_an_address() -> None:
    elsewhere = ENTRY.replace("www.anyang.gov.cn", "scsqw.cn")
    assert findings(elsewhere)
    assert findings(elsewhere + 'note = "the office\'s own domain"\n') == []
    private = ENTRY.replace("www.anyang.gov.cn", "127.0.0.1:8000")
    assert findings(private + 'note = "mine"\n')
    assert findings(private, allow_private=True) == []


def test_entries_written_as_one_array_are_told_at_the_array() -> None:
    (found,) = findings('# one line\nportal = [{id = "a", name = "甲", start = "x"}]\n')
    assert (found.line, found.portal_id) == (2, "a")
