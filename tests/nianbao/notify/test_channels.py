"""Messages arrive: by file, through real mail servers, at real webhooks; failures tell no secret."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import time
from pathlib import Path

import pytest

from nianbao.notify import channels
from nianbao.notify.channels import FileChannel, MailChannel
from nianbao.notify.errors import DeliveryError
from nianbao.notify.message import Message
from nianbao.notify.webhook import WebhookChannel
from tests.nianbao.notify.receivers import PASSWORD, USER, mail_server, web_server

MESSAGE = Message(
    "Nianbao: 1 of 2 portals need attention", "云溪县人民政府 (yunxi): blocked\n  …", {"at": "now", "event": "health"}
)
LONG = Message("subject", "云" * 20_000, {"at": "now"})


def _mail(port: int, folder: Path, security: str, **more: object) -> MailChannel:
    ca = folder / "ca.pem" if security != "none" else None
    return MailChannel(
        ("ops@example.org", "b@example.org"), "nianbao@example.org", "127.0.0.1", port, security, ca_file=ca, **more
    )  # type: ignore[arg-type]


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_file_grows_by_one_line_each(tmp_path: Path) -> None:
    channel = FileChannel(tmp_path / "health.jsonl")
    channel.send(MESSAGE)
    channel.send(LONG)
    first, second = (tmp_path / "health.jsonl").read_text("utf-8").splitlines()
    assert (json.loads(first), json.loads(second)) == (MESSAGE.data, LONG.data)
    FileChannel(tmp_path / "health.log", "text").send(MESSAGE)
    assert (tmp_path / "health.log").read_text("utf-8") == f"now {MESSAGE.subject}\n{MESSAGE.text}\n\n"


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"health\.jsonl cannot be written"):
        FileChannel(tmp_path / "no folder" / "health.jsonl").send(MESSAGE)


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_mail_arrives(tmp_path: Path, security: str) -> None:
    with mail_server(security, tmp_path) as server:
        login = {"user": USER, "password": PASSWORD} if security != "none" else {}
        _mail(server.port, tmp_path, security, **login).send(MESSAGE)
    (mail,) = server.mails
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == "ops@example.org, b@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail.get_content().splitlines() == MESSAGE.text.splitlines()
    assert server.encrypted == [security != "none"]
    assert server.logins == ([(USER, PASSWORD)] if security != "none" else [])


def test_a_subject_of_foreign_text_is_one_header(tmp_path: Path) -> None:
    with mail_server("none", tmp_path) as server:
        _mail(server.port, tmp_path, "none").send(Message("年报库：a\r\nBcc: c@example.org", "x", {}))
    (mail,) = server.mails
    assert mail["Subject"] == "年报库：a Bcc: c@example.org"
    assert mail["Bcc"] is None


def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    with mail_server("starttls", tmp_path) as server, pytest.raises(DeliveryError) as raised:
        _mail(server.port, tmp_path, "starttls", user=USER, password="hunter2").send(MESSAGE)
    assert str(raised.value) == f"e-mail by 127.0.0.1:{server.port}: user name or password not accepted (535)"
    assert set(server.logins) == {(USER, "hunter2")}
    assert server.mails == []


def test_a_server_that_is_not_trusted_is_told_no_password(tmp_path: Path) -> None:
    with mail_server("starttls", tmp_path) as server:
        channel = MailChannel(("a@b.c",), "a@b.c", "127.0.0.1", server.port, "starttls", USER, PASSWORD)
        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
            channel.send(MESSAGE)
    assert server.logins == []


def test_without_starttls_on_the_other_side_nothing_is_sent(tmp_path: Path) -> None:
    with mail_server("none", tmp_path) as server:
        channel = MailChannel(("a@b.c",), "a@b.c", "127.0.0.1", server.port, "starttls")
        with pytest.raises(DeliveryError, match="STARTTLS"):
            channel.send(MESSAGE)
    assert server.mails == []


def test_a_mailbox_that_is_refused_is_named(tmp_path: Path) -> None:
    with mail_server("none", tmp_path) as server:
        server.refused = {"b@example.org"}
        with pytest.raises(DeliveryError, match=r"refused for b@example\.org$"):
            _mail(server.port, tmp_path, "none").send(MESSAGE)
        server.refused |= {"ops@example.org"}
        with pytest.raises(DeliveryError, match=r"refused for b@example\.org, ops@example\.org"):
            _mail(server.port, tmp_path, "none").send(MESSAGE)


def test_a_password_that_smtp_cannot_carry_is_one_line_without_it(tmp_path: Path) -> None:
    with mail_server("starttls", tmp_path) as server, pytest.raises(DeliveryError, match="characters") as raised:
        _mail(server.port, tmp_path, "starttls", user=USER, password="密码").send(MESSAGE)
    assert "密" not in str(raised.value)


def test_a_proxy_that_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "nonsense://x")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DeliveryError, match="ValueError"):
        WebhookChannel("http://127.0.0.1:9/x").send(MESSAGE)


def test_a_mail_server_that_is_away_is_one_line(tmp_path: Path) -> None:
    port = _closed_port()
    with pytest.raises(DeliveryError, match=rf"e-mail by 127.0.0.1:{port}: .*refused"):
        _mail(port, tmp_path, "none").send(MESSAGE)


def test_a_mail_server_that_says_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(DeliveryError, match="no answer within"):
            _mail(port, tmp_path, "none").send(MESSAGE)


# Webhooks --------------------------------------------------------------------------------


def test_a_webhook_gets_the_data() -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, proxy=False).send(MESSAGE)
    assert hook.posts == [("/hook/s3cret-token", {"key": ["s3cret-key"]}, {**MESSAGE.data, "text": MESSAGE.text})]


@pytest.mark.parametrize("kind", ["dingtalk", "wecom"])
def test_text_messages_of_the_chats(kind: str) -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, kind, proxy=False).send(MESSAGE)
    ((_path, query, body),) = hook.posts
    assert body == {"msgtype": "text", "text": {"content": f"{MESSAGE.subject}\n\n{MESSAGE.text}"}}
    assert query == {"key": ["s3cret-key"]}


def test_feishu_and_slack() -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, "feishu", proxy=False).send(MESSAGE)
        hook.answer = b"ok"
        WebhookChannel(hook.url, "slack", proxy=False).send(MESSAGE)
    words = f"{MESSAGE.subject}\n\n{MESSAGE.text}"
    assert [body for _path, _query, body in hook.posts] == [
        {"msg_type": "text", "content": {"text": words}},
        {"text": words},
    ]


def test_the_signature_of_dingtalk() -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, "dingtalk", "SEC123", proxy=False).send(MESSAGE)
    ((_path, query, _body),) = hook.posts
    moment = query["timestamp"][0]
    expected = base64.b64encode(hmac.new(b"SEC123", f"{moment}\nSEC123".encode(), "sha256").digest()).decode()
    assert query == {"key": ["s3cret-key"], "timestamp": [moment], "sign": [expected]}
    assert abs(int(moment) / 1000 - time.time()) < 60


def test_the_signature_of_feishu() -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, "feishu", "SEC123", proxy=False).send(MESSAGE)
    ((_path, _query, body),) = hook.posts
    expected = base64.b64encode(hmac.new(f"{body['timestamp']}\nSEC123".encode(), b"", "sha256").digest()).decode()
    assert body["sign"] == expected
    assert abs(int(body["timestamp"]) - time.time()) < 60


@pytest.mark.parametrize(
    ("kind", "most"), [("wecom", 2048), ("dingtalk", 20_000), ("feishu", 20_000), ("slack", 40_000)]
)
def test_long_messages_are_cut_to_what_is_taken(kind: str, most: int) -> None:
    with web_server() as hook:
        WebhookChannel(hook.url, kind, proxy=False).send(LONG)
    ((_path, _query, body),) = hook.posts
    text = body.get("text", body.get("content"))
    text = text if isinstance(text, str) else text.get("content", text.get("text"))
    assert most // 3 < len(text.encode()) <= most
    assert text.endswith("…")
    assert "\ufffd" not in text


@pytest.mark.parametrize(
    "answer", [b'{"errcode": 310000, "errmsg": "sign not match"}', b'{"code": 19021, "msg": "sign match fail"}']
)
def test_what_a_chat_does_not_take_is_a_failure(answer: bytes) -> None:
    with web_server() as hook:
        hook.answer = answer
        for kind in ("dingtalk", "wecom", "feishu"):
            with pytest.raises(DeliveryError, match=r"not taken: \d+ sign"):
                WebhookChannel(hook.url, kind, proxy=False).send(MESSAGE)


def test_a_chat_that_repeats_what_it_was_sent_gives_no_secret_away() -> None:
    with web_server() as hook:
        hook.answer = b'{"errcode": 1, "errmsg": "no robot key=s3cret-key /hook/s3cret-token SEC123"}'
        with pytest.raises(DeliveryError) as raised:
            WebhookChannel(hook.url, "dingtalk", "SEC123", proxy=False).send(MESSAGE)
    assert str(raised.value).endswith("not taken: 1 no robot … … …")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_status_is_a_failure_and_tells_no_secret(status: int) -> None:
    with web_server() as hook:
        hook.status, hook.location = status, f"http://127.0.0.1:{hook.port}/elsewhere"
        with pytest.raises(DeliveryError) as raised:
            WebhookChannel(hook.url, proxy=False).send(MESSAGE)
    assert str(raised.value) == f"webhook (json) at 127.0.0.1: answered {status}"
    assert len(hook.posts) == 1


def test_a_webhook_that_is_away_tells_no_secret() -> None:
    with pytest.raises(DeliveryError) as raised:
        WebhookChannel(f"http://127.0.0.1:{_closed_port()}/s3cret?key=s3cret", proxy=False).send(MESSAGE)
    assert "s3cret" not in str(raised.value)
    assert str(raised.value).startswith("webhook (json) at 127.0.0.1: ConnectError")


def test_the_proxy_of_the_environment_is_used_unless_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{_closed_port()}")
    monkeypatch.setenv("no_proxy", "")
    with web_server() as hook:
        with pytest.raises(DeliveryError, match="ConnectError"):
            WebhookChannel(hook.url).send(MESSAGE)
        WebhookChannel(hook.url, proxy=False).send(MESSAGE)
    assert len(hook.posts) == 1


def test_channels_do_not_show_their_secrets() -> None:
    mail = MailChannel(("a@b.c",), "a@b.c", "h", 25, "none", "u", "hunter2")
    hook = WebhookChannel("http://h/s3cret", "dingtalk", "SEC123")
    shown = f"{mail!r} {hook!r} {mail.key} {hook.key}"
    assert not any(secret in shown for secret in ("hunter2", "s3cret", "SEC123"))
