"""Every page in Chinese and in English: nothing untranslated, nothing left over, links that keep the language."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from datasette.app import Datasette
from jinja2 import Environment, nodes

from publish import language
from publish.dictionary import dictionary, unit_en
from publish.language import CHINESE, ENGLISH, catalogue, either, gettext, speaking
from tests.publish.conftest import PLAIN

HAN = re.compile(r"[\u3400-\u9fff]")
TEMPLATES = Path(language.__file__).with_name("templates")
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], enable_async=True)
ENVIRONMENT.newstyle_gettext = True  # type: ignore[attr-defined]
PAGES = [
    "/", "/archive", "/archive/reports", f"/archive/reports/{PLAIN}", "/archive/organs", "/archive/organs/o-petition",
    "/archive/findings", "/archive/rules/requests~2Erow_total", "/archive/search?q=信访", "/archive/search?q=无此",
    "/archive/changed", "/archive/missing_reports", "/archive/organs_compare?measure=requests.new.total",
    "/archive/requests", "/archive/disclosures", "/archive?sql=select+1+as+one", "/-/place", "/-/findings",
    "/-/portals", "/-/about", "/-/compare", f"/-/compare?a={PLAIN}", f"/-/compare?a={PLAIN}&b=r-hostile-2023",
    "/-/slice?level=county", "/-/slice?measure=rates.disclosure", "/archive/slice?measure=requests.new.total",
    "/archive/changed?page=1", "/archive/items", "/archive/request_items", "/-/findings?severity=note&noted=dismissed",
    "/-/organ-years/o-petition", "/-/organs-compare", "/-/organs-compare?measure=rates.disclosure",
    f"/-/evidence/{PLAIN}/requests.new.total", "/no/such/page",
]  # fmt: skip


# Examples of what to search for, the names of the language and the site, and a query of ours.
EXAMPLES = {"信访局", "信访", "不动产登记", "中文", "年报库", "河南省", "无此"}


def _literals(template: str) -> Iterator[str]:
    """Chinese texts of a template that are not looked up in the catalogue."""
    parsed = ENVIRONMENT.parse((TEMPLATES / template).read_text("utf-8"))
    looked_up = {
        id(constant)
        for call in parsed.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext")
        for constant in call.args
    }
    for data in parsed.find_all(nodes.TemplateData):
        if HAN.search(data.data):
            yield data.data.strip()
    for constant in parsed.find_all(nodes.Const):
        if isinstance(constant.value, str) and HAN.search(constant.value) and id(constant) not in looked_up:
            yield constant.value


def _messages() -> set[str]:
    """Every text that templates and queries look up."""
    found = {
        message if isinstance(message, str) else str(message[0])
        for path in TEMPLATES.glob("*.html")
        for _line, _function, message in ENVIRONMENT.extract_translations(path.read_text("utf-8"))
    }
    return found | {word for query in dictionary().queries.values() for word in query.inputs.values()}


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.html")))
def test_no_chinese_stands_in_a_template_but_to_be_translated(template: str) -> None:
    assert list(_literals(template)) == []


def test_the_catalogue_has_every_text_and_no_other() -> None:
    assert _messages() - catalogue().keys() == set()
    assert catalogue().keys() - _messages() == set()


def test_english_is_english_and_keeps_what_is_put_in() -> None:
    names = re.compile(r"%\((\w+)\)s")
    for chinese, english in catalogue().items():
        assert english.strip() or not chinese.strip()
        assert set(names.findall(chinese)) == set(names.findall(english)), chinese
        # Examples of what to type are Chinese in either language.
        if not re.search(r"placeholder|e\.g\.|<code>", english):
            assert not HAN.search(english), english


def test_words_for_codes_are_there_in_both_languages() -> None:
    words = dictionary()
    assert {name: list(codes) for name, codes in words.values.items()} == {
        name: list(codes) for name, codes in words.values_en.items()
    }
    units = {column.unit for table in words.tables.values() for column in table.columns.values() if column.unit}
    assert [unit for unit in units if unit_en(unit) == unit] == []
    assert all(words.site[f"{key}_en"] for key in ("title", "label", "license", "source", "about"))


def test_python_says_nothing_in_chinese_alone() -> None:
    """Whatever a module says in Chinese stands in a call that gives the English beside it."""
    bilingual = {"either", "Said"}
    # Names of data, what feeds and exported files say, and what is searched for: Chinese in either language.
    exempt = {"feeds.py", "publication.py", "spreadsheet.py", "dictionary.py", "language.py", "export.py"}
    constants = {
        "layout.py": {"件", "项", "第二十条第（(?P<number>.)）项", "一二三四五六七八九十"},
        "place_page.py": {"全国"},
        "first_pages.py": {"信访"},
    }
    for path in Path(language.__file__).parent.glob("*.py"):
        if path.name in exempt:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        said = {
            id(part)
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in bilingual
            for argument in call.args
            for part in ast.walk(argument)
        }
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
                known = id(node) in said or id(node) in documented or node.value in constants.get(path.name, ())
                assert known, (path.name, node.value)


def _visible(page: BeautifulSoup) -> Iterator[str]:
    """Texts that a reader meets: text nodes, and attributes that are read out or shown."""
    for node in page.find_all(string=True):
        if isinstance(node, NavigableString) and node.parent and node.parent.name not in ("style", "script", "pre"):
            yield node.strip()
    for tag in page.find_all(True):
        for name in ("aria-label", "title", "placeholder", "alt", "data-label"):
            if isinstance(tag, Tag) and isinstance(tag.get(name), str):
                yield str(tag[name]).strip()


def _data(archive: Path) -> str:
    """All text that the archive holds."""
    conn = sqlite3.connect(archive)
    tables = [row[0] for row in conn.execute("select name from sqlite_master where type='table'")]
    cells = (
        cell
        for table in tables
        if not table.startswith(("sqlite_", "sections_fts"))
        for row in conn.execute(f'select * from "{table}"')
        for cell in row
    )
    return "".join("".join(str(cell).split()) + "\x00" for cell in cells if isinstance(cell, str))


@pytest.mark.anyio
@pytest.mark.parametrize("path", PAGES)
async def test_english_pages_leave_only_data_in_chinese(path: str, site: Datasette, archive_path: Path) -> None:
    # What a template works out once for all must not keep the language of its first reader.
    assert (await site.client.get(path)).headers["content-language"] == "zh-CN"
    response = await site.client.get(f"/en{path}")
    page = BeautifulSoup(response.text, "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert response.headers["content-language"] == "en"
    # Citations are offered in both languages on either page.
    for quote in page.select('blockquote[lang="zh-CN"]'):
        quote.decompose()
    words = dictionary()
    own = {word for codes in words.values.values() for word in codes.values()}
    own |= {text for text in catalogue() if HAN.search(text) and catalogue()[text] != text}
    own |= {table.label for table in words.tables.values()}
    own |= {column.label for table in words.tables.values() for column in table.columns.values()}
    data = _data(archive_path)
    held = set(data.split("\x00"))
    for text in _visible(page):
        # A snippet or a long text is cut; the parts between its marks are the data's.
        for part in re.split(r"[^\u3400-\u9fff]+", text):
            assert part in data or part in EXAMPLES, text
        assert not HAN.search(text) or text not in own or text in held, text


@pytest.mark.anyio
@pytest.mark.parametrize("path", PAGES)
async def test_links_keep_the_language_and_lead_to_the_other(path: str, site: Datasette) -> None:
    for root, other in (("", "/en"), ("/en", "")):
        response = await site.client.get(f"{root}{path}")
        page = BeautifulSoup(response.text, "html.parser")
        switch = page.select_one("a.switch")
        assert switch is not None
        target = (await site.client.get(str(switch["href"]))).text
        lang = "zh-CN" if other == "" else "en"
        assert switch["hreflang"] == switch["lang"] == lang
        assert f'<html lang="{lang}">' in target
        alternates = {link["hreflang"]: str(link["href"]) for link in page.select("link[hreflang]")}
        assert alternates.keys() == {"zh-CN", "en"}
        assert alternates[lang].endswith(str(switch["href"]))
        assert alternates["en"].startswith("http://localhost/en/")
        for link in page.select("a[href^='/'], form[action^='/']"):
            address = str(link.get("href") or link.get("action"))
            if link is switch or re.match(r"/(static|downloads|-/original|-/warc|-/feed)/", address):
                continue
            assert address.startswith("/en/") == (root == "/en"), f"{root}{path}: {address}"


@pytest.mark.anyio
async def test_datasettes_own_redirects_keep_the_language(site: Datasette) -> None:
    response = await site.client.get(
        "/en/archive/reports?_filter_column=year&_filter_op=exact&_filter_value=2024", follow_redirects=False
    )
    assert response.status_code == 302
    assert response.headers["location"].startswith("/en/archive/reports?")


@pytest.mark.anyio
async def test_closed_pages_are_closed_in_english_too(site: Datasette) -> None:
    for path in ("/en/-/databases", "/en/-/threads.json", "/en/-/allow-debug"):
        assert (await site.client.get(path)).status_code in (403, 404)


@pytest.mark.anyio
async def test_a_chinese_page_has_no_english_beside_it(site: Datasette) -> None:
    page = BeautifulSoup((await site.client.get("/-/about")).text, "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "zh-CN"
    english = [tag.get_text() for tag in page.find_all(lang="en")]
    assert english == ["Nianbao", "English"]


@pytest.mark.anyio
async def test_english_downloads_have_english_headings(site: Datasette) -> None:
    english = (await site.client.get("/en/-/export/archive/reports.csv")).text
    chinese = (await site.client.get("/-/export/archive/reports.csv")).text
    assert "Year" in english.splitlines()[0]
    assert "年度" in chinese.splitlines()[0]
    assert english.splitlines()[1:] == chinese.splitlines()[1:]


def test_the_language_holds_only_while_it_is_spoken() -> None:
    assert language.language() == CHINESE
    with speaking(ENGLISH):
        assert gettext("报告") == "Reports"
        assert either("甲", "A") == "A"
    assert gettext("报告") == "报告"


@pytest.mark.anyio
async def test_who_is_sent_on_stays_in_the_language(site: Datasette) -> None:
    for root in ("", "/en"):
        answer = await site.client.get(f"{root}/archive/organs/")
        assert answer.status_code == 302
        assert answer.headers["location"] == f"{root}/archive/organs"


def test_any_name_may_stand_in_a_text() -> None:
    """Names in texts of templates are the templates' own, whatever those of the function that puts them in."""
    assert language.template_text("%(text)s，%(chosen)s", text="<b>", chosen=2) == "&lt;b&gt;，2"
