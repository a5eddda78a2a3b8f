"""The configuration: who is told, by which way, and from where on the monitors speak."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, cast
from urllib.parse import urlsplit

from archive import reasons
from archive.health import Thresholds
from nianbao.notify.channels import Channel, FileChannel, MailChannel
from nianbao.notify.errors import ConfigError
from nianbao.notify.webhook import KINDS, WebhookChannel

FILE_NAME = "nianbao.toml"
PASSWORD_VARIABLE = "NIANBAO_SMTP_PASSWORD"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_KEYS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "notify": {
        "language": str,
        "remind_days": int,
        "heartbeat_days": int,
        "after_crawls": int,
        "file": list,
        "mail": list,
        "webhook": list,
    },
    "notify.file": {"path": str, "format": str},
    "notify.mail": {
        "to": list,
        "from": str,
        "host": str,
        "port": int,
        "security": str,
        "user": str,
        "password": str,
        "password_env": str,
        "password_file": str,
        "ca_file": str,
    },
    "notify.webhook": {
        "url": str,
        "url_env": str,
        "kind": str,
        "secret": str,
        "secret_env": str,
        "proxy": bool,
    },
}


@dataclass(frozen=True, slots=True)
class Config:
    """What stands in the file: channels, language, and after how many days something is said again.

    ``remind_days`` repeat a failure that lasts, ``heartbeat_days`` say that all is well (None: never);
    a portal is told of when ``after_crawls`` in a row fell short.
    """

    channels: tuple[Channel, ...] = ()
    language: reasons.Language = "en"
    remind_days: int = 7
    heartbeat_days: int | None = None
    after_crawls: int = 1
    thresholds: Thresholds = field(default_factory=Thresholds)


def find(path: Path | None, archive_path: Path) -> Config:
    """The configuration at ``path``, else ``nianbao.toml`` beside the archive, else that of no file.

    Raises :class:`ConfigError`.
    """
    if path is None:
        path = archive_path.parent / FILE_NAME
        if not path.is_file():
            return Config()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read ({why}); give the path of a TOML file") from error
    return parse(text, str(path), path.parent, os.environ)


def parse(text: str, source: str, folder: Path, environment: Mapping[str, str]) -> Config:
    """Read the TOML ``text``; ``source`` names it in messages, relative paths begin at ``folder``.

    Raises :class:`ConfigError`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from error
    for key in data:
        if key not in ("notify", "monitors"):
            raise ConfigError(f"{source}: unknown table “{key}”; known are [notify] and [monitors]")
    notify = _checked(_listed(data.get("notify", {})), "notify", source)
    language = notify.get("language", "en")
    if language not in ("en", "zh"):
        raise ConfigError(f'{source}: [notify] language must be "en" or "zh"')
    for key in ("remind_days", "heartbeat_days", "after_crawls"):
        if notify.get(key, 1) < 1:
            raise ConfigError(f"{source}: [notify] {key} must be 1 or more")
    channels: list[Channel] = []
    channels += [_file(entry, source, folder) for entry in notify.get("file", [])]
    channels += [_mail(entry, source, folder, environment) for entry in notify.get("mail", [])]
    channels += [_webhook(entry, source, environment) for entry in notify.get("webhook", [])]
    return Config(
        channels=tuple(channels),
        language=cast("reasons.Language", language),
        remind_days=notify.get("remind_days", 7),
        heartbeat_days=notify.get("heartbeat_days"),
        after_crawls=notify.get("after_crawls", 1),
        thresholds=_thresholds(data.get("monitors", {}), source),
    )


def _listed(notify: object) -> object:
    """One [notify.mail] is as good as a list of one [[notify.mail]]."""
    if not isinstance(notify, dict):
        return notify
    single = {key: [value] for key, value in notify.items() if isinstance(value, dict)}
    return {**notify, **single}


def _checked(entry: object, table: str, source: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ConfigError(f"{source}: [{table}] must be a table")
    known = _KEYS[table]
    for key, value in entry.items():
        if key not in known:
            raise ConfigError(f"{source}: [{table}] has no key “{key}”; known are: {', '.join(sorted(known))}")
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            kind = known[key]
            name = kind.__name__ if isinstance(kind, type) else "value"
            raise ConfigError(f"{source}: [{table}] {key} must be a {name}")
    return entry


def _file(entry: object, source: str, folder: Path) -> FileChannel:
    values = _checked(entry, "notify.file", source)
    form = values.get("format", "jsonl")
    if not values.get("path"):
        raise ConfigError(f"{source}: [notify.file] needs a path")
    if form not in ("jsonl", "text"):
        raise ConfigError(f'{source}: [notify.file] format must be "jsonl" or "text"')
    return FileChannel(folder / values["path"], form)


def _mail(entry: object, source: str, folder: Path, environment: Mapping[str, str]) -> MailChannel:
    values = _checked(entry, "notify.mail", source)
    for key in ("to", "host"):
        if not values.get(key):
            raise ConfigError(f"{source}: [notify.mail] needs {key}")
    if not all(isinstance(address, str) and "@" in address and address.isprintable() for address in values["to"]):
        raise ConfigError(f'{source}: [notify.mail] to must be addresses, such as ["ops@example.org"]')
    sender = values.get("from") or values["to"][0]
    if "@" not in sender or not sender.isprintable():
        raise ConfigError(f'{source}: [notify.mail] from must be an address, such as "nianbao@example.org"')
    security = values.get("security", "starttls")
    if security not in _PORTS:
        raise ConfigError(f"{source}: [notify.mail] security must be one of {', '.join(_PORTS)}")
    password = _secret(values, "password", source, "notify.mail", folder, environment)
    if values.get("user") and password is None:
        raise ConfigError(
            f"{source}: [notify.mail] user needs a password: set {PASSWORD_VARIABLE}, or name password_file"
        )
    if values.get("user") and security == "none" and values["host"] not in _LOOPBACK:
        raise ConfigError(f'{source}: [notify.mail] a password goes over the network only with "starttls" or "tls"')
    return MailChannel(
        to=tuple(values["to"]),
        sender=sender,
        host=values["host"],
        port=values.get("port", _PORTS[security]),
        security=security,
        user=values.get("user"),
        password=password,
        ca_file=folder / values["ca_file"] if values.get("ca_file") else None,
    )


def _webhook(entry: object, source: str, environment: Mapping[str, str]) -> WebhookChannel:
    values = _checked(entry, "notify.webhook", source)
    url = values.get("url") or environment.get(values.get("url_env") or "", "")
    if not url:
        where = f"the environment variable {values['url_env']}" if values.get("url_env") else "url or url_env"
        raise ConfigError(f"{source}: [notify.webhook] needs {where}")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(f"{source}: [notify.webhook] url must begin with http:// or https://")
    kind = values.get("kind", "json")
    if kind not in KINDS:
        raise ConfigError(f"{source}: [notify.webhook] kind must be one of {', '.join(KINDS)}")
    secret = values.get("secret")
    if name := values.get("secret_env"):
        secret = environment.get(name)
        if not secret:
            raise ConfigError(f"{source}: [notify.webhook] the environment variable {name} is not set")
    return WebhookChannel(url, kind, secret, values.get("proxy", True))


def _secret(
    values: Mapping[str, Any], key: str, source: str, table: str, folder: Path, environment: Mapping[str, str]
) -> str | None:
    if named := values.get(f"{key}_file"):
        file = Template(str(named)).safe_substitute(environment)
        try:
            return (folder / file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigError(f"{source}: [{table}] {key}_file {file} cannot be read ({why})") from error
    if name := values.get(f"{key}_env"):
        if name not in environment:
            raise ConfigError(f"{source}: [{table}] the environment variable {name} is not set")
        return environment[name]
    return values.get(key) or environment.get(PASSWORD_VARIABLE)


def _thresholds(entry: object, source: str) -> Thresholds:
    if not isinstance(entry, dict):
        raise ConfigError(f"{source}: [monitors] must be a table")
    known = {field.name: type(getattr(Thresholds(), field.name)) for field in dataclasses.fields(Thresholds)}
    for key, value in entry.items():
        if key not in known:
            raise ConfigError(f"{source}: [monitors] has no key “{key}”; known are: {', '.join(known)}")
        right = isinstance(value, int) or (known[key] is float and isinstance(value, float))
        if not right or isinstance(value, bool) or value < 0:
            number = "a whole number" if known[key] is int else "a number"
            raise ConfigError(f"{source}: [monitors] {key} must be {number}, 0 or more")
    return Thresholds(**entry)
