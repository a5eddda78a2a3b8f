"""The configuration: what it takes, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.health import Thresholds
from nianbao.notify.channels import FileChannel, MailChannel
from nianbao.notify.config import Config, find, parse
from nianbao.notify.errors import ConfigError
from nianbao.notify.webhook import WebhookChannel

MAIL = '[notify.mail]\nto = ["a@b.c"]\nhost = "h"\n'
HOOK = '[notify.webhook]\nurl = "http://10.0.0.7:8080/x"\n'


def _parse(text: str, folder: Path = Path(), **environment: str) -> Config:
    return parse(text, "nianbao.toml", folder, environment)


def test_a_full_file(tmp_path: Path) -> None:
    config = _parse(
        """
        [notify]
        language = "zh"
        remind_days = 3
        heartbeat_days = 30
        after_crawls = 2
        [[notify.file]]
        path = "health.jsonl"
        [[notify.file]]
        path = "/var/log/nianbao/health.log"
        format = "text"
        [notify.mail]
        to = ["a@example.org", "b@example.org"]
        from = "Nianbao <n@example.org>"
        host = "smtp.example.org"
        user = "n"
        [[notify.webhook]]
        url_env = "HOOK"
        kind = "dingtalk"
        secret_env = "HOOK_SECRET"
        [[notify.webhook]]
        url = "http://10.0.0.7:8080/x"
        proxy = false
        [monitors]
        drop = 0.7
        stale_days = 3
        """,
        tmp_path,
        HOOK="https://oapi.example/robot/send?access_token=1",
        HOOK_SECRET="SEC",
        NIANBAO_SMTP_PASSWORD="hunter2",
    )
    assert config.channels == (
        FileChannel(tmp_path / "health.jsonl"),
        FileChannel(Path("/var/log/nianbao/health.log"), "text"),
        MailChannel(
            ("a@example.org", "b@example.org"),
            "Nianbao <n@example.org>",
            "smtp.example.org",
            587,
            "starttls",
            "n",
            "hunter2",
        ),
        WebhookChannel("https://oapi.example/robot/send?access_token=1", "dingtalk", "SEC"),
        WebhookChannel("http://10.0.0.7:8080/x", "json", None, proxy=False),
    )
    assert (config.language, config.remind_days, config.heartbeat_days, config.after_crawls) == ("zh", 3, 30, 2)
    assert config.thresholds == Thresholds(drop=0.7, stale_days=3)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_security_has_its_port(security: str, port: int) -> None:
    (channel,) = _parse(MAIL + f'security = "{security}"\n').channels
    assert isinstance(channel, MailChannel)
    assert (channel.port, channel.sender) == (port, "a@b.c")


def test_passwords_come_from_a_file_a_variable_or_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("hunter2\n")
    user = MAIL + 'user = "u"\n'
    for text, environment in (
        (user + f'password_file = "{tmp_path}/smtp"', {}),
        (user + 'password_file = "$CREDENTIALS_DIRECTORY/smtp"', {"CREDENTIALS_DIRECTORY": str(tmp_path)}),
        (user + 'password_env = "SMTP"', {"SMTP": "hunter2"}),
        (user + 'password = "hunter2"', {}),
        (user, {"NIANBAO_SMTP_PASSWORD": "hunter2"}),
    ):
        (channel,) = _parse(text, **environment).channels
        assert isinstance(channel, MailChannel)
        assert channel.password == "hunter2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("notify = 3", ["[notify]", "table"]),
        ("[notify", ["not valid TOML"]),
        ("[tell]", ["tell", "[notify]"]),
        ("[notify]\nmial = 3", ["mial", "mail"]),
        ('[notify]\nlanguage = "de"', ["language", "zh"]),
        ("[notify]\nremind_days = 0", ["remind_days"]),
        ("[notify]\nheartbeat_days = true", ["heartbeat_days"]),
        ("[notify.file]", ["path"]),
        ('[notify.file]\npath = "a"\nformat = "xml"', ["format", "jsonl"]),
        ('[notify.mail]\nhost = "h"', ["needs to"]),
        ('[notify.mail]\nto = ["ab"]\nhost = "h"', ["addresses"]),
        ('[notify.mail]\nto = ["a@b\\nBcc: c@d"]\nhost = "h"', ["addresses"]),
        ('[notify.mail]\nto = "a@b.c"\nhost = "h"', ["to must be a list"]),
        (MAIL + 'from = "a@b.c\\nBcc: d@e.f"', ["from", "address"]),
        (MAIL + 'security = "ssl3"', ["starttls", "tls"]),
        (MAIL + 'user = "u"', ["NIANBAO_SMTP_PASSWORD"]),
        (MAIL + 'user = "u"\npassword = "hunter2"\nsecurity = "none"', ["password", "starttls"]),
        (MAIL + 'user = "u"\npassword_env = "NO"', ["NO is not set"]),
        (MAIL + 'user = "u"\npassword_file = "no/such"', ["no/such", "cannot be read"]),
        ("[notify.webhook]", ["url"]),
        ('[notify.webhook]\nurl_env = "NO"', ["NO"]),
        ('[notify.webhook]\nurl = "ftp://a/b"', ["http"]),
        ('[notify.webhook]\nurl = "http://a:99999999/b"', ["http"]),
        (HOOK + 'kind = "msn"', ["dingtalk", "wecom", "feishu", "slack"]),
        (HOOK + 'secret_env = "NO"', ["NO is not set"]),
        ("[monitors]\ndorp = 0.5", ["dorp", "drop"]),
        ('[monitors]\ndrop = "half"', ["drop", "number"]),
        ("[monitors]\nfewest = 2.5", ["fewest", "whole"]),
        ("[monitors]\nfewest = -1", ["fewest"]),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        _parse(text)
    message = str(raised.value)
    assert message.startswith("nianbao.toml: ")
    assert "\n" not in message
    assert "hunter2" not in message
    assert [word for word in told if word not in message] == []


def test_the_file_beside_the_archive_is_found(tmp_path: Path) -> None:
    assert find(None, tmp_path / "archive.db") == Config()
    (tmp_path / "nianbao.toml").write_text('[notify]\nlanguage = "zh"')
    assert find(None, tmp_path / "archive.db").language == "zh"
    (tmp_path / "other.toml").write_text("")
    assert find(tmp_path / "other.toml", tmp_path / "archive.db").language == "en"
    with pytest.raises(ConfigError, match=r"no\.toml: cannot be read"):
        find(tmp_path / "no.toml", tmp_path / "archive.db")
