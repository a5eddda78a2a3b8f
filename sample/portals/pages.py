"""Puts pages and files on a host of a simulated site."""

from __future__ import annotations

from collections.abc import Callable

from sample import html, templating
from sample.generator import SampleReport
from sample.portals.files import File
from sample.portals.site import Site
from sample.web import DEFAULT_PORTS, Handler, Host, Request, Response, content

OCTETS = "application/octet-stream"
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".wps": "application/vnd.ms-works",
    ".ofd": "application/octet-stream",
    ".rar": "application/x-rar-compressed",
    ".jpg": "image/jpeg",
}


class Pages:
    """One host of a site, filled from the templates in ``folder``.

    ``label`` is the host's name without the suffix of government hosts, or its whole name if it
    is ``foreign``. ``context`` goes to every template.
    """

    def __init__(
        self,
        site: Site,
        label: str,
        folder: str,
        *,
        port: int = 80,
        scheme: str = "http",
        foreign: bool = False,
        host: Host | None = None,
        **context: object,
    ) -> None:
        self.site = site
        self.name = site.foreign(label) if foreign else site.name(label)
        self.host = site.add_host(self.name, port, host)
        self.folder = folder
        place = self.name if port in DEFAULT_PORTS.values() else f"{self.name}:{port}"
        self.base = f"{scheme}://{place}"
        self.context = {
            "place": site.region.name,
            "host": self.name,
            "base": self.base,
            "variant": site.setting.variant,
            **context,
        }

    def url(self, path: str) -> str:
        """The address of ``path``."""
        return self.base + path

    def render(self, template: str, /, **context: object) -> str:
        """Render one of the folder's templates; what is a function is called for its value."""
        merged = {**self.context, **context}
        values = {name: value() if callable(value) else value for name, value in merged.items()}
        return templating.render(f"portals/{self.folder}/{template}.html", **values)

    def page(self, path: str, template: str, /, **context: object) -> str:
        """Put a page at ``path``, rendered when first asked for; return its address."""
        self.host.page(path, lambda: self.render(template, **context))
        return self.url(path)

    def file(self, path: str, file: File, content_type: str | None = None, **headers: str) -> str:
        """Put a file at ``path``; return its address."""
        self.host.dynamic[path] = serve_file(file, content_type or MEDIA_TYPES[file.extension], **headers)
        return self.url(path)

    def dynamic(self, path: str, handler: Handler) -> str:
        """Let ``handler`` answer at ``path``; return its address."""
        self.host.dynamic[path] = handler
        return self.url(path)

    def robots(self, text: str) -> None:
        """Put a robots.txt there."""
        self.dynamic("/robots.txt", lambda request: content(text, "text/plain; charset=utf-8"))


def serve_file(file: File, content_type: str, **headers: str) -> Handler:
    """Return a handler that answers with ``file``, which is made when first asked for."""

    def answer(request: Request) -> Response:
        return content(file.body, content_type, **headers)

    return answer


def markup(text: str) -> object:
    """Mark HTML of our own making as safe to insert into a template."""
    return templating.markup(text)


def body_of(sample: SampleReport) -> Callable[[], object]:
    """Return what renders a report as the body of a page, when the page is rendered."""
    return lambda: markup(html.render(sample))
