from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from sample.__main__ import main
from sample.files import Files
from sample.generator import LATER_REPORT, REVISED_REPORT, generate
from sample.organs import BY_KEY, CITY_HOST, DISTRICT_HOST
from sample.server import SampleServer
from sample.site import HOSTS, Site, build
from sample.truth import ExpectedReport

COUNTER = re.compile(r"(浏览次数|点击数)：(\d+)")


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with SampleServer() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: SampleServer) -> Iterator[httpx.Client]:
    with httpx.Client(proxy=server.proxy_url, trust_env=False) as through_proxy:
        yield through_proxy


def soup(response: httpx.Response) -> BeautifulSoup:
    encoding = "gb18030" if "charset" not in response.headers["content-type"] else "utf-8"
    return BeautifulSoup(response.content.decode(encoding), "lxml")


def of(server: SampleServer, delivery: str, host: str) -> ExpectedReport:
    return next(report for report in server.truth().reports if report.delivery == delivery and host in report.urls[0])


def test_everything_that_the_truth_names_is_there(server: SampleServer, client: httpx.Client) -> None:
    truth = server.truth()
    assert len(truth.reports) == 72
    types = {".pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument"}
    for report in truth.reports:
        for url in report.urls + report.attachment_urls:
            response = client.get(url)
            assert response.status_code == 200
            assert response.headers["content-type"].startswith(types.get(url[-4:], "text/html"))
    for page in truth.non_reports:
        assert client.get(page.url).status_code == 200


def test_reports_are_delivered_in_every_way(server: SampleServer) -> None:
    deliveries = [report.delivery for report in server.truth().reports]
    assert {delivery: deliveries.count(delivery) for delivery in set(deliveries)} == {
        "page": 36,
        "page_pdf": 24,
        "page_docx": 6,
        "pdf": 6,
    }


def linked_pages(client: httpx.Client, starts: list[str]) -> dict[str, BeautifulSoup]:
    """Follow every link and both kinds of pager from ``starts``, as a patient reader would."""
    found: dict[str, BeautifulSoup] = {}
    waiting = list(starts)
    while waiting:
        url = waiting.pop()
        if url in found or "/rl/" in url:
            continue
        response = client.get(url)
        assert response.status_code == 200, url
        if not response.headers["content-type"].startswith("text/html"):
            found[url] = BeautifulSoup("", "lxml")
            continue
        page = found[url] = soup(response)
        waiting += [urljoin(url, str(link["href"])) for link in page.find_all("a", href=True)]
        for count in re.findall(r"createPageHTML\((\d+), 0|countPage = (\d+)", str(page)):
            total = int(count[0] or count[1])
            waiting += [urljoin(url, f"index_{number}.html") for number in range(1, total)]
    return found


def test_every_report_is_linked_from_the_home_pages(server: SampleServer, client: httpx.Client) -> None:
    found = linked_pages(client, [f"http://{CITY_HOST}/"])
    truth = server.truth()
    assert {url for report in truth.reports for url in report.urls + report.attachment_urls} <= found.keys()
    assert {page.url for page in truth.non_reports} <= found.keys()


def test_paging_is_needed_to_find_all_reports(server: SampleServer, client: httpx.Client) -> None:
    first_page = soup(client.get(f"http://{DISTRICT_HOST}/xxgk/zfxxgknb/"))
    links = first_page.select("table.gl_list a")
    assert len(links) == 10
    assert not [link for link in first_page.find_all("a", href=True) if "index_" in str(link["href"])]
    assert any(link.get_text().endswith("...") and len(str(link["title"])) > 20 for link in links)


def test_city_details_carry_metas_and_district_details_none(server: SampleServer, client: httpx.Client) -> None:
    report = of(server, "page", CITY_HOST)
    page = soup(client.get(report.urls[0]))
    metas = {str(meta["name"]): meta["content"] for meta in page.find_all("meta", attrs={"name": True})}
    assert metas["ArticleTitle"] == report.title
    assert metas["ContentSource"] == report.organ
    assert str(metas["PubDate"]).startswith(report.published_on)

    report = of(server, "page", DISTRICT_HOST)
    page = soup(client.get(report.urls[0]))
    assert not page.find_all("meta", attrs={"name": True})
    title = page.select_one("td.title")
    assert title is not None
    assert title.get_text() == report.title
    assert f"发布时间：{report.published_on}" in page.get_text()


def test_district_bytes_are_labelled_gb2312_and_are_not(server: SampleServer, client: httpx.Client) -> None:
    response = client.get(of(server, "page", DISTRICT_HOST).urls[0])
    assert response.headers["content-type"] == "text/html"
    assert b"charset=gb2312" in response.content
    assert "镕" in response.content.decode("gb18030")
    for encoding in ("gb2312", "utf-8"):
        with pytest.raises(UnicodeDecodeError):
            response.content.decode(encoding)


def test_the_counter_differs_in_every_response_and_nothing_else_does(
    server: SampleServer, client: httpx.Client
) -> None:
    for host, encoding in ((CITY_HOST, "utf-8"), (DISTRICT_HOST, "gb18030")):
        responses = [client.get(of(server, "page", host).urls[0]) for _ in range(2)]
        texts = [response.content.decode(encoding) for response in responses]
        assert texts[0] != texts[1]
        assert COUNTER.sub("", texts[0]) == COUNTER.sub("", texts[1])
        assert "etag" not in responses[0].headers
        assert "last-modified" not in responses[0].headers


def test_unchanged_files_and_lists_answer_304(server: SampleServer, client: httpx.Client) -> None:
    pdf_url = of(server, "page_pdf", CITY_HOST).attachment_urls[0]
    for url in (pdf_url, f"http://{CITY_HOST}/zwgk/zfxxgk/zfxxgknb/"):
        first = client.get(url)
        tag, date = first.headers["etag"], first.headers["last-modified"]
        by_tag = client.get(url, headers={"If-None-Match": tag})
        by_date = client.get(url, headers={"If-Modified-Since": date})
        assert (by_tag.status_code, by_tag.content, by_tag.headers["etag"]) == (304, b"", tag)
        assert by_date.status_code == 304
        assert server.log[-1].conditional
        assert server.log[-1].sent == 0
        # A validator that matches no longer wins over a date that does.
        both = client.get(url, headers={"If-None-Match": '"other"', "If-Modified-Since": date})
        assert both.status_code == 200
        stale = client.get(url, headers={"If-Modified-Since": "Tue, 01 Jan 2019 00:00:00 GMT"})
        assert stale.status_code == 200
        assert client.get(url, headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_the_proxy_refuses_every_other_host(client: httpx.Client) -> None:
    response = client.get("http://www.example.org/")
    assert response.status_code == 502
    assert "www.example.org" in response.text
    with pytest.raises(httpx.ProxyError):
        client.get(f"https://{CITY_HOST}/")


def test_paths_without_a_page(server: SampleServer, client: httpx.Client) -> None:
    assert client.get(f"http://{CITY_HOST}/none.html").status_code == 404
    moved = client.get(f"http://{CITY_HOST}/zwgk?x=1")
    assert (moved.status_code, moved.headers["location"]) == (301, "/zwgk/")
    index = client.get(f"http://{CITY_HOST}/zwgk/index.html")
    assert index.content == client.get(f"http://{CITY_HOST}/zwgk/").content
    assert client.post(f"http://{CITY_HOST}/zwgk/zfxxgk/ysqgk/submit", data={"name": "x"}).status_code == 405
    head = client.head(f"http://{CITY_HOST}/")
    assert head.content == b""
    assert int(head.headers["content-length"]) > 0


def test_the_calendar_never_ends(client: httpx.Client) -> None:
    url = f"http://{CITY_HOST}/rl/?date=2025-01-01"
    for _ in range(3):
        links = soup(client.get(url)).select("ul.folders a")
        url = urljoin(url, str(links[1]["href"]))
    assert url.endswith("date=2025-01-04")
    assert client.get(f"http://{CITY_HOST}/rl/?date=9999-12-31").status_code == 200
    assert client.get(f"http://{CITY_HOST}/rl/?date=never").status_code == 200


def test_robots_forbid_a_report_that_stands_nowhere_else(server: SampleServer, client: httpx.Client) -> None:
    robots = RobotFileParser()
    robots.parse(client.get(f"http://{CITY_HOST}/robots.txt").text.splitlines())
    truth = server.truth()
    [forbidden] = [page for page in truth.non_reports if page.reason == "robots"]
    assert not robots.can_fetch("*", forbidden.url)
    assert "收到和处理政府信息公开申请情况" in client.get(forbidden.url).text
    for report in truth.reports:
        assert all(robots.can_fetch("*", url) for url in report.urls if CITY_HOST in url)


def test_the_log_keeps_what_was_asked(server: SampleServer, client: httpx.Client) -> None:
    before = len(server.log)
    size = len(client.get(f"http://{CITY_HOST}/zwgk/?q=1").content)
    [entry] = server.log[before:]
    assert (entry.method, entry.host, entry.path, entry.status, entry.sent, entry.conditional) == (
        "GET",
        CITY_HOST,
        "/zwgk/?q=1",
        200,
        size,
        False,
    )


def contents(site: Site) -> dict[tuple[str, str], bytes]:
    return {
        (host, path): resource.body
        for host, portal in site.portals.items()
        for path, resource in portal.resources.items()
    }


def test_phase_2_changes_what_is_stated_and_nothing_else() -> None:
    with SampleServer() as server:
        truth, before = server.truth(), contents(server.site)
        server.set_phase(2)
        later_truth, after = server.truth(), contents(server.site)

    revised = truth.report(BY_KEY[REVISED_REPORT[0]].name, REVISED_REPORT[1])
    later = later_truth.report(BY_KEY[LATER_REPORT[0]].name, LATER_REPORT[1])
    assert revised.delivery == later.delivery == "page"
    assert len(later_truth.reports) == len(truth.reports) + 1
    assert later not in truth.reports
    unchanged = [report for report in truth.reports if report != revised]
    assert all(report in later_truth.reports for report in unchanged)

    assert not before.keys() - after.keys()
    column = "/zwgk/zfxxgk/zfxxgknb/"
    added = {path for _, path in after.keys() - before.keys()}
    assert urlsplit(later.urls[0]).path in added
    assert all(path.startswith((f"{column}2025n/", f"{column}index_")) for path in added)
    changed = {key for key in before if before[key] != after[key]}
    lists = {(CITY_HOST, path) for path in (column, f"{column}index_1.html", f"{column}index_2.html")}
    assert changed - lists == {(DISTRICT_HOST, urlsplit(revised.urls[0]).path)}
    assert (CITY_HOST, column) in changed


def test_the_same_seed_serves_the_same_bytes() -> None:
    bases = {host: f"http://{host}" for host in HOSTS}
    one, other = (build(generate(), 1, bases, Files()) for _ in range(2))
    assert contents(one) == contents(other)


def test_direct_mode_needs_no_proxy_and_no_name(tmp_path: Path) -> None:
    with SampleServer(direct=True) as server, httpx.Client(trust_env=False) as client:
        bases = set(server.bases.values())
        assert len(bases) == 2
        found = linked_pages(client, [f"{server.bases[CITY_HOST]}/"])
        assert {f"http://{urlsplit(url).netloc}" for url in found} == bases
        for report in server.truth().reports:
            assert set(report.urls + report.attachment_urls) <= found.keys()
        portals = tomllib.loads(server.portal_file(tmp_path / "portals.toml").read_text("utf-8"))["portal"]
        assert [portal["start"] for portal in portals] == [[f"{base}/"] for base in server.bases.values()]


def test_the_portal_file_names_both_portals(server: SampleServer, tmp_path: Path) -> None:
    portals = tomllib.loads(server.portal_file(tmp_path / "portals.toml").read_text("utf-8"))["portal"]
    assert [portal["start"] for portal in portals] == [[f"http://{CITY_HOST}/"], [f"http://{DISTRICT_HOST}/"]]
    assert all(portal["delay"] == 0 and portal["province"] and portal["city"] for portal in portals)
    assert "county" not in portals[0]


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--port", str(port)])
    assert result.exit_code == 1
    assert result.output == f"Error: cannot serve on port {port}: Address already in use; try --port 0\n"


def test_a_server_that_does_not_run_says_so() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        SampleServer().truth()
