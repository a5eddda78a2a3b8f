"""Protection services that ask the visitor to prove something, and one that only wants its cookie back."""

from __future__ import annotations

from collections.abc import Callable

from sample.portals.faults.fault import Fault, everywhere
from sample.portals.site import Site
from sample.templating import render
from sample.web import Handler, Request, Response, content, redirect

_HTML = "text/html; charset=utf-8"
_FIRST_COOKIE = "__jsluid_h=6e0c0a4d1b; max-age=31536000; path=/; HttpOnly"


def _jsl(site: Site) -> None:
    """Answer 521 until a script's riddle is solved, which no crawl does."""

    def riddle(request: Request, /, handler: Handler) -> Response:
        if "__jsluid_h" not in request.cookies:
            return content(render("portals/faults/jsl_first.html"), _HTML, 521, Set_Cookie=_FIRST_COOKIE)
        return content(render("portals/faults/jsl_second.html"), _HTML, 521)

    everywhere(site, riddle)
    site.end("blocked", "blocked:jsl")


def _rs(status: int) -> Callable[[Site], None]:
    def strike(site: Site) -> None:
        """Answer with a page that is nothing but a script."""

        def script(request: Request, /, handler: Handler) -> Response:
            page = render("portals/faults/rs.html")
            return content(page, _HTML, status, Set_Cookie="sugawsC2Gx0xS=60Ns8rLQ; Path=/; HttpOnly")

        everywhere(site, script)
        site.end("blocked", "blocked:rs")

    return strike


def _page(template: str, status: int, reason: str | None) -> Callable[[Site], None]:
    def strike(site: Site) -> None:
        """Answer everything with one page."""

        def answer(request: Request, /, handler: Handler) -> Response:
            return content(render(f"portals/faults/{template}.html"), _HTML, status)

        everywhere(site, answer)
        site.end("blocked", reason)

    return strike


def _cookie(site: Site) -> None:
    """Send everybody to the same address until the cookie comes along."""

    def ask(request: Request, /, handler: Handler) -> Response:
        if request.cookies.get("CT6T") == "200080":
            return handler(request)
        return redirect(request.target, 302, Set_Cookie="CT6T=200080; path=/")

    everywhere(site, ask)


FAULTS = (
    Fault("jsl", "521 and a riddle in a script (加速乐)", _jsl),
    Fault("rs412", "412 and a page that is a script (瑞数)", _rs(412)),
    Fault("rs200", "the same page with 200", _rs(200)),
    Fault("rs202", "the same page with 202", _rs(202)),
    Fault("acw", "200 and a script that sets acw_sc__v2 (阿里云)", _page("acw", 200, "blocked:acw")),
    Fault("yunsuo", "200 and a page that measures the screen (云锁)", _page("yunsuo", 200, "blocked:yunsuo")),
    Fault("wzws", "403 for everybody from elsewhere (网站卫士)", _page("wzws", 403, None)),
    Fault("cookie", "302 to the same address until the cookie comes along", _cookie),
)
