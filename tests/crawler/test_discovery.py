import json
from dataclasses import replace

import pytest

from archive.frontier import COLUMN, EXPLORE, REPORT
from crawler import cms, discovery
from crawler.cms.base import Branch, NextPage
from crawler.discovery import Context
from crawler.hosts import HostRules
from crawler.page import Link, Page
from tests.crawler.lanxi import page, row

HOME = "http://www.lanxi.gov.cn/"
HOSTS = HostRules([HOME])


def _score(text: str, path: str = "/x/", trail: tuple[str, ...] = (), title: str = "") -> tuple[int, bool]:
    return discovery.score(Link(f"http://www.lanxi.gov.cn{path}", text, title, None), trail)


@pytest.mark.parametrize(
    ("text", "path", "points", "is_column"),
    [
        ("政府信息公开年报", "/x/", 100, True),
        (" 政府信息公开\u00a0年报 >> ", "/zfxxgk/zfxxgknb/", 170, True),
        ("年报", "/xxgk/n/", 110, True),
        ("年报", "/n/", 0, False),
        ("查看", "/zfxxgknb_70772/", 70, True),
        ("政府信息公开", "/zfxxgk/", 90, False),
        ("政务公开", "/zwgk/", 75, False),
        ("政府信息公开指南", "/zn/", 35, False),
        ("政府网站工作年度报表", "/zfxxgk/zfxxgknb/", -100, False),
        ("法治政府建设年度报告", "/ndbg/", -100, False),
        ("部门决算", "/zwgk/js/", -100, False),
        ("依申请公开", "/zfxxgk/ysq/", -30, False),
        ("岚溪新闻", "/news/", 0, False),
        ("岚溪县水务局政府信息公开年报", "/x/", 100, True),
        ("知识产权局政府信息公开年报", "/x/", 100, True),
        ("知识产权保护年度报告", "/zfxxgk/ndbg/", -100, False),
        ("如何阅读政府信息公开年报", "/x/", 0, False),
        ("政府信息公开年报专栏", "/x/", 100, True),
        ("政府信息公开年报（2008年至今）", "/x/", 100, True),
        ("县教育局信息公开年度工作报告", "/x/", 100, True),
        ("政府信息公开年报解读", "/x/", 0, False),
        ("某次会议", "/xxgk/zfxxgknb/202401/t20240101_1.html", 0, False),
    ],
)
def test_scores(text: str, path: str, points: int, is_column: bool) -> None:
    assert _score(text, path) == (points, is_column)


def test_a_short_name_is_a_column_only_within_the_section() -> None:
    assert _score("年报", "/n/", trail=("政府信息公开",)) == (80, True)


def test_titles_and_images_count_as_text() -> None:
    assert _score("", title="政府信息公开年报") == (100, True)


def test_exploring_keeps_to_own_hosts_and_depth() -> None:
    home = Page(
        HOME,
        page(
            '<a href="/zwgk/">政务公开</a><a href="http://xxgk.lanxi.gov.cn/nb/">政府信息公开年报</a>'
            '<a href="http://www.other.gov.cn/nb/">政府信息公开年报</a><a href="http://lanxi-gov.cn/nb/">公开年报</a>'
            '<a href="/zwgk/t20240101_1.html">政务公开</a><a href="/rl?date=2024-01-01">政务公开</a>'
        ),
    )
    leads = discovery.explore(home, home.links, 0, Context(), HOSTS)
    assert [(lead.url, lead.kind) for lead in leads] == [
        ("http://www.lanxi.gov.cn/zwgk/", EXPLORE),
        ("http://xxgk.lanxi.gov.cn/nb/", COLUMN),
    ]
    assert discovery.explore(home, home.links, discovery.MAX_DEPTH, Context(), HOSTS) == []


def test_a_column_is_confirmed_by_two_years_or_by_its_name() -> None:
    def confirmed(body: str, head: str = "") -> bool:
        listed = Page(HOME, page(body, head))
        return discovery.is_confirmed_column(listed, cms.family_for(listed).rows(listed))

    rows = [row(f"{year}.html", f"岚溪县{year}年政府信息公开工作年度报告", "2024-01-20") for year in (2022, 2023)]
    assert confirmed("".join(rows))
    assert not confirmed(rows[0])
    assert not confirmed(rows[0] + row("b.html", "岚溪县水务局2022年政府信息公开工作年度报告", "2023-01-01"))
    assert confirmed("", '<meta name="ColumnName" content="政府信息公开年报">')
    assert confirmed("<div>当前位置：首页 &gt; 政府信息公开年报</div>")
    assert not confirmed("<div>当前位置：首页 &gt; 政府信息公开制度</div>")


def test_only_rows_that_may_be_reports_are_followed() -> None:
    column = Page(
        f"{HOME}nb/",
        page(
            row("t20240120_1.html", "岚溪县2023年政府信息公开工作年度报告", "2024-01-20")
            + row("t20240121_2.html", "岚溪县召开政府信息公开工作会议", "2024-01-21")
            + row("http://www.other.gov.cn/t20240122_3.html", "邻县2023年政府信息公开工作年度报告", "2024-01-22")
            + row("http://spam.example/t20240122_4.html", "岚溪县2023年政府信息公开工作年度报告", "2024-01-22")
            + row("t20240123_5.pdf", "岚溪县2022年政府信息公开工作年度报告", "2023-01-20")
            + '<tr><td><a href="t20240124_6.html">岚溪县2021年政府信息公...</a></td><td>2022-01-20</td></tr>'
        ),
    )
    context = Context(column=column.url)
    rows = [*cms.family_for(column).rows(column), *column.links]
    leads = discovery.reports(column.url, rows, (), 1, context, HOSTS)
    found = {lead.url.rpartition("_")[2]: (lead.kind, lead.context.get("title")) for lead in leads}
    assert found == {
        "1.html": ("report", "岚溪县2023年政府信息公开工作年度报告"),
        "3.html": ("report", "邻县2023年政府信息公开工作年度报告"),
        "5.pdf": ("file", "岚溪县2022年政府信息公开工作年度报告"),
        "6.html": ("report", None),
    }


def test_folders_are_followed_only_inside_a_column() -> None:
    column = Page(
        f"{HOME}xxgk/nb/",
        page(
            '<a href="2023n/">2023年</a><a href="/other/2022/">2022年度</a><a href="bm/">县政府部门</a>'
            '<a href="swj/">县水务局</a><a href="/wb/">县政府部门</a><a href="/xxgk/">乡镇</a>'
            '<a href="z/">关于我们</a>'
        ),
    )
    inside = discovery.folders(column, column.links, 2, Context(column=column.url), HOSTS)
    assert {lead.url.removeprefix(HOME) for lead in inside} == {
        "xxgk/nb/2023n/",
        "other/2022/",
        "xxgk/nb/bm/",
        "xxgk/nb/swj/",
    }
    assert discovery.folders(column, column.links, 2, Context(), HOSTS) == []


def test_a_context_survives_storing() -> None:
    context = Context(
        title="甲",
        trail=("政务公开", "年报"),
        page=3,
        listed=True,
        method="POST",
        body="page=2",
        headers=(("X-Requested-With", "XMLHttpRequest"),),
        family="static",
        state={"way": 1},
    )
    stored = json.loads(json.dumps(context.to_json()))
    assert Context.from_json(stored) == context
    assert "published_on" not in stored
    plain = context.onward(referer="http://a.gov.cn/")
    assert (plain.method, plain.body, plain.headers, plain.state, plain.trail) == ("GET", None, (), None, context.trail)


def test_requests_of_one_address_differ_by_what_is_posted() -> None:
    url = f"{HOME}list.do"
    asks = [NextPage.form(url, {"page": page}, {}) for page in (1, 2)] + [NextPage(url), NextPage.json(url, {}, {})]
    leads = [discovery.request(ask, "static", COLUMN, 1, 0, Context()) for ask in asks]
    assert len({lead.key for lead in leads}) == 4
    assert [lead.url for lead in leads] == [url] * 4
    assert leads[2].context.get("family") is None


def test_branches_are_judged_by_their_name_or_by_the_page_they_fill() -> None:
    def made(kind: str, context: Context, *branches: Branch) -> list[tuple[str, str]]:
        leads = discovery.branches("static", branches, HOME, kind, 1, context, HOSTS)
        return [(lead.url.removeprefix(HOME), lead.kind) for lead in leads]

    def branch(name: str, label: str = "", *, menu: bool = False, host: str = HOME) -> Branch:
        return Branch(NextPage(f"{host}{name}", state={}), label, menu=menu)

    tree = [
        branch("a", "政府信息公开年报"),
        branch("b", "政策解读"),
        branch("c", "政府信息公开"),
        branch("d", "县水务局"),
    ]
    assert made(EXPLORE, Context(), *tree) == [("a", COLUMN), ("c", EXPLORE)]
    inside = Context(column=HOME)
    assert made(COLUMN, inside, *tree[1:]) == [("c", EXPLORE), ("d", COLUMN)]
    assert made(EXPLORE, Context(), branch("list"), branch("nav", menu=True)) == [("nav", EXPLORE)]
    assert made(COLUMN, inside, branch("list")) == [("list", COLUMN)]
    assert made(COLUMN, inside, branch("list", host="http://spam.example/")) == []


def test_an_organ_of_the_column_may_have_its_list_on_another_government_host() -> None:
    column = Page(
        f"{HOME}nb/",
        page(
            '<a href="http://jyj.other.gov.cn/nb/">县教育局</a><a href="http://www.lanxi-gov.cn/nb/">县教育局</a>'
            '<a href="http://10.0.0.1/nb/">县水务局</a><a href="http://www.friend.gov.cn/">友情链接</a>'
        ),
    )
    (lead,) = discovery.folders(column, column.links, 2, Context(column=column.url), HOSTS)
    assert (lead.url, lead.kind, lead.context["foreign"]) == ("http://jyj.other.gov.cn/nb/", COLUMN, True)
    away = Context(column="http://jyj.other.gov.cn/nb/", foreign=True)
    assert discovery.folders(column, column.links, 2, away, HOSTS) == []


def test_rows_that_name_only_an_organ_are_reports_under_a_years_heading_or_in_a_column_by_name() -> None:
    def found(heading: str) -> list[tuple[str, bool]]:
        column = Page(
            f"{HOME}nb/",
            page(
                f"<h3>{heading}</h3>"
                '<a href="http://jyj.other.gov.cn/t20240120_1.html">省教育厅</a><a href="/t20240120_2.html">东津市</a>'
                '<a href="http://spam.example/t20240120_3.html">省水利厅</a><a href="/t20240120_4.html">联系我们</a>'
            ),
        )
        path = [*column.breadcrumb, *column.titles]
        leads = discovery.reports(column.url, column.links, path, 1, Context(column=column.url), HOSTS)
        return [(lead.url.rpartition("_")[2], lead.context.get("foreign", False)) for lead in leads]

    assert found("2023年政府信息公开工作年度报告") == [("1.html", True), ("2.html", False)]
    assert found("政府信息公开年报") == [("1.html", True), ("2.html", False)]
    assert found("机构设置") == []


def test_an_organs_folder_is_left_out_where_its_report_of_the_year_is_listed() -> None:
    column = Page(
        f"{HOME}nb/2023n/", page('<a href="jyj/">教育局</a><a href="hbz/">河包镇</a><a href="czj/">财政局</a>')
    )
    names = {
        "jyj/202401/t20240120_1.html": "2023年政府信息公开工作年度报告",
        "202401/t2.html": "河包镇人民政府2023年政府信息公开工作年度报告",
    }
    listed = [discovery.lead(column.url + path, REPORT, 3, 500, Context(title=title)) for path, title in names.items()]
    inside = Context(column=f"{HOME}nb/", trail=("政府信息公开年报", "2023年"))
    done = {cms.key(f"{column.url}{name}/") for name in ("jyj", "hbz")}
    assert discovery.settled(column.links, listed, inside) == done
    assert discovery.settled(column.links, listed, replace(inside, trail=("政府信息公开年报",))) == set()


def test_organs_that_a_column_shows_instead_of_reports_are_followed_wherever_they_are() -> None:
    organs = "".join(f'<a href="/bm/{name}/">县{name}局</a>' for name in "甲乙丙")
    column = Page(f"{HOME}nb/", page(f'<a href="/">县政府</a>{organs}'))
    found = discovery.organs_elsewhere(column, column.links, 2, Context(column=column.url), HOSTS)
    assert [one.url.rpartition("/bm/")[2] for one in found] == ["%E7%94%B2/", "%E4%B9%99/", "%E4%B8%99/"]
    assert discovery.organs_elsewhere(column, column.links[:2], 2, Context(column=column.url), HOSTS) == []


def test_an_organs_name_before_that_of_a_section_leads_on() -> None:
    assert _score("青埠区政府信息公开") == _score("政务公开") == (45, False)
    assert _score("如何申请政府信息公开") == (0, False)
