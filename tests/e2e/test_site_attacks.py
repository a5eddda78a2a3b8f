"""Attacks on the served site: everything that writes, tells of the machine or takes more than its share is refused.

After each of them the site answers as before, the archive is what it was, and the server's memory has a bound.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.e2e import reading
from tests.e2e.reading import KnownArchive

MEMORY_MB = 1_500
SECONDS = 60
"""How long one request may take on a busy machine; the site's own limit for a query is 3 seconds."""
COUNT = "with recursive c(x) as (select 1 union all select x + 1 from c{limit})"

WRITES = [
    "insert into reports (id) values ('x')",
    "replace into reports (id) values ('x')",
    "update reports set title = 'x'",
    "delete from reports",
    "with x as (select 1) delete from reports",
    "with x as (select 1) insert into reports (id) select 'x'",
    "with x as (select 1) update sqlite_master set sql = ''",
    "select 1; delete from reports",
    "/* select */ drop table reports",
    "drop table reports",
    "create table t (x)",
    "create temp table t (x)",
    "alter table reports add column x",
    "reindex",
    "analyze",
    "vacuum",
    "vacuum into '/tmp/nianbao-stolen.db'",
    "begin immediate",
    "savepoint s",
    "attach '/tmp/nianbao-stolen.db' as other",
    "attach 'file:/etc/passwd?mode=ro' as other",
    "detach archive",
    "pragma writable_schema = 1",
    "pragma journal_mode = delete",
    "explain delete from reports",
    "insert into sections_fts (sections_fts) values ('delete-all')",
]
SECRETS = [
    "pragma database_list",
    "select file from pragma_database_list",
    "select * from pragma_compile_options",
    "select * from pragma_module_list",
    "select sql from sqlite_stmt",
    "select load_extension('/tmp/x.so')",
    "select fts3_tokenizer('simple')",
    "select readfile('/etc/passwd')",
    "select writefile('/tmp/nianbao-stolen.db', 'x')",
]
GREEDY = {
    "one blob": "select zeroblob(2000000000)",
    "hex of a blob": "select length(hex(zeroblob(400000000)))",
    "random": "select hex(randomblob(300000000))",
    "formatted": "select printf('%.*c', 300000000, 'x')",
    "padded": "select format('%300000000s', 'x')",
    "replaced": "select replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000)))",
    "counted for ever": f"{COUNT.format(limit='')} select count(*) from c",
    "gathered": f"{COUNT.format(limit='')} select group_concat(hex(zeroblob(10000))) from c",
    "gathered as JSON": f"{COUNT.format(limit='')} select json_group_array(hex(zeroblob(10000))) from c",
    "sorted": f"{COUNT.format(limit=' limit 5000')} select hex(zeroblob(100000)) as b from c order by b",
    "distinct": f"{COUNT.format(limit='')} select count(distinct hex(randomblob(5000))) from c",
    "long rows": f"{COUNT.format(limit=' limit 1000')} select zeroblob(4900000) from c",
    "wide row": "select " + ", ".join(["zeroblob(4900000)"] * 64),
    "too wide a row": "select " + ", ".join(["1"] * 1500),
    "joined with itself": "select count(*) from " + ", ".join(f"sections s{number}" for number in range(12)),
    "searched for itself": "select instr(hex(zeroblob(2400000)), hex(zeroblob(1200000)) || '1')",
    "replaced within itself": "select replace(hex(zeroblob(2400000)), hex(zeroblob(1200000)) || '1', 'x')",
    "trimmed of many": "select trim(hex(zeroblob(2000000)), hex(randomblob(1000000)))",
    "long pattern": "select hex(zeroblob(2400000)) like '%' || hex(zeroblob(400)) || '1%'",
    "long pattern of glob": "select hex(zeroblob(2400000)) glob '*' || hex(zeroblob(400)) || '1*'",
    "patched": "select json_patch(hex(zeroblob(2400000)), hex(zeroblob(2400000)))",
    "long search": "select cjk_query(replace(hex(zeroblob(1000000)), '00', 'a \"'))",
    "long snippet": "select cjk_snippet(hex(zeroblob(2000000)), replace(hex(zeroblob(1000000)), '00', 'a '))",
    "deep": "select " + "(" * 1500 + "1" + ")" * 1500,
    "deep JSON": "select json_valid(replace(hex(zeroblob(2000000)), '0', '['))",
    "many terms": "select count(*) from sections_fts where sections_fts match '" + " OR ".join(["公"] * 500) + "'",
}  # fmt: skip
ANSWERED = {
    "deep JSON", "many terms", "searched for itself", "replaced within itself", "long search", "long snippet",
    "replaced", "trimmed of many",
}  # fmt: skip
"""Those that are no attack any more and simply get an answer."""
CLOSED = [
    "versions", "plugins", "databases", "threads", "actor", "allow-debug", "permissions", "messages", "patterns",
    "auth-token", "logout", "create-token", "check", "rules", "allowed", "api", "jump", "schema", "queries",
]  # fmt: skip
OUTSIDE = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..%5c",
    "..\\",
    "....//",
    "..%00/",
    "%c0%ae%c0%ae/",
]


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire; header names in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True)
class Site:
    """The served site, asked without anything between that would tidy up an address."""

    url: str
    process: int
    known: KnownArchive

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def sql(self, sql: str, suffix: str = ".json", **more: str) -> Answer:
        return self.ask(f"/archive{suffix}?" + urlencode({"sql": sql, **more}))

    def report(self) -> str:
        return f"/archive/reports/{self.known.ids[2023]}"

    def is_well(self) -> None:
        assert self.ask(self.report()).status == 200

    def peak_mb(self) -> int:
        """The most memory that the server's process has held (Linux)."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@pytest.fixture(scope="module")
def site(known: KnownArchive) -> Iterator[Site]:
    before = _hash(known.folder / "archive.db")
    with reading.served(known.folder) as (url, process):
        yield Site(url, process, known)
    assert _hash(known.folder / "archive.db") == before, "the archive was written to"
    assert not Path("/tmp/nianbao-stolen.db").exists()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tells_nothing(site: Site, answer: Answer) -> None:
    """No answer shows where the archive or the programs lie, or how they failed."""
    for secret in (str(site.known.folder), str(reading.program.ROOT), "Traceback", "site-packages"):
        assert secret not in answer.text


# ---------------------------------------------------------------- statements


@pytest.mark.parametrize("sql", [*WRITES, *SECRETS])
def test_statements_that_do_more_than_read_are_refused(site: Site, sql: str) -> None:
    for suffix in (".json", "", ".csv"):
        answer = site.sql(sql, suffix)
        assert answer.status == 400, answer.text
        _tells_nothing(site, answer)
        assert "root:" not in answer.text


def test_conditions_of_tables_and_downloads_do_no_more_either(site: Site) -> None:
    for condition in ("1 in (select file from pragma_database_list)", "load_extension('x')", "printf('%99999999d', 1)"):
        for path in (
            "/archive/reports.json",
            "/archive/reports",
            "/archive/reports.csv",
            "/-/export/archive/reports.csv",
        ):
            answer = site.ask(f"{path}?" + urlencode({"_where": condition}))
            assert answer.status == 400, (path, answer.text)
            _tells_nothing(site, answer)


def test_bookkeeping_is_not_read(site: Site) -> None:
    for sql in (
        "select * from _origins",
        "select o.file_name from reports, _origins as o",
        "select max(url) from _origins",
    ):
        answer = site.sql(sql)
        assert answer.status == 400
        assert "prohibited" in answer.text


def test_magic_parameters_tell_nothing(site: Site) -> None:
    names = ("_header_x_secret", "_cookie_secret", "_actor_id", "_now_epoch", "_random_chars_32")
    answer = site.ask(
        "/archive.json?" + urlencode({"sql": "select " + ", ".join(f":{name}" for name in names)}),
        X_Secret="hush",
        Cookie="secret=hush",
    )
    assert answer.status < 500
    assert "hush" not in answer.text


@pytest.mark.parametrize("name", GREEDY)
def test_greedy_statements_end_and_others_are_served_meanwhile(site: Site, name: str) -> None:
    found: list[Answer] = []
    greedy = threading.Thread(target=lambda: found.append(site.sql(GREEDY[name])))
    began = time.monotonic()
    greedy.start()
    while greedy.is_alive():
        site.is_well()
        greedy.join(0.5)
    assert found, "no answer"
    assert time.monotonic() - began < SECONDS
    assert found[0].status == (200 if name in ANSWERED else 400), found[0].text
    _tells_nothing(site, found[0])
    assert site.peak_mb() < MEMORY_MB


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_taken_in(site: Site, method: str) -> None:
    body = b'{"row": {"id": "x"}, "sql": "delete from reports"}'
    for path in (
        "/", "/archive", "/archive/reports", site.report(), "/archive/search", "/archive/-/create",
        "/archive/reports/-/insert", "/archive/reports/-/drop", f"{site.report()}/-/update",
        "/-/create-token", "/-/messages", "/-/logout", "/-/place", "/-/export/archive/reports.csv",
    ):  # fmt: skip
        answer = site.ask(path, method, body, Content_Type="application/json")
        assert answer.status == 405, (path, answer.text)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
        _tells_nothing(site, answer)
    site.is_well()


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "BREW"])
def test_odd_methods_are_harmless(site: Site, method: str) -> None:
    for path in ("/", site.report(), "/archive/reports.json", "/-/about", "/static/nianbao.css"):
        answer = site.ask(path, method, X_Secret="hush")
        assert answer.status in {"HEAD": (200,), "OPTIONS": (200, 405)}.get(method, (405,)), (path, answer.text)
        assert "hush" not in answer.text
        assert len(answer.content) < 100
    site.is_well()


@pytest.mark.parametrize(
    "query",
    {
        "long": "/archive/search?q=" + "a" * 50_000,
        "long word of Han": "/archive/search?q=" + quote("公" * 5_000),
        "many words": "/archive/search?q=" + "+".join(f"w{number}" for number in range(8_000)),
        "many exclusions": "/archive/search?q=" + quote("公 ") + "+".join(f"-w{number}" for number in range(5_000)),
        "quotes": "/archive/search?q=" + quote('"' * 5_000),
        "many parameters": "/archive/reports?" + "&".join(f"x{number}={number}" for number in range(4_000)),
        "many filters": "/archive/reports?" + "&".join(f"year__gt={number}" for number in range(4_000)),
        "many facets": "/archive/reports?_facet_size=max&" + "&".join("_facet=title" for _ in range(3_000)),
        "many attribute facets": "/archive/findings?" + "&".join("_facet_attribute=year" for _ in range(1_500)),
        "huge facet": "/archive/requests?_facet=report_id&_facet=total&_facet_size=99999999",
        "huge page": "/archive/requests?_size=99999999999999999999",
        "negative page": "/archive/requests?_size=-1",
        "long list": "/archive/reports?year__in=" + ",".join(map(str, range(9_000))),
        "broken token": "/archive/requests?_next=~zz,~,~00",
        "broken percent": "/archive/reports?title=%zz%c3%28%00",
        "broken path": "/archive/reports/%ff%fe%00",
        "control characters": "/archive/reports?_sort=%00%0d%0aX-Evil:%201",
        "broken numbers": "/-/place?year=1e999",
        "another host": "/archive/reports?_next=//attacker.invalid/",
        "columns": "/archive/reports?" + "&".join("_col=title" for _ in range(3_000)),
        "nothing to compare": "/-/compare?a=%00&b=%27%22%3E",
        "organs without end": "/-/organs-compare?organ=" + quote("局 " * 3_000),
    }.items(),
    ids=lambda item: item[0],
)  # fmt: skip
def test_monstrous_requests_are_answered(site: Site, query: tuple[str, str]) -> None:
    for path in (query[1], query[1].replace("?", ".json?", 1) if query[1].startswith("/archive/") else query[1]):
        answer = site.ask(path)
        assert answer.status < 500, answer.text[:2_000]
        assert "x-evil" not in answer.headers
        _tells_nothing(site, answer)
    site.is_well()
    assert site.peak_mb() < MEMORY_MB


def test_redirects_stay_on_the_site(site: Site) -> None:
    for path in ("//attacker.invalid/", "//attacker.invalid/%2f..", "/\\attacker.invalid/", "/-/about//attacker/",
                 "/archive/reports//attacker.invalid/", "/%0d%0aLocation:%20http://attacker.invalid/"):  # fmt: skip
        location = site.ask(path, Host="127.0.0.1").headers.get("location", "")
        assert not urlsplit(location.replace("\\", "/")).netloc.startswith("attacker"), (path, location)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("way", OUTSIDE)
def test_no_path_leads_out(site: Site, way: str) -> None:
    roots = (
        "/", "/static/", "/-/static/", "/downloads/", "/-/original/", f"/-/evidence/{site.known.ids[2023]}/",
        "/archive/reports/", "/-/export/archive/", "/-/feed/", "/-/warc/", "/en/static/",
    )  # fmt: skip
    for root in roots:
        for path in (f"{root}{way * 9}etc/passwd", f"{root}{way}serve.py", f"{root}x/{way * 2}serve.py"):
            answer = site.ask(path)
            assert answer.status in (301, 302, 400, 403, 404), (path, answer.status)
            assert "root:" not in answer.text
            assert "uvicorn" not in answer.text
            _tells_nothing(site, answer)


@pytest.mark.parametrize(
    "way", ["/etc/passwd", "~2Fetc~2Fpasswd", "..~2F..~2Farchive.db", "~2E~2E~2Farchive", "x~00", "%00"]
)
def test_ids_are_no_paths(site: Site, way: str) -> None:
    for path in (f"/archive/reports/{way}", f"/-/evidence/{way}/requests.new.total", f"/-/organ-years/{way}",
                 f"/archive/documents/{way}", f"/-/original/{way}", f"/-/export/{way}/reports.csv",
                 f"/-/export/archive/{way}.csv", f"/-/compare?a={way}", f"/-/place/{way}"):  # fmt: skip
        answer = site.ask(path)
        assert answer.status < 500, (path, answer.text)
        assert "root:" not in answer.text
        _tells_nothing(site, answer)


# ---------------------------------------------------------------- what is closed, and what stands on every answer


@pytest.mark.parametrize("name", CLOSED)
def test_pages_about_the_machine_are_closed(site: Site, name: str) -> None:
    for path in (f"/-/{name}", f"/-/{name}.json", f"/en/-/{name}.json", f"/-/{name}?all=1", f"/-/{name}.json?all=1"):
        assert site.ask(path).status in (403, 404), path
    for path in (
        f"/-/{name}/",
        f"//-/{name}",
        f"/-//{name}",
        f"/-/{name.upper()}",
        f"/-/{name}%2ejson",
        f"/./-/{name}",
    ):
        assert site.ask(path).status in (301, 302, 400, 403, 404), path


def test_what_stays_open_tells_of_no_machine(site: Site) -> None:
    for path in ("/-/settings.json", "/-/metadata.json", "/-/config.json", "/archive.json", "/archive.db", "/.json",
                 "/_internal", "/_internal.json?sql=select+1", "/_memory.json?sql=select+1"):  # fmt: skip
        answer = site.ask(path)
        assert answer.status < 500
        _tells_nothing(site, answer)
    assert site.ask("/archive.db").status in (403, 404)
    assert site.ask("/_internal.json?sql=select+1").status in (403, 404)


def test_every_kind_of_answer_is_guarded(site: Site) -> None:
    """Pages, data, downloads, pictures, feeds, files, redirects and errors; none of them sets a cookie."""
    identifier, pdf = site.known.ids[2023], site.known.ids[2024]
    digest = json.loads(site.ask(f"/archive/reports/{identifier}.json?_shape=array").content)[0]["document_sha256"]
    kinds = {
        "/": 200, "/archive": 200, "/archive/reports": 200, site.report(): 200, "/archive/reports.json": 200,
        "/archive/reports.csv": 200, "/archive/reports.csv?_stream=on": 200, "/archive/search?q=x": 200,
        "/-/export/archive/reports.csv": 200, "/-/export/archive/reports.xlsx": 200, "/-/feed/reports.atom": 200,
        f"/-/original/{digest}": 200, f"/-/evidence/{identifier}/requests.new.total": 200,
        f"/-/evidence/{pdf}/requests.new.total.png": 200, "/static/nianbao.css": 200, "/robots.txt": 200,
        "/nothing": 404, "/nothing.json": 404, "/archive/nothing": 404, "/static/nothing.css": 404, "/-/versions": 404,
        "/archive/_origins": 403, "/archive.db": 403, "/archive?sql=selec": 400, "/archive.json?sql=selec": 400,
        "/archive/reports/": 302, "/-/original/zz": 404, "/-/feed/nothing.atom": 404,
        "/-/export/archive/reports.csv?_where=selec": 400,
    }  # fmt: skip
    for path, status in kinds.items():
        for method in ("GET", "HEAD"):
            answer = site.ask(path, method)
            assert answer.status == status, (path, method, answer.status)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy or "sandbox" in policy, path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["referrer-policy"] == "no-referrer", path
            assert "set-cookie" not in answer.headers, path
            assert not {"server", "x-powered-by"} & answer.headers.keys(), path
            _tells_nothing(site, answer)
    original = site.ask(f"/-/original/{digest}")
    assert original.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in original.headers["content-security-policy"]
