"""``/archive.csv?sql=``: the answer of a reader's own query for programs, or an error that shows."""

from __future__ import annotations

from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError
from datasette.views.database import DatabaseView


class _QueryView(DatabaseView):
    """Datasette's view, which for CSV answers a failed query with status 200 and an empty file."""

    async def data(self, request: Request, *arguments: Any, **options: Any) -> Any:
        answer = await super().data(request, *arguments, **options)
        if not isinstance(answer, Response) and answer[0].get("error"):
            raise DatasetteError(str(answer[0]["error"]), status=400)
        return answer


async def query_csv(datasette: Datasette, request: Request) -> Response:
    """Answer as Datasette does, but with an error's page where the query fails."""
    return await _QueryView(datasette).get(request)
