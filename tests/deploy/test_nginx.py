"""The web server's configuration: what nginx says of it, and a site behind it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from archive.store import Archive
from sample.certificates import pem
from tests.deploy.conftest import DEPLOY
from tests.e2e import program

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOST = "nianbao.example.org"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light"),
]


@dataclass(frozen=True)
class Front:
    """nginx before a site: the ports of HTTP and HTTPS, and what trusts its certificate."""

    plain: int
    secure: int
    certificate: Path

    def client(self) -> httpx.Client:
        trust = ssl.create_default_context(cafile=str(self.certificate))
        trust.check_hostname = False
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.secure}", verify=trust, headers={"Host": HOST}, trust_env=False
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _certificate(folder: Path) -> Path:
    """A certificate of the documented host's own, as PEM beside its key."""
    file = folder / "certificate.pem"
    file.write_bytes(pem(HOST))
    return file


def _configuration(folder: Path, site: int, plain: int, secure: int, certificate: Path) -> Path:
    """The configuration as it stands in deploy/, on ports and files of the test's own."""
    text = (DEPLOY / "nginx" / "nianbao.conf").read_text("utf-8")
    for before, after in {
        r"server 127\.0\.0\.1:8001;": f"server 127.0.0.1:{site};",
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        r"listen \[::\]:\d+[^;]*;": "",
        r"/etc/letsencrypt/live/[^;]*;": f"{certificate};",
        r"/var/cache/nginx/nianbao": f"{folder}/cache",
    }.items():
        text, count = re.subn(before, after, text)
        assert count, before
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As root nginx would hand its work to a user who may not enter the test's folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(
        f"{user}pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\ndaemon off;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{text}}}\n"
    )
    return file


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until_it_answers(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        if _answers(port):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    Archive.open(folder / "archive.db").close()
    site, plain, secure = _free_ports(3)
    certificate = _certificate(folder)
    configuration = _configuration(folder, site, plain, secure, certificate)
    serving = program.start(folder, "serve", "--port", str(site))
    _until_it_answers(site, serving)
    assert NGINX
    nginx = subprocess.Popen(
        [NGINX, "-c", str(configuration), "-p", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        _until_it_answers(secure, nginx)
        yield Front(plain, secure, certificate)
    finally:
        nginx.terminate()
        nginx.communicate(timeout=30)
        program.kill(serving)


def test_nginx_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    site, plain, secure = _free_ports(3)
    configuration = _configuration(tmp_path, site, plain, secure, _certificate(tmp_path))
    assert NGINX
    command = [NGINX, "-t", "-q", "-c", str(configuration), "-p", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_plain_http_leads_to_https(front: Front) -> None:
    answer = httpx.get(f"http://127.0.0.1:{front.plain}/archive?x=1", headers={"Host": HOST}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/archive?x=1")


def test_the_site_shows_through_with_its_own_headers_and_public_addresses(front: Front) -> None:
    with front.client() as client:
        page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["strict-transport-security"].startswith("max-age=")
    assert page.headers["content-encoding"] == "gzip"
    assert "server" not in page.headers or "/" not in page.headers["server"]
    assert re.findall(r"http://(?:127|localhost)[^\"]*", page.text) == []
    assert f'"https://{HOST}/' in page.text or f"https://{HOST}/" in page.headers["link"]


def test_who_asks_too_fast_is_told_to_wait_and_served_again_later(front: Front) -> None:
    with front.client() as client, ThreadPoolExecutor(4) as pool:
        statuses = Counter(
            pool.map(lambda number: client.get(f"/archive.json?sql=select+{number}").status_code, range(60))
        )
        assert set(statuses) == {200, 429}
        # The burst, and what two a second add while sixty are asked.
        assert 21 <= statuses[200] <= 45
        assert client.get("/static/nianbao.css").status_code == 200
        time.sleep(1.5)
        assert client.get("/archive.json?sql=select+1000").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_nothing_can_be_written(front: Front, method: str) -> None:
    with front.client() as client:
        assert client.request(method, "/archive/reports").status_code == 405


def test_a_large_body_is_refused(front: Front) -> None:
    with front.client() as client:
        assert client.post("/archive", content=b"x" * 100_000).status_code == 413
