"""What is taken as a report and what is refused, with the reason that says why."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.extract import Origin, Refusal, extract
from parsers.report import Report
from tests.parsers.files import pdf, pdf_table, word
from tests.parsers.printed_forms import all_rows, page, zero_figures
from tests.parsers.test_tables import distinct

TITLE = "明川市林业局2024年政府信息公开工作年度报告"
HERE = Origin(url="https://www.mingchuan.gov.cn/lyj/zfxxgknb/202501/t20250120_1.html")
PROSE = "本机关依照条例主动公开政府信息，规范办理公开申请，回应社会关切，公开及时准确。"


def html(body: str, title: str = "") -> bytes:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def refusal(payload: bytes, origin: Origin = HERE) -> str:
    outcome = extract(payload, origin)
    assert isinstance(outcome, Refusal), outcome
    assert outcome.detail
    return outcome.reason


def accepted(payload: bytes, origin: Origin = HERE) -> Report:
    report = extract(payload, origin)
    assert isinstance(report, Report), report
    return report


def parts(figures: dict, edition: str = "2021") -> list:  # type: ignore[type-arg]
    """The lines and tables of a whole report."""
    tables = [None, *all_rows(figures, edition, edition), None, None]
    lines: list[object] = [TITLE]
    for number, numeral in enumerate("一二三四五六", start=1):
        lines += [f"{numeral}、{forms.SECTIONS[number].zh}", tables[number - 1] or PROSE]
    return lines


# Taken -----------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_the_same_report_in_html_word_and_pdf(edition: str) -> None:
    truth = distinct(edition)
    lines = parts(truth, edition)
    made = [
        page(TITLE, truth, edition),
        word(lines),
        pdf([part if isinstance(part, str) else pdf_table(part) for part in lines]),
    ]
    for payload in made:
        report = accepted(payload)
        assert (report.organ, report.year, report.status) == ("明川市林业局", 2024, "complete")
        assert (report.edition, report.disclosures_edition, report.requests_edition) == (edition, edition, edition)
        assert report.scope == "office"
        assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]
        assert report.problems == []
        read = {field: reading.printed for field, reading in report.readings()}
        assert read == {
            f"{table}.{row}.{column}": text
            for table, rows in truth.items()
            for row, cells in rows.items()
            for column, text in cells.items()
        }


def test_editions_are_told_from_each_table() -> None:
    truth = {**distinct("2021"), "requests": distinct("2019")["requests"]}
    two, three, four = all_rows(truth, "2021", "2019")
    lines = parts(distinct("2021"))
    lines[4], lines[6], lines[8] = two, three, four
    report = accepted(word(lines))
    assert (report.edition, report.disclosures_edition, report.requests_edition) == ("mixed", "2021", "2019")


def test_a_missing_table_makes_it_partial() -> None:
    lines = parts(distinct("2021"))
    lines[6] = "（表格见附件）"
    report = accepted(word(lines))
    assert (report.status, report.requests) == ("partial", {})
    assert "extraction.table_missing" in {problem.rule for problem in report.problems}


def test_free_form_report_is_text_only_without_findings() -> None:
    body = "".join(f"<p>{n}、工作情况</p><p>2009年我局主动公开信息共42条。{PROSE}</p>" for n in "一二三四五六七八九")
    report = accepted(html(f"<h1>明川市林业局2009年政府信息公开年报</h1>{body}"))
    assert (report.year, report.status, report.edition, report.problems) == (2009, "text_only", "other", [])
    assert dict(report.readings()) == {}


def test_year_comes_from_the_period_and_never_from_the_address_or_date() -> None:
    payload = page("明川市林业局政府信息公开工作年度报告", zero_figures("2021"), published="2025-03-07")
    assert refusal(payload) == "year_unknown"
    stated = payload.decode().replace("公开的及时性", "统计期限自2020年1月1日起至2020年12月31日止。公开的及时性")
    assert accepted(stated.encode()).year == 2020
    broken = payload.decode().replace("公开的及时性", "自202011日起，至20201231日止。公开的及时性")
    assert refusal(broken.encode()) == "year_unknown"


def test_organ_comes_from_the_signature_where_the_title_has_none() -> None:
    payload = page("2024年政府信息公开工作年度报告", zero_figures("2021")).decode()
    signed = payload.replace("<p>无。</p>", "<p>无。</p><p>青禾县柳溪镇人民政府</p><p>2025年1月10日</p>")
    assert accepted(signed.encode()).organ == "青禾县柳溪镇人民政府"
    assert refusal(payload.encode()) == "organ_unknown"


def test_the_linking_page_completes_identity() -> None:
    payload = page("2024年政府信息公开工作年度报告", zero_figures("2021"), published="")
    origin = Origin(url=HERE.url, title=TITLE, published_on="2025-01-21")
    report = accepted(payload, origin)
    assert (report.organ, report.year, report.published_on) == ("明川市林业局", 2024, "2025-01-21")


def test_a_government_reports_for_its_area() -> None:
    for organ, scope in (("青禾县人民政府", "area"), ("柳溪镇", "area"), ("青禾县人民政府办公室", "office")):
        report = accepted(page(f"{organ}2024年政府信息公开工作年度报告", zero_figures("2021")))
        assert report.scope == scope


def test_a_report_survives_serialisation() -> None:
    report = accepted(page(TITLE, distinct("2021")))
    again = Report.from_json(report.to_json())
    assert again == report
    assert again.content_sha256() == report.content_sha256()


NAMELESS = "2023年政府信息公开工作年度报告"


def nameless(at_the_end: str = "", opening: str = "", title: str = NAMELESS) -> bytes:
    text = page(title, zero_figures("2021")).decode()
    text = text.replace("<p>一、总体情况</p>", f"{opening}<p>一、总体情况</p>")
    return text.replace("<p>无。</p>", f"<p>无。</p>{at_the_end}").encode()


@pytest.mark.parametrize(
    "signature",
    [
        "<p>青禾县林业局</p><p>2024年1月10日</p>",
        "<p>青禾县林业局（盖章）</p><p>2024年 1 月 10 日</p>",
        "<p>青禾县林业局</p><p>二〇二四年一月十日</p>",
        "<p>青禾县林业局</p><p>2024.1.10</p>",
        "<p>青禾县林业局　2024年1月10日</p>",
        "<p>青禾县林业局</p><p>2024年1月10日</p><p>附件：1.目录</p><p>（此页无正文）</p><p>联系电话：略</p>",
    ],
)
def test_organ_from_signatures(signature: str) -> None:
    assert accepted(nameless(signature)).organ == "青禾县林业局"
    assert accepted(nameless(opening=signature)).organ == "青禾县林业局"


@pytest.mark.parametrize(
    "opening",
    [
        "本报告由青禾县林业局根据《中华人民共和国政府信息公开条例》编制。",
        "青禾县林业局按照《中华人民共和国政府信息公开条例》的要求，公布本报告。",
        "如对本报告有疑问，请与青禾县林业局联系。",
        "编制单位：青禾县林业局",
    ],
)
def test_organ_from_the_preamble(opening: str) -> None:
    assert accepted(nameless(opening=f"<p>{opening}</p>")).organ == "青禾县林业局"


@pytest.mark.parametrize(
    "text",
    [
        "本局按照《中华人民共和国政府信息公开条例》的要求，公布本报告。",
        "如对本报告有疑问，请与县政务公开办联系。",
        "本县林业局根据《政府信息公开条例》编制本报告。",
        "<p>青禾县林业局</p><p>2024年1月10日</p><p>青禾县水利局</p><p>2024年1月10日</p>",
    ],
)
def test_no_organ_is_guessed(text: str) -> None:
    assert refusal(nameless(opening=f"<p>{text}</p>")) == "organ_unknown"


@pytest.mark.parametrize(
    ("period", "year"),
    [
        ("自2020年1月1日起至2020年12月31日止", 2020),
        ("2020年1月1日—12月31日", 2020),
        ("2020.1.1-2020.12.31", 2020),
        ("数据统计期限为2020年度", 2020),
        ("自202011日起，至20201231日止", None),
        ("20221月1日起至202212月31日", None),
        ("统计期限为202011日", None),
        ("自2019年1月1日起至2020年12月31日止", None),
        ("2020.1.11-2020.12.31", None),
    ],
)
def test_year_from_the_period(period: str, year: int | None) -> None:
    payload = nameless(opening=f"<p>{period}。</p>", title="明川市林业局政府信息公开工作年度报告")
    if year is None:
        assert refusal(payload) == "year_unknown"
    else:
        assert accepted(payload).year == year


@pytest.mark.parametrize(
    "before",
    [
        "明林发〔2025〕2号",
        "（明林发〔2025〕2号）",
        "市政务公开办公室：\n现将我局年度报告函报贵办，请予审查。",
        "市政府办公室：\n明林函〔2025〕11号\n根据要求，现将《2024年政府信息公开工作年度报告》报上。",
    ],
)
def test_what_stands_before_the_title(before: str) -> None:
    lines = parts(zero_figures("2021"))
    report = accepted(word([*before.split("\n"), *lines]))
    assert (report.organ, report.year, report.title) == ("明川市林业局", 2024, TITLE)
    report = accepted(word([before.split("\n")[0] + TITLE, *lines[1:]])) if "号" in before[:14] else report
    assert (report.organ, report.year) == ("明川市林业局", 2024)


def test_a_sentence_that_announces_the_report_is_no_title() -> None:
    announced = "根据《中华人民共和国政府信息公开条例》第五十条规定，现公布青禾县林业局2023年政府信息公开工作年度报告。"
    signature = "<p>青禾县林业局</p><p>2024年1月10日</p>"
    report = accepted(nameless(signature, opening=f"<p>{announced}</p>"))
    assert (report.organ, report.title) == ("青禾县林业局", NAMELESS)
    report = accepted(page(f"标题：{TITLE}", zero_figures("2021")))
    assert report.title == TITLE


@pytest.mark.parametrize(
    ("opening", "scope"),
    [
        ("本报告综合各乡（镇）、县政府各组成部门的年度报告编制。", "area"),
        ("本报告所列数据包括全县各级行政机关。", "area"),
        ("本报告由办公室编制。", "office"),
    ],
)
def test_an_office_may_report_for_the_area(opening: str, scope: str) -> None:
    payload = nameless(opening=f"<p>{opening}</p>", title="青禾县人民政府办公室2024年政府信息公开工作年度报告")
    assert accepted(payload).scope == scope


# Refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/zfxxgk/1.html",
        "https://gov.cn.example.com/1.html",
        "https://mingchuan-gov.cn/1.html",
        "https://www.mingchuangov.cn/1.html",
        "https://user@www.example.com:8443/www.mingchuan.gov.cn/1.html",
        "http://192.0.2.7/1.html",
    ],
)
def test_foreign_mirror(url: str) -> None:
    payload = page(TITLE, zero_figures("2021"))
    assert refusal(payload, Origin(url=url)) == "foreign_mirror"
    assert accepted(payload, Origin(url=url, trusted=True)).organ == "明川市林业局"


@pytest.mark.parametrize("url", [None, "https://gov.cn/1.html", "https://LYJ.Mingchuan.GOV.CN/1.html"])
def test_government_hosts_and_local_files_need_no_registration(url: str | None) -> None:
    assert accepted(page(TITLE, zero_figures("2021")), Origin(url=url)).year == 2024


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        (f"【文稿解读】{TITLE}", "interpretation"),
        (f"一图读懂{TITLE}", "interpretation"),
        ("关于做好2024年政府信息公开工作年度报告编制发布工作的通知", "notice"),
        ("明川市2024年法治政府建设年度报告", "other_report"),
        ("明川市政府信息公开工作年度报告格式", "not_report"),
        ("明川市2024年政务公开工作总结", "not_report"),
    ],
)
def test_titles_of_other_things(title: str, reason: str) -> None:
    assert refusal(page(title, zero_figures("2021"))) == reason


def test_blank_form() -> None:
    blank = zero_figures("2021", "")
    assert refusal(page("政府信息公开工作年度报告", blank)) == "blank_form"
    lines = parts(blank)
    assert refusal(word([line if not isinstance(line, str) or line != PROSE else "文字描述" for line in lines])) == (
        "blank_form"
    )


@pytest.mark.parametrize(
    "body",
    [
        "<script>$_ts=window['$_ts'];</script>",
        "<script>document.cookie='__jsl_clearance=1';location.href=location.pathname+location.search</script>",
        "<script>var arg1='acw_sc__v2'</script>",
        "<p>Please enable JavaScript and refresh the page</p>",
        "<p>请完成安全验证后继续访问</p>",
    ],
)
def test_challenge_page(body: str) -> None:
    assert refusal(html(body)) == "challenge"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<h1>404 Not Found</h1><hr>nginx", "404 Not Found"),
        ("<p>您访问的页面不存在或已删除</p>", "明川市人民政府"),
        ("<p>抱歉，找不到您要的内容，5秒后返回首页。</p>", TITLE),
        ("<h1>502 Bad Gateway</h1>", ""),
        ("<p>暂无相关信息</p>", "政府信息公开年报"),
    ],
)
def test_error_page_sent_as_ordinary_page(body: str, title: str) -> None:
    assert refusal(html(body, title)) == "error_page"


def test_a_report_that_mentions_an_error_page_is_taken() -> None:
    payload = (
        page(TITLE, zero_figures("2021"))
        .decode()
        .replace("公开的及时性", "网站404页面不存在的问题已整改，公开的及时性")
    )
    assert accepted(payload.encode()).organ == "明川市林业局"


def test_list_of_reports() -> None:
    links = "".join(
        f"<li><a>{organ}2024年政府信息公开工作年度报告</a></li>"
        for organ in ("明川市林业局", "明川市水利局", "青禾县财政局")
    )
    assert refusal(html(f"<ul>{links * 8}</ul>", "政府信息公开年报")) in ("list_page", "no_content")


def test_list_of_reports_with_their_dates() -> None:
    organs = ("明川市林业局", "明川市财政局", "明川市信访局")
    rows = "".join(
        f"<li><a href='{n}.html'>{organ}2024年政府信息公开工作年度报告</a><span>2025-01-2{n}</span></li>"
        for n, organ in enumerate(organs)
    )
    assert refusal(html(f"<h1>政府信息公开年报</h1><ul>{rows}</ul>")) == "list_page"


def test_a_letter_on_how_to_write_the_report() -> None:
    lines: list[object] = ["关于做好2024年度政府信息公开工作年度报告编制发布工作的通知", "各部门：", PROSE]
    for number, numeral in enumerate("一二三四五六", start=1):
        lines += [f"{numeral}、{forms.SECTIONS[number].zh}", "按照实际情况如实填写，不得漏项。"]
    lines += ["2024年，各单位应当按时公布。", "明川市人民政府办公室", "2024年12月20日"]
    assert refusal(word(lines)) == "notice"  # type: ignore[arg-type]


def test_a_covering_letter_before_the_report() -> None:
    letter: list[object] = ["关于报送政府信息公开工作年度报告的函", "市政务公开办：", "现随函报送，请审阅。"]
    assert accepted(word([*letter, *parts(distinct("2021"))])).organ == "明川市林业局"  # type: ignore[list-item]


def test_page_that_only_links_to_the_file() -> None:
    assert refusal(html(f"<h1>{TITLE}</h1><p>附件：{TITLE}.pdf</p>")) == "no_content"


def test_news_about_other_things() -> None:
    assert refusal(html(f"<h1>青禾县召开森林防火会议</h1><p>{'会议要求加强防火。' * 80}</p>")) == "not_report"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "scanned"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "scanned"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported_format"),
        (b"PK\x03\x04" + bytes(100), "truncated"),
        (bytes(range(256)) * 8, "unsupported_format"),
        (b"%PDF-1.7\n1 0 obj\n<<", "truncated"),
        (b"x" * (20 * 1024 * 1024 + 1), "too_big"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(payload: bytes, reason: str) -> None:
    assert refusal(payload) == reason


@pytest.mark.parametrize(
    ("payload", "named", "remedy"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", "install nianbao[ocr]"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp", "install nianbao[ocr]"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z", "unpack it"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip", "unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "office file", "save it as DOCX or PDF"),
        (bytes(range(256)) * 8, "no known format", "save it as PDF or DOCX"),
    ],
)
def test_refusals_of_formats_say_what_to_do(payload: bytes, named: str, remedy: str) -> None:
    outcome = extract(payload, HERE)
    assert isinstance(outcome, Refusal)
    assert named in outcome.detail
    assert remedy in outcome.detail
    assert "\n" not in outcome.detail


def test_truncated_and_encrypted_pdf() -> None:
    lines = [part if isinstance(part, str) else pdf_table(part) for part in parts(zero_figures("2021"))]
    whole = pdf(lines)
    assert refusal(whole[: len(whole) * 9 // 10]) == "truncated"
    lines = [part if isinstance(part, str) else pdf_table(part) for part in parts(zero_figures("2021"))]
    assert refusal(pdf(lines, password="pw")) == "encrypted"


def test_an_error_page_in_place_of_a_pdf() -> None:
    payload = html("<h1>403 Forbidden</h1>", "403 Forbidden")
    assert refusal(payload, Origin(url="https://www.mingchuan.gov.cn/P020250120.pdf", title=TITLE)) == "error_page"


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)))
def test_any_short_payload_is_refused_with_a_reason(payload: bytes) -> None:
    if not payload.startswith(b"%PDF"):
        assert refusal(payload)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_a_report_cut_anywhere_yields_no_wrong_figure(at: int) -> None:
    truth = distinct("2021")
    whole = page(TITLE, truth)
    outcome = extract(whole[: at * len(whole) // 10_000], HERE)
    if isinstance(outcome, Report):
        for field, reading in outcome.readings():
            table, row, column = field.split(".")
            text = truth[table][row][column]
            assert reading.number is None or str(reading.number) == text
            assert reading.kind != "blank", "no cell of this form is blank"


def test_a_page_that_breaks_off_within_a_table_is_refused() -> None:
    whole = page(TITLE, distinct("2021"))
    assert refusal(whole[: whole.rindex(b"</table>") - 40]) == "truncated"


def test_word_file_is_read_by_content_whatever_its_name() -> None:
    payload = word(parts(distinct("2021")))
    assert accepted(payload, Origin(file_name="report.pdf")).year == 2024
    assert io.BytesIO(payload).read(2) == b"PK"
