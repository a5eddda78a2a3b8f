from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urljoin

import httpx
import pypdfium2
import pytest
from cryptography import x509

from sample.portals import catalogue
from sample.portals.faults import FAULTS
from sample.portals.s11_faults import LETTERS
from sample.portals.server import PortalServer
from sample.portals.small import PRIVATE
from sample.portals.truth import Truth
from tests.sample.portals.visitor import Visitor


@contextmanager
def visit(letter: str, **options: object) -> Iterator[Visitor]:
    with (
        PortalServer([f"S11{letter}"], **options) as server,  # type: ignore[arg-type]
        Visitor(server, f"S11{letter}") as visitor,
    ):
        yield visitor


def home(visitor: Visitor, path: str = "/", scheme: str = "http") -> str:
    return visitor.url(f"www.fault-{visitor.key.removeprefix('S11')}", path, scheme)


def file_of(visitor: Visitor) -> str:
    """The file that the fault befalls, whether a report is left of it or not."""
    lost = list(visitor.truth.shortfalls)
    return lost[0] if lost else next(report.sources[0] for report in visitor.truth.reports if report.attachments)


def test_every_fault_has_a_portal_of_its_own() -> None:
    assert {name for name in LETTERS.values() if name} == FAULTS.keys()
    assert {f"S11{letter}" for letter in LETTERS} <= catalogue.SITES.keys()


def test_every_fault_states_its_outcome() -> None:
    with PortalServer([f"S11{letter}" for letter in LETTERS]) as server:
        outcomes = {
            letter: (truth.status, truth.reason, len(truth.reports))
            for letter in LETTERS
            for truth in [server.truth(f"S11{letter}")]
        }
    assert outcomes == {
        "a": ("blocked", "blocked:jsl", 0),
        **dict.fromkeys(("b", "b2", "b3"), ("blocked", "blocked:rs", 0)),
        "c": ("ok", None, 9),
        **dict.fromkeys(("d", "d3", "d4", "q"), ("robots", "robots", 0)),
        **dict.fromkeys(("d2", "e", "g", "h", "j", "j2", "k", "k2", "k4", "n", "o", "o2"), ("ok", None, 9)),
        **dict.fromkeys(("f", "g2", "h2", "i", "l", "m"), ("partial", None, 8)),
        "j3": ("failed", "failed:http:503", 0),
        "p": ("blocked", "blocked:acw", 0),
        "p2": ("blocked", "blocked:yunsuo", 0),
        "p3": ("blocked", None, 0),
        "k3": ("failed", "failed:tls", 0),
        "r": ("failed", None, 0),
        "s": ("partial", "partial:declared_pages", 9),
    }


def test_jsl_asks_twice_and_is_never_content() -> None:
    with visit("a") as visitor:
        first = visitor.get(home(visitor))
        second = visitor.get(home(visitor), headers={"Cookie": "__jsluid_h=6e0c0a4d1b"})
        robots = visitor.get(home(visitor, "/robots.txt"))
        assert [first.status_code, second.status_code, robots.status_code] == [521] * 3
        assert "__jsluid_h" in first.headers["set-cookie"]
        assert "location.href=location.pathname+location.search" in first.text
        assert 'go({"bts"' in second.text


@pytest.mark.parametrize(("letter", "status"), [("b", 412), ("b2", 200), ("b3", 202)])
def test_rs_is_the_same_page_whatever_its_status(letter: str, status: int) -> None:
    with visit(letter) as visitor:
        response = visitor.get(home(visitor))
        assert response.status_code == status
        assert "$_ts=window['$_ts']" in response.text


@pytest.mark.parametrize(
    ("letter", "status", "mark"),
    [("p", 200, "acw_sc__v2"), ("p2", 200, "security_session_verify"), ("p3", 403, "wzwsconfirm")],
)
def test_other_protections_show_one_page(letter: str, status: int, mark: str) -> None:
    with visit(letter) as visitor:
        for path in ("/", "/zfxxgk/zfxxgknb/"):
            response = visitor.get(home(visitor, path))
            assert (response.status_code, mark in response.text) == (status, True)


def test_a_silent_host_and_one_that_moved_to_nothing() -> None:
    with visit("q") as visitor, pytest.raises(httpx.ReadTimeout):
        visitor.get(home(visitor), timeout=0.3)
    with visit("r") as visitor:
        response = visitor.get(home(visitor, "/zfxxgk/?x=1"))
        assert response.headers["location"] == "http://new.fault-r.gov.cn/zfxxgk/?x=1"
        assert visitor.get(response.headers["location"]).status_code == 404


def test_a_pager_promises_too_much() -> None:
    with visit("s") as visitor:
        assert "createPageHTML(3, 0" in visitor.text(home(visitor, "/zfxxgk/zfxxgknb/"))
        assert visitor.get(home(visitor, "/zfxxgk/zfxxgknb/index_1.html")).status_code == 404


def test_a_cookie_played_back_opens_the_site() -> None:
    with visit("c") as visitor:
        response = visitor.get(home(visitor, "/zfxxgk/?a=1"))
        assert (response.status_code, response.headers["location"]) == (302, "/zfxxgk/?a=1")
        assert visitor.get(home(visitor, "/zfxxgk/?a=1")).status_code == 200
        visitor.assert_reachable(visitor.walk(hosts="fault-c.gov.cn"))


def test_robots() -> None:
    answers = {}
    for letter in ("d", "d2", "d3"):
        with visit(letter) as visitor:
            answers[letter] = visitor.get(home(visitor, "/robots.txt"))
            assert visitor.get(home(visitor)).status_code == 200
    assert "Disallow: /\n" in answers["d"].text
    assert [answers[letter].status_code for letter in ("d", "d2", "d3")] == [200, 403, 500]
    with visit("d4") as visitor, pytest.raises(httpx.ReadTimeout):
        visitor.get(home(visitor, "/robots.txt"), timeout=0.3)


def test_the_list_and_a_report_come_late() -> None:
    with visit("e", speed=100) as visitor:
        began = time.monotonic()
        assert visitor.get(home(visitor, "/zfxxgk/zfxxgknb/")).status_code == 200
        assert time.monotonic() - began >= 0.25


def test_a_file_drips() -> None:
    with visit("f") as visitor:
        with visitor.client.stream("GET", file_of(visitor)) as response:
            received = next(response.iter_raw())
        assert len(received) <= 2
        assert int(response.headers["content-length"]) > 10_000


def test_a_file_breaks_off_once_or_always() -> None:
    with visit("g") as visitor:
        file = file_of(visitor)
        with pytest.raises(httpx.RemoteProtocolError):
            visitor.get(file)
        assert visitor.get(file).content.startswith(b"%PDF")
        assert len(visitor.get(file).content) > 10_000
    with visit("g2") as visitor:
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                visitor.get(file_of(visitor))


def test_compression_unasked_and_broken() -> None:
    with visit("h") as visitor:
        response = visitor.get(home(visitor), headers={"Accept-Encoding": "identity"})
        assert response.headers["content-encoding"] == "gzip"
        assert "政府信息公开" in response.text
        visitor.assert_reachable(visitor.walk(hosts="fault-h.gov.cn"))
    with visit("h2") as visitor, pytest.raises(httpx.DecodingError):
        visitor.get(file_of(visitor))


def test_a_file_turns_out_to_be_a_login() -> None:
    with visit("i") as visitor:
        response = visitor.get(file_of(visitor))
        assert file_of(visitor).endswith(".pdf")
        assert (response.status_code, "用户登录" in response.text) == (200, True)


@pytest.mark.parametrize(("letter", "status"), [("j", 429), ("j2", 503)])
def test_every_address_is_busy_once(letter: str, status: int) -> None:
    with visit(letter, speed=20) as visitor:
        first, again = visitor.get(home(visitor)), visitor.get(home(visitor))
        assert [first.status_code, again.status_code] == [status, status]
        assert first.headers["retry-after"] == "2"
        visitor.server.clock.sleep(2)
        assert visitor.get(home(visitor)).status_code == 200
        assert visitor.get(home(visitor, "/robots.txt")).status_code == 404


def test_a_site_that_is_down_stays_down() -> None:
    with visit("j3") as visitor:
        assert {visitor.get(home(visitor)).status_code for _ in range(4)} == {503}


def handshake(visitor: Visitor, host: str) -> tuple[x509.Certificate, str | None]:
    """The certificate and the protocol that a host offers a client that minds neither."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with socket.create_connection(("127.0.0.1", visitor.server.port)) as plain:
        plain.sendall(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
        assert plain.recv(200).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(plain, server_hostname=host) as secure:
            return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b""), secure.version()


@pytest.mark.parametrize("letter", ["k", "k2", "k3"])
def test_tls_is_wrong_in_its_own_way(letter: str) -> None:
    with visit(letter) as visitor:
        moved = visitor.get(home(visitor, "/zfxxgk/"))
        assert (moved.status_code, moved.headers["location"]) == (301, home(visitor, "/zfxxgk/", "https"))
        assert all(url.startswith("https://") for report in visitor.truth.reports for url in report.urls)
        host = f"www.fault-{letter}.gov.cn"
        certificate, protocol = handshake(visitor, host)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert (certificate.not_valid_after_utc < datetime.now(UTC)) == (letter == "k")
        assert (host not in names.get_values_for_type(x509.DNSName)) == (letter == "k2")
        assert (protocol == "TLSv1.1") == (letter == "k3")
        if letter != "k3":
            assert visitor.get(moved.headers["location"]).status_code == 200


def test_redirects_go_round_in_circles() -> None:
    with visit("l") as visitor:
        page = file_of(visitor)
        other = visitor.get(page).headers["location"]
        assert other != page
        assert urljoin(other, visitor.get(other).headers["location"]) == page


def test_a_large_file_is_a_sound_pdf() -> None:
    with visit("m") as visitor:
        payload = visitor.get(file_of(visitor)).content
        assert len(payload) > 30 * 1024 * 1024
        with pypdfium2.PdfDocument(io.BytesIO(payload)) as document:
            assert "政府信息公开" in document[0].get_textpage().get_text_range()


def test_every_third_request_is_cut_off() -> None:
    with visit("n") as visitor:
        outcomes = []
        for _ in range(6):
            try:
                outcomes.append(visitor.get(home(visitor)).status_code)
            except httpx.TransportError:
                outcomes.append(0)
        assert outcomes == [200, 200, 0, 200, 200, 0]
        assert [entry.status for entry in visitor.server.log] == outcomes


def test_rows_lead_into_private_networks() -> None:
    with visit("o") as visitor:
        column = visitor.text(home(visitor, "/zfxxgk/zfxxgknb/"))
        assert all(address in column for address in PRIVATE)
        assert {page.url for page in visitor.truth.non_reports if page.reason == "private"} == set(PRIVATE)


def bodies(visitor: Visitor, truth: Truth) -> dict[str, bytes]:
    return {url: visitor.get(url).content for report in truth.reports for url in (*report.urls, *report.sources)}


@pytest.mark.parametrize("letter", ["o", "o2"])
def test_the_change_run(letter: str) -> None:
    with visit(letter) as visitor:
        before = visitor.truth
        old = bodies(visitor, before)
        assert not any({"etag", "last-modified"} & set(visitor.get(url).headers) for url in old)
        visitor.server.set_phase(2)
        after = visitor.truth
        new = bodies(visitor, after)
        assert {kind: len(urls) for kind, urls in after.changes.items()} == {
            "changed": 1,
            "removed": 1,
            "renamed": 1,
            "added": 2,
        }
        assert len(after.reports) == len(before.reports) - 1 + 2
        [removed], [renamed], [changed] = (after.changes[kind] for kind in ("removed", "renamed", "changed"))
        assert visitor.get(removed).status_code == 404
        assert removed not in visitor.text(home(visitor, "/zfxxgk/zfxxgknb/"))
        assert set(after.changes["added"]) == new.keys() - old.keys() - {renamed}
        same = {url for url in new if old.get(url) == new[url]}
        at_first = renamed if letter == "o2" else renamed.replace("1.html", ".html")
        assert old.keys() - same - {removed} == {changed, at_first}
        key = next(report.key for report in after.reports if changed in report.urls)
        fields = [truth.report(*key).report.fields() for truth in (before, after)]
        altered = {name for name in fields[0] if fields[0][name] != fields[1][name]}
        assert altered >= {"requests.new.total", "sections.5"}
        moved = next(report for report in after.reports if renamed in report.urls)
        earlier = before.report(*moved.key)
        assert (earlier.title == moved.title) == (letter == "o")
        assert (earlier.urls == moved.urls) == (letter == "o2")
        assert earlier.cells() == moved.cells()


def test_a_fault_befalls_any_site() -> None:
    with PortalServer(["S9"], fault="rs200") as server, Visitor(server, "S9") as visitor:
        assert (visitor.truth.status, visitor.truth.reports) == ("blocked", ())
        assert "$_ts" in visitor.text(visitor.truth.start[0])
    with pytest.raises(KeyError, match="no fault flood"):
        PortalServer(["S9"], fault="flood")


def test_there_is_no_third_phase_and_no_unknown_site() -> None:
    with pytest.raises(ValueError, match="no phase 3"):
        PortalServer(["S11o"], phase=3)
    with pytest.raises(KeyError, match="no simulated site S99"):
        PortalServer(["S99"])
