"""What a portal puts around an article: style sheets, scripts, menus, tools, lists beside it, and a foot.

Speeds measured on an article alone would be those of pages that nobody serves.
"""

from __future__ import annotations

import re

_COLUMNS = ("首页", "要闻动态", "政务公开", "办事服务", "互动交流", "数据发布", "走进本市", "专题专栏", "营商环境")
_ITEMS = (
    "政府文件",
    "规划计划",
    "统计信息",
    "财政资金",
    "人事信息",
    "重大项目",
    "应急管理",
    "建议提案",
    "政策解读",
    "行政执法公示",
    "公共资源配置",
    "社会救助",
)
_LATEST = (
    "市政府召开常务会议研究部署近期重点工作",
    "关于调整部分公交线路运行时间的公示",
    "全市春季造林绿化工作推进会召开",
    "住房公积金缴存基数调整事项说明",
    "城区供水管网改造施工公告",
    "老旧小区改造项目进展情况通报",
    "市图书馆恢复周末夜间开放",
    "农村公路养护资金安排情况",
)
_LINKED = tuple(f"{name}信息网" for name in ("省发展改革", "省教育", "省民政", "省财政", "省住建", "省水利", "省统计"))
_BODY = re.compile(r"<body[^>]*>", re.I)


def framed(page: str) -> str:
    """The page with a portal's frame around what it shows; a page without a ``body`` as it is."""
    head, opened, rest = _cut(page)
    shown, _closed, _after = rest.rpartition("</body>")
    if not opened or not shown:
        return page
    scripts = '<script src="/public/js/jquery.min.js"></script><script src="/public/js/swiper.min.js"></script>'
    head = head.replace("</head>", f"<style>{_styles()}</style>{scripts}<script>{_script()}</script></head>")
    return (
        f'{head}{opened}<div class="top-bar">{_links(("登录", "注册", "无障碍", "长者版", "繁體", "English"))}</div>'
        f'<div class="logo"><a href="/"><img src="/images/logo.png" alt="" width="420" height="80"></a></div>'
        f'<div class="nav"><ul>{"".join(map(_column, _COLUMNS))}</ul></div>'
        f'<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; '
        f'<a href="/zwgk/nb/">年报</a></div><div class="main clearfix"><div class="left fl">{_menu()}</div>'
        f'<div class="right fr">{shown}<div class="share" id="share">分享到：{_links(("微信", "微博", "打印"))}</div>'
        f'<div class="related"><h3>相关信息</h3><ul>{"".join(map(_item, _LATEST))}</ul></div></div></div>'
        f'<div class="footer"><div class="friends">{"".join(map(_friends, ("国家部委", "省直部门", "各县区")))}</div>'
        f"<p>主办：市人民政府办公室　承办：市大数据中心</p><p>网站标识码：0000000001　"
        f'<a href="#">某ICP备00000000号</a></p></div><script>{_counter()}</script></body></html>'
    )


def _cut(page: str) -> tuple[str, str, str]:
    opened = _BODY.search(page)
    return (page[: opened.start()], opened.group(), page[opened.end() :]) if opened else (page, "", "")


def _links(names: tuple[str, ...]) -> str:
    return " | ".join(f'<a href="javascript:void(0)" class="tool" title="{name}">{name}</a>' for name in names)


def _column(name: str) -> str:
    items = "".join(
        f'<dd><a href="/{index}/{name}/index.html" target="_blank" title="{item}">{item}</a></dd>'
        for index, item in enumerate(_ITEMS)
    )
    return f'<li class="nav-item"><a href="/{name}/" class="nav-link"><span>{name}</span></a><dl>{items}</dl></li>'


def _menu() -> str:
    items = "".join(
        f'<li class="lv1"><i class="ico"></i><a href="/zwgk/{index}/" target="_self"><span>{item}</span></a></li>'
        for index, item in enumerate(_ITEMS * 2)
    )
    return f'<div class="menu"><h2>信息公开目录</h2><ul class="tree">{items}</ul></div>'


def _item(name: str) -> str:
    return f'<li><a href="/art/2024/1/1/art_1_1.html" title="{name}" target="_blank">{name}</a></li>'


def _friends(group: str) -> str:
    options = "".join(f'<option value="http://www.example.com/">{name}</option>' for name in _LINKED)
    return f'<select onchange="window.open(this.value)"><option>{group}</option>{options}</select>'


def _styles() -> str:
    rules = [
        f".{name} .{part}{{width:{width}px;float:left;margin:0 {width % 9}px;color:#333;font-size:{12 + width % 7}px;"
        f"line-height:{20 + width % 11}px;background:url(/images/{name}.png) no-repeat}}"
        for name in ("nav", "logo", "left", "right", "footer", "share", "crumbs", "related")
        for width, part in enumerate(("ul", "li", "item", "link", "box", "title", "more", "list"), start=80)
    ]
    return "".join(rules) + ".nav dl{display:none}.nav li:hover dl{display:block}.clearfix:after{clear:both}"


def _script() -> str:
    return "\n".join(
        f"function show{index}(id){{var e=document.getElementById(id);if(!e){{return false;}}"
        f"e.style.display=e.style.display=='none'?'block':'none';$('#tab'+id+' li').removeClass('on').eq({index})"
        f".addClass('on');return true;}}"
        for index in range(24)
    )


def _counter() -> str:
    return (
        "var _hmt=_hmt||[];(function(){var h=document.createElement('script');h.src='/public/count.js?'+Math.random();"
        "var s=document.getElementsByTagName('script')[0];s.parentNode.insertBefore(h,s);})();" * 4
    )
