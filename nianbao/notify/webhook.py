"""Webhooks: a JSON object posted to an address, in the form that its receiver takes."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from nianbao.notify.channels import Channel, digest
from nianbao.notify.errors import DeliveryError
from nianbao.notify.message import Message

_SECONDS = 20
_WECOM_BYTES = 2000
_CHAT_BYTES = 15_000


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def _words(message: Message, most: int) -> str:
    """Subject and text, cut to ``most`` bytes of UTF-8."""
    whole = f"{message.subject}\n\n{message.text}".encode()
    if len(whole) <= most:
        return whole.decode()
    return whole[: most - 3].decode("utf-8", "ignore") + "…"


def _json(message: Message, secret: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    return {**message.data, "text": message.text}, {}


def _slack(message: Message, secret: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    return {"text": _words(message, _CHAT_BYTES)}, {}


def _dingtalk(message: Message, secret: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    query = {}
    if secret:
        # Milliseconds and the secret are signed with the secret; both go into the address.
        moment = str(round(time.time() * 1000))
        query = {"timestamp": moment, "sign": _sign(secret, f"{moment}\n{secret}")}
    return {"msgtype": "text", "text": {"content": _words(message, _CHAT_BYTES)}}, query


def _wecom(message: Message, secret: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    return {"msgtype": "text", "text": {"content": _words(message, _WECOM_BYTES)}}, {}


def _feishu(message: Message, secret: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": _words(message, _CHAT_BYTES)}}
    if secret:
        # Unlike 钉钉: seconds and secret are the key, and nothing is signed with it.
        moment = str(int(time.time()))
        body |= {"timestamp": moment, "sign": _sign(f"{moment}\n{secret}", "")}
    return body, {}


KINDS: dict[str, Callable[[Message, str | None], tuple[dict[str, Any], dict[str, str]]]] = {
    "json": _json,
    "dingtalk": _dingtalk,
    "wecom": _wecom,
    "feishu": _feishu,
    "slack": _slack,
}
# What the chats answer inside of status 200 when they did not take a message.
_CODES = ("errcode", "code", "StatusCode")


@dataclass(frozen=True, slots=True)
class WebhookChannel(Channel):
    """Posts to ``url``, which the operator chose and which may be private.

    ``kind`` is one of :data:`KINDS`; ``secret`` signs messages to 钉钉 and 飞书. Without ``proxy`` the
    address is asked directly, whatever http_proxy says. The address itself is a secret: only its host
    is ever told.
    """

    url: str = field(repr=False)
    kind: str = "json"
    secret: str | None = field(default=None, repr=False)
    proxy: bool = True

    @property
    def key(self) -> str:
        """One for each address."""
        return f"webhook:{self.kind}:{digest(self.url)}"

    def send(self, message: Message) -> None:
        """Post ``message``; redirects are not followed."""
        body, query = KINDS[self.kind](message, self.secret)
        where = f"webhook ({self.kind}) at {urlsplit(self.url).hostname}"
        try:
            url = httpx.URL(self.url).copy_merge_params(query)
            response = httpx.post(url, json=body, timeout=_SECONDS, trust_env=self.proxy)
        except httpx.TimeoutException as error:
            raise DeliveryError(f"{where}: no answer within {_SECONDS} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise DeliveryError(f"{where}: {type(error).__name__}: {self._safe(str(error))}") from error
        if not response.is_success:
            raise DeliveryError(f"{where}: answered {response.status_code}")
        if self.kind not in ("json", "slack") and (refusal := _refusal(response)):
            raise DeliveryError(f"{where}: {self._safe(refusal)}")

    def _safe(self, text: str) -> str:
        for secret in (self.url, urlsplit(self.url).path, urlsplit(self.url).query, self.secret):
            text = text.replace(secret, "…") if secret and len(secret) > 1 else text
        return " ".join(text.split())[:200]


def _refusal(response: httpx.Response) -> str | None:
    try:
        answer = response.json()
    except ValueError:
        return "the answer is no JSON; is the kind right?"
    if not isinstance(answer, dict):
        return "the answer is of another kind"
    code = next((answer[name] for name in _CODES if name in answer), 0)
    said = answer.get("errmsg") or answer.get("msg") or answer.get("StatusMessage") or ""
    return None if code == 0 else f"not taken: {code} {said}"
