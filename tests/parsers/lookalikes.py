"""Fictional pages that look like reports and are none, and reports that look like something else."""

from __future__ import annotations

from parsers import forms
from tests.parsers.printed_forms import all_rows, page, to_html, zero_figures

ORGAN = "明川市林业局"
TITLE = f"{ORGAN}2024年政府信息公开工作年度报告"
FIGURES = zero_figures("2021")
BLANK = zero_figures("2021", "")
PROSE = "本机关依照条例主动公开政府信息，办理公开申请，回应社会关切，公开及时准确。"


def html(body: str, title: str = "") -> bytes:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><div class='nav'><a href='/'>首页</a><a href='/zfxxgk/'>政府信息公开</a></div>{body}</body></html>"
    ).encode()


def article(title: str, text: str, *, repeat: int = 1) -> bytes:
    """A page whose article is ``text`` under ``title``."""
    return html(f"<h1>{title}</h1><div class='article-content'>{f'<p>{text}</p>' * repeat}</div>", title)


def report(title: str = TITLE, before: str = "", after: str = "", figures: dict = FIGURES) -> bytes:  # type: ignore[type-arg]
    """A whole report under ``title`` with more around its content."""
    text = page(title, figures).decode()
    return (
        text.replace("<div id='content'>", f"{before}<div id='content'>").replace("</body>", f"{after}</body>").encode()
    )


def links(names: list[str], tag: str = "li") -> str:
    return (
        "<ul>"
        + "".join(
            f'<{tag}><a href="{i}.html" title="{name}">{name}</a><span>2025-01-{i + 10}</span></{tag}>'
            for i, name in enumerate(names)
        )
        + "</ul>"
    )


def blank_tables() -> str:
    return "".join(to_html(rows) for rows in all_rows(BLANK, "2021", "2021"))


def form(filling: str = "") -> str:
    """The form's six headings over blank tables, with what its guide says where prose belongs."""
    bodies = [
        f"<p>{filling}</p>",
        *(to_html(rows) for rows in all_rows(BLANK, "2021", "2021")),
        f"<p>{filling}</p>",
        f"<p>{filling}</p>",
    ]
    return "".join(
        f"<p>{numeral}、{forms.SECTIONS[number].zh}</p>{body}"
        for number, (numeral, body) in enumerate(zip("一二三四五六", bodies, strict=True), 1)
    )


ORGANS = ["明川市教育局", "明川市水利局", "明川市财政局", "青禾县人民政府", "柳溪镇"]
_NOTICE = "各县（区）人民政府、市政府各部门：为做好年度报告编制工作，现将有关事项通知如下，请认真组织落实，按时报送。"
_SUMMARY = "今年以来，我局政务公开工作围绕中心、服务大局，主动公开政府信息，回应社会关切，公开渠道不断拓展。"
_INTRODUCTION = "按照政府信息公开条例的要求，各单位政府信息公开工作年度报告公布如下，公众可查阅公开内容。"
_RUISHU = "<meta id='9DhefwqG' content='x' r='m'><script r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>"
_JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+'_clearance_s=1';"
    "location.href=location.pathname+location.search</script>"
)

# (what, payload, reasons of which one is right)
REFUSED: list[tuple[str, bytes, set[str]]] = [
    # notices and rules about reports
    (
        "notice: compile",
        article("关于做好2024年政府信息公开工作年度报告编制和发布工作的通知", _NOTICE, repeat=9),
        {"notice"},
    ),
    ("notice: submit", article("关于报送2024年度政府信息公开工作年度报告的通知", _NOTICE, repeat=9), {"notice"}),
    (
        "notice: by an office",
        article("明川市人民政府办公室关于做好2024年度政府信息公开工作年度报告编制工作的通知", _NOTICE, repeat=9),
        {"notice"},
    ),
    (
        "notice: publish before",
        article("关于认真做好政府信息公开工作年度报告发布有关工作的函", _NOTICE, repeat=9),
        {"notice"},
    ),
    ("notice: title without 通知", article("关于做好2024年政府信息公开工作年度报告", _NOTICE, repeat=9), {"notice"}),
    (
        "notice: the form with blank tables",
        html(
            f"<h1>国务院办公厅政府信息与政务公开办公室关于印发《中华人民共和国政府信息公开工作年度报告格式》的通知</h1>{form()}"
        ),
        {"notice", "blank_form"},
    ),
    (
        "notice: the form, title in brackets only",
        html(f"<h1>政府信息公开工作年度报告格式（2021年版）</h1>{form('文字描述')}"),
        {"not_report", "blank_form"},
    ),
    (
        "notice: publishing a list of late organs",
        article("关于2024年政府信息公开工作年度报告发布情况的通报", _NOTICE, repeat=9),
        {"notice"},
    ),
    (
        "notice: correction of the plan",
        article("明川市2025年政府信息公开工作年度报告编制实施方案", _NOTICE, repeat=9),
        {"not_report"},
    ),
    (
        "rules: reporting system",
        article("明川市人民政府办公室政府信息公开年度报告制度（试行）", _SUMMARY, repeat=9),
        {"not_report"},
    ),
    ("rules: measures", article("明川市政府信息公开工作年度报告编制办法", _SUMMARY, repeat=9), {"not_report"}),
    (
        "rules: the Regulations",
        article(
            "中华人民共和国政府信息公开条例",
            "第一条 为了保障公民、法人和其他组织依法获取政府信息，制定本条例。",
            repeat=30,
        ),
        {"not_report"},
    ),
    (
        "rules: guide",
        article("明川市林业局政府信息公开指南", "本机关依法公开政府信息，公民可申请公开。", repeat=30),
        {"not_report"},
    ),
    (
        "rules: catalogue",
        article("明川市林业局政府信息公开目录", "本机关依法公开政府信息，公民可申请公开。", repeat=30),
        {"not_report"},
    ),
    (
        "rules: lawful contents",
        article("明川市林业局法定主动公开内容", "本机关依法公开政府信息，公民可申请公开。", repeat=30),
        {"not_report"},
    ),
    # interpretations
    ("interpretation: bracket", article(f"【文稿解读】{TITLE}", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: ending", article(f"《{TITLE}》解读", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: picture", article(f"一图读懂｜{TITLE}", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: graphics", report(f"【图解】{TITLE}"), {"interpretation"}),
    ("interpretation: one picture", article(f"一张图看懂{TITLE}", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: video", article(f"【视频解读】{TITLE}", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: in figures", article(f"数说：{TITLE}", PROSE, repeat=30), {"interpretation"}),
    ("interpretation: long picture", article(f"长图｜{TITLE}", PROSE, repeat=30), {"interpretation"}),
    (
        "interpretation: by the head",
        article(f"{ORGAN}负责人就{TITLE}答记者问", PROSE, repeat=30),
        {"interpretation", "not_report"},
    ),
    ("interpretation: policy", article(f"政策解读：{TITLE}", PROSE, repeat=30), {"interpretation"}),
    # lists
    (
        "list: year folders",
        html(f"<h2>政府信息公开年报</h2>{links([f'{year}年' for year in range(2015, 2025)])}", "政府信息公开年报"),
        {"not_report", "no_content", "list_page"},
    ),
    (
        "list: organs",
        html(f"<h2>政府信息公开年报</h2>{links(ORGANS)}", "政府信息公开年报"),
        {"not_report", "no_content", "list_page"},
    ),
    (
        "list: reports of many organs",
        html(
            f"<h2>政府信息公开年报</h2>{links([f'{o}2024年政府信息公开工作年度报告' for o in ORGANS * 3])}",
            "政府信息公开年报",
        ),
        {"list_page", "no_content"},
    ),
    (
        "list: one organ's years",
        html(
            f"<h2>{ORGAN}</h2>{links([f'{ORGAN}{year}年政府信息公开工作年度报告' for year in range(2010, 2025)])}",
            f"{ORGAN}-政府信息公开年报",
        ),
        {"list_page", "no_content"},
    ),
    (
        "list: as table",
        html(
            "<table>"
            + "".join(
                f"<tr><td><a>{o}2024年政府信息公开工作年度报告</a></td><td>2025-01-2{i}</td></tr>"
                for i, o in enumerate(ORGANS)
            )
            + "</table>",
            "政府信息公开年报",
        ),
        {"list_page", "no_content", "not_report"},
    ),
    (
        "list: empty column",
        html("<h2>政府信息公开年报</h2><p>暂无相关信息</p>", "政府信息公开年报"),
        {"error_page", "no_content"},
    ),
    (
        "list: with introduction",
        html(
            f"<h1>政府信息公开年报</h1><p>{_INTRODUCTION * 12}</p>"
            f"{links([f'{o}2024年政府信息公开工作年度报告' for o in ORGANS])}"
        ),
        {"list_page"},
    ),
    (
        "list: search results",
        html(
            f"<p>共找到12条结果</p>{links([f'{o}2023年政府信息公开工作年度报告' for o in ORGANS])}<p>{PROSE * 12}</p>",
            "搜索结果-信息公开年度报告",
        ),
        {"list_page", "not_report"},
    ),
    # other yearly reports
    (
        "other: website",
        article("明川市林业局政府网站工作年度报表（2024年度）", "网站名称 首页网址 信息发布总数", repeat=30),
        {"other_report"},
    ),
    (
        "other: website, short",
        article("2024年明川市政府网站年报", "网站名称 首页网址 信息发布总数", repeat=30),
        {"other_report"},
    ),
    ("other: rule of law", article("明川市林业局2024年法治政府建设年度报告", _SUMMARY, repeat=30), {"other_report"}),
    (
        "other: rule of law, the organ's",
        article("中共明川市林业局党组关于2024年度法治政府建设情况的报告", _SUMMARY, repeat=30),
        {"other_report"},
    ),
    ("other: final accounts", article("明川市林业局2024年度部门决算公开报告", _SUMMARY, repeat=30), {"other_report"}),
    ("other: budget", article("明川市林业局2025年部门预算信息公开", _SUMMARY, repeat=30), {"other_report"}),
    (
        "other: fiscal disclosure",
        article("明川市2024年财政预决算信息公开工作报告", _SUMMARY, repeat=30),
        {"other_report"},
    ),
    (
        "other: government work report",
        article("2025年明川市政府工作报告", _SUMMARY, repeat=30),
        {"other_report", "not_report"},
    ),
    ("other: work summary", article("明川市林业局2024年政务公开工作总结", _SUMMARY, repeat=30), {"not_report"}),
    (
        "other: summary with 信息公开",
        article("明川市林业局2024年政府信息公开工作总结", _SUMMARY, repeat=30),
        {"not_report"},
    ),
    ("other: key points", article("明川市2025年政务公开工作要点", _SUMMARY, repeat=30), {"not_report"}),
    (
        "other: evaluation",
        article("明川市2024年政务公开工作考核结果通报", _SUMMARY, repeat=30),
        {"notice", "not_report"},
    ),
    (
        "other: third-party evaluation",
        article("明川市2024年政府信息公开第三方评估报告", _SUMMARY, repeat=30),
        {"not_report"},
    ),
    ("other: training", article("明川市举办政府信息公开工作年度报告编制培训班", _SUMMARY, repeat=30), {"not_report"}),
    (
        "other: meeting",
        article("我局召开2024年政府信息公开工作年度报告编制部署会议", _SUMMARY, repeat=30),
        {"not_report"},
    ),
    (
        "other: news of the publication",
        article("明川市林业局发布2024年政府信息公开工作年度报告 主动公开信息三百条", _SUMMARY, repeat=3),
        {"not_report", "no_content"},
    ),
    (
        "other: business reports",
        article("明川市2024年度企业年报公示情况", _SUMMARY, repeat=30),
        {"not_report", "other_report"},
    ),
    (
        "other: complaints",
        article("明川市林业局2024年信访工作年度报告", _SUMMARY, repeat=30),
        {"not_report", "other_report"},
    ),
    (
        "other: enforcement",
        article("明川市林业局2024年度行政执法统计年报", _SUMMARY, repeat=30),
        {"not_report", "other_report"},
    ),
    (
        "other: enterprises' disclosure",
        article("明川水务集团2024年国有企业信息公开情况", _SUMMARY, repeat=30),
        {"not_report"},
    ),
    # forms
    ("form: blank", html(f"<h1>政府信息公开工作年度报告</h1>{form('文字描述')}"), {"blank_form"}),
    (
        "form: with a title that names an organ to be filled in",
        html(f"<h1>××局20××年政府信息公开工作年度报告</h1>{form('文字描述')}"),
        {"blank_form"},
    ),
    ("form: unfilled under a real title", html(f"<h1>{TITLE}</h1>{form('（文字描述）')}"), {"blank_form"}),
    (
        "form: application",
        article(
            "明川市林业局政府信息公开申请表", "申请人信息 姓名 工作单位 证件名称 联系电话 所需信息的用途", repeat=9
        ),
        {"not_report"},
    ),
    (
        "form: application online",
        html(
            "<h1>依申请公开</h1><form><input name='xm'><input name='dh'></form><p>申请人须填写真实信息</p>",
            "依申请公开",
        ),
        {"not_report", "no_content"},
    ),
    ("form: statistics", article("政府信息公开情况统计表", "统计指标 单位 统计数", repeat=3), {"not_report"}),
    # challenges, whatever the status they come with
    ("challenge: ruishu", html(_RUISHU), {"challenge"}),
    ("challenge: jsl cookie", html(_JSL), {"challenge"}),
    (
        "challenge: jsl go",
        html(
            "<script>function go(r){};go({'bts':['1','2'],'chars':'ab','ct':'0f','ha':'sha256','vt':'3600'})</script>"
        ),
        {"challenge"},
    ),
    (
        "challenge: wzws",
        html("<script src='/wzwschallenge.js'></script><script>var wzwsconfirm=1</script>"),
        {"challenge"},
    ),
    ("challenge: ali", html("<script>var arg1='A1';document.cookie='acw_sc__v2=1'</script>"), {"challenge"}),
    (
        "challenge: yunsuo",
        html("<script>var s=window;document.cookie='security_session_verify=1';</script>"),
        {"challenge"},
    ),
    ("challenge: captcha", html("<p>您的访问过于频繁，请输入验证码后继续</p><img src='/captcha.jpg'>"), {"challenge"}),
    ("challenge: slider", html("<p>请按住滑块，拖动到最右边完成验证</p>", "安全验证"), {"challenge"}),
    (
        "challenge: browser check",
        html("<p>正在检查您的浏览器，请稍候…</p><noscript>Please enable JavaScript and refresh</noscript>"),
        {"challenge"},
    ),
    (
        "challenge: blocked address",
        html("<h1>您的请求已被拦截</h1><p>您的访问行为存在异常，事件编号：8f3a，请联系网站管理员</p>"),
        {"challenge"},
    ),
    ("challenge: firewall", html("<p>网站防火墙 您的请求带有不合法参数，已被网站管理员设置拦截！</p>"), {"challenge"}),
    ("challenge: region", html("<p>reason:GeoBL</p><p>由于您所在地区访问受限</p>"), {"challenge"}),
    # soft 404s and empty shells
    ("soft 404: plain", html("<h1>404</h1><p>抱歉，您访问的页面不存在</p>"), {"error_page"}),
    (
        "soft 404: redirect home",
        html("<p>很抱歉，您要访问的页面已被删除或更名，5秒后自动返回首页</p>", "明川市人民政府"),
        {"error_page"},
    ),
    ("soft 404: file", html("<p>文件不存在或已过期</p>"), {"error_page"}),
    ("soft 404: column off", html("<p>该栏目已停用</p>", "政府信息公开年报"), {"error_page"}),
    ("soft 404: information removed", html(f"<p>对不起，该信息已下线</p><p>{ORGAN}</p>"), {"error_page"}),
    ("soft 404: under review", html("<p>该文章尚未发布或已被撤回</p>"), {"error_page"}),
    ("soft 404: wrong parameters", html("<p>参数错误</p>"), {"error_page"}),
    ("soft 404: system", html("<p>系统繁忙，请稍后再试</p>"), {"error_page"}),
    ("soft 404: maintenance", html("<p>网站正在升级维护，给您带来不便敬请谅解</p>"), {"error_page"}),
    (
        "soft 404: tomcat",
        html("<h1>HTTP Status 500 – Internal Server Error</h1><hr><h3>Apache Tomcat/8.5</h3>"),
        {"error_page"},
    ),
    ("soft 404: 301 of nginx", html("<h1>302 Found</h1><hr>nginx"), {"error_page", "not_report"}),
    ("soft 404: no data of the module", html("<p>暂无数据</p>", "政府信息公开年报"), {"error_page"}),
    ("soft 404: no permission", html("<p>您没有权限访问该页面</p>"), {"error_page"}),
    (
        "login page",
        html(
            "<form><p>用户名</p><input><p>密码</p><input type='password'><p>验证码</p><button>登录</button></form>",
            "后台管理系统登录",
        ),
        {"error_page", "not_report"},
    ),
    (
        "login page under the report's title",
        html("<form><p>用户登录</p><p>用户名</p><input><p>密码</p><input type='password'></form>", TITLE),
        {"error_page", "no_content"},
    ),
    (
        "shell: script only",
        html("<div id='app'></div><script src='/static/js/app.js'></script>", "政府信息公开"),
        {"not_report", "no_content", "error_page"},
    ),
    ("shell: frame", html("<iframe src='/zfxxgk/list.html'></iframe>", TITLE), {"no_content", "attachment_only"}),
    (
        "shell: redirect",
        b"<script>location.replace('./index.shtml')</script>",
        {"not_report", "no_content", "error_page"},
    ),
    (
        "shell: attachment",
        html(f"<h1>{TITLE}</h1><p>附件：<a href='P020250120.pdf'>{TITLE}.pdf</a></p>"),
        {"attachment_only", "no_content"},
    ),
    (
        "news: about an organ's report",
        article("环保部公布2015年度政府信息公开工作情况", _SUMMARY, repeat=30),
        {"not_report"},
    ),
    ("news: other", article("青禾县召开森林防火会议", "会议要求加强防火。", repeat=80), {"not_report"}),
]

FOREIGN_HOSTS = [
    "https://www.mingchuan.gov.cn.example.com/1.html",
    "https://gov.cn.evil.example/1.html",
    "https://mingchuan-gov.cn/1.html",
    "https://www.mingchuangov.cn/1.html",
    "https://www.mingchuan.gov.cn@evil.example/1.html",
    "https://www.mingchuan.gov.cn:443@evil.example/1.html",
    "https://user:pass@evil.example/www.mingchuan.gov.cn/1.html",
    "https://evil.example/?u=https://www.mingchuan.gov.cn/1.html",
    "https://evil.example#.gov.cn",
    "https://evil.example\\.gov.cn/1.html",
    "https://www.mingchuan.gov.xn--cn-fka/1.html",
    "https://www.mingchuan.gοv.cn/1.html",  # a Greek omicron
    "https://www.mingchuan.gov。cn.evil.example/1.html",
    "https://www.mingchuan.gov.cn.evil.example./1.html",
    "https://xn--gov-9ua.cn/1.html",
    "https://www.mingchuan.gov.com.cn/1.html",
    "https://www.mingchuan.gov.hk/1.html",
    "http://192.0.2.7/www.mingchuan.gov.cn/1.html",
    "http://[2001:db8::1]/1.html",
]

OWN_HOSTS = [
    None,
    "https://www.mingchuan.gov.cn/1.html",
    "http://WWW.MINGCHUAN.GOV.CN/1.html",
    "http://lyj.mingchuan.gov.cn:9091/1.html",
    "http://www.mingchuan.gov.cn./1.html",
    "https://gov.cn/1.html",
]

# (what, payload, organ, year)
TAKEN: list[tuple[str, bytes, str, int]] = [
    ("title ends in 年报", report(f"{ORGAN}2024年政府信息公开年报"), ORGAN, 2024),
    ("title ends in 工作年报", report(f"{ORGAN}2024年政府信息公开工作年报"), ORGAN, 2024),
    ("hyperlink edition", report(f"{TITLE}（超链版）"), ORGAN, 2024),
    ("PDF edition", report(f"{TITLE}（PDF版）"), ORGAN, 2024),
    ("corrected edition", report(f"{TITLE}（更正）"), ORGAN, 2024),
    (
        "解放路 has the 解 of 解读",
        report("明川市解放路街道办事处2024年政府信息公开工作年度报告"),
        "明川市解放路街道办事处",
        2024,
    ),
    ("图 of 图书馆", report("明川市图书馆2024年政府信息公开工作年度报告"), "明川市图书馆", 2024),
    ("政务公开办公室", report("明川市政务公开办公室2024年政府信息公开工作年度报告"), "明川市政务公开办公室", 2024),
    ("信访局", report("明川市信访局2024年政府信息公开工作年度报告"), "明川市信访局", 2024),
    ("审计局", report("明川市审计局2024年政府信息公开工作年度报告"), "明川市审计局", 2024),
    ("知识产权局", report("明川市知识产权局2024年政府信息公开工作年度报告"), "明川市知识产权局", 2024),
    ("统计局", report("明川市统计局2024年度政府信息公开年度报告"), "明川市统计局", 2024),
    (
        "公共资源交易中心",
        report("明川市公共资源交易中心2024年政府信息公开工作年度报告"),
        "明川市公共资源交易中心",
        2024,
    ),
    ("考核办", report("明川市绩效考核办公室2024年政府信息公开工作年度报告"), "明川市绩效考核办公室", 2024),
    ("会议中心", report("明川市会议中心2024年政府信息公开工作年度报告"), "明川市会议中心", 2024),
    ("规划局 has 规", report("明川市自然资源和规划局2024年政府信息公开工作年度报告"), "明川市自然资源和规划局", 2024),
    ("法制办", report("明川市人民政府法制办公室2017年政府信息公开工作年度报告"), "明川市人民政府法制办公室", 2017),
    (
        "公告 in prose",
        page(TITLE, FIGURES).decode().replace("回应社会关切", "发布公告、通知、通报、解读和问卷").encode(),
        ORGAN,
        2024,
    ),
    (
        "under a news heading",
        report(before="<div class='crumb'>首页 &gt; 新闻动态 &gt; 通知公告 &gt; 正文</div>"),
        ORGAN,
        2024,
    ),
    (
        "neighbours in a sidebar",
        report(
            after="<div class='sidebar'><h3>相关年报</h3>"
            f"{links([f'{o}2024年政府信息公开工作年度报告' for o in ORGANS])}</div>"
        ),
        ORGAN,
        2024,
    ),
    (
        "neighbours before it",
        report(before=f"<div class='left'>{links([f'{o}2024年政府信息公开工作年度报告' for o in ORGANS])}</div>"),
        ORGAN,
        2024,
    ),
    (
        "next and last article",
        report(
            after=f"<div>上一篇：<a>{ORGAN}2023年政府信息公开工作年度报告</a></div><div>下一篇：<a>政府信息公开指南</a></div>"
        ),
        ORGAN,
        2024,
    ),
    ("linked interpretation", report(after=f"<div>相关解读：<a>【图解】{TITLE}</a></div>"), ORGAN, 2024),
    (
        "linked website report",
        report(after="<div>相关链接：<a>明川市政府网站工作年度报表（2024年度）</a></div>"),
        ORGAN,
        2024,
    ),
    ("关于 before the title", report(f"关于{TITLE}"), ORGAN, 2024),
    ("公布 before the title", report(f"关于公布{TITLE}"), ORGAN, 2024),
    (
        "site's name after the title",
        page(TITLE, FIGURES).decode().replace("<title>", "<title>明川市人民政府门户网站 通知公告 - ").encode(),
        ORGAN,
        2024,
    ),
    (
        "error words in prose",
        page(TITLE, FIGURES)
        .decode()
        .replace("公开的及时性", "曾有页面不存在（404）、系统繁忙、暂无数据等问题，公开的及时性")
        .encode(),
        ORGAN,
        2024,
    ),
    (
        "login box beside it",
        report(before="<form>用户登录 用户名 <input> 密码 <input type='password'></form>"),
        ORGAN,
        2024,
    ),
    (
        "protection script on the page",
        report(after="<script>var u='/captcha?security';/*安全验证*/</script>"),
        ORGAN,
        2024,
    ),
]
