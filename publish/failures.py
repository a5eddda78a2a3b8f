"""Error pages: a sentence for the reader, and a traceback only for what nobody foresaw.

Takes the place of Datasette's own handler, which prints every missing page's traceback.
"""

from __future__ import annotations

import logging
import re
import sqlite3

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, Forbidden, Request, Response
from datasette.views.base import DatasetteError

from publish.downloads import has_downloads
from publish.language import Said, addresses

_logger = logging.getLogger(__name__)

_MISSING = Said("没有这一页", "There is no such page")
_FORBIDDEN = Said("这一页不公开", "This page is not public")
_INTERRUPTED = Said("查询超时，请加条件缩小范围", "The query took too long; narrow it down")
_TOO_BIG = Said("结果太大，请加条件缩小范围", "The result is too big; narrow it down")
_NOT_ALLOWED = Said("查询不得如此", "A query may not do this")
# How SQLite words what an authorizer denies.
_REFUSED = re.compile("not authorized|is prohibited")
_INTERNAL = Said("网站内部出错，已记入日志", "Something went wrong on our side; it has been logged")


def _explain(exception: Exception) -> tuple[int, str | Said]:
    if isinstance(exception, Base400):
        if exception.status == 404:
            return 404, _MISSING
        said = exception.args[0] if exception.args else "400"
        return exception.status, said if isinstance(said, Said) else str(said)
    if isinstance(exception, Forbidden):
        return 403, _FORBIDDEN
    if isinstance(exception, QueryInterrupted):
        return 400, _INTERRUPTED
    if isinstance(exception, MemoryError):
        return 400, _TOO_BIG
    if isinstance(exception, sqlite3.DatabaseError) and _REFUSED.search(str(exception)):
        return 400, Said(f"{_NOT_ALLOWED.zh}：{exception}", f"{_NOT_ALLOWED.en}: {exception}")
    if isinstance(exception, DatasetteError):
        message = _INTERRUPTED if exception.message_is_html else str(exception.message)
        # Without a status of its own it is a request that cannot be met, such as an unknown sort column.
        return (400 if exception.status == 500 else exception.status), message
    _logger.error("unforeseen error", exc_info=exception)
    return 500, _INTERNAL


async def failure(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Return the response for ``exception``, as JSON where JSON was asked for."""
    status, message = _explain(exception)
    headers = {"access-control-allow-origin": "*"} if datasette.cors else {}
    if request.path.endswith(".json"):
        content = {"ok": False, "error": str(message), "status": status}
        return Response.json(content, status=status, headers=headers)
    template = datasette.jinja_env.get_template("error.html")
    page = await template.render_async(
        status=status,
        error=message.here() if isinstance(message, Said) else message,
        urls=datasette.urls,
        request=request,
        addresses=addresses(datasette, request),
        has_downloads=has_downloads(datasette),
    )
    return Response.html(page, status=status, headers=headers)
