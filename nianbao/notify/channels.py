"""The ways by which a message goes: to a file and by e-mail. Webhooks stand in their own module."""

from __future__ import annotations

import hashlib
import json
import smtplib
import ssl
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from nianbao.notify.errors import DeliveryError
from nianbao.notify.message import Message

_SECONDS = 30


class Channel(ABC):
    """A way to somebody."""

    @property
    @abstractmethod
    def key(self) -> str:
        """One for this channel and no other, the same in every run; tells no secret."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Deliver ``message``. Raises :class:`DeliveryError`."""


@dataclass(frozen=True, slots=True)
class FileChannel(Channel):
    """Appends to a file: one JSON object a line (``jsonl``), or text."""

    path: Path
    format: str = "jsonl"

    @property
    def key(self) -> str:
        """One for each file."""
        return f"file:{self.path}"

    def send(self, message: Message) -> None:
        """Append ``message``."""
        if self.format == "jsonl":
            line = json.dumps(message.data, ensure_ascii=False)
        else:
            line = f"{message.data['at']} {message.subject}\n{message.text}\n"
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise DeliveryError(f"the file {self.path} cannot be written ({error.strerror})") from error


@dataclass(frozen=True, slots=True)
class MailChannel(Channel):
    """Sends e-mail through one SMTP server, by STARTTLS, TLS from the start, or in the clear (``none``)."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def key(self) -> str:
        """One for each group of addresses."""
        return f"mail:{digest(','.join(self.to))}"

    def send(self, message: Message) -> None:
        """Send ``message`` to all addresses."""
        mail = EmailMessage()
        mail["Subject"] = " ".join(message.subject.split())
        mail["From"], mail["To"] = self.sender, ", ".join(self.to)
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2].strip("> ") or None)
        # Mailers that answer by machine leave such messages alone.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        try:
            with self._connected() as server:
                refused = server.send_message(mail)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(f"e-mail by {self.host}:{self.port}: {_cause(error)}") from error
        if refused:
            raise DeliveryError(f"e-mail by {self.host}:{self.port}: refused for {', '.join(sorted(refused))}")

    def _connected(self) -> smtplib.SMTP:
        if self.security == "none":
            server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        else:
            context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
            if self.security == "tls":
                server = smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user and self.password is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def digest(text: str) -> str:
    """A short name for ``text`` that does not tell it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _cause(error: Exception) -> str:
    """The cause in words; what the server answered to a login is left out, it may repeat what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"user name or password not accepted ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"refused for {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
        return f"{error.smtp_code} {' '.join(text.split())[:200]}"
    if isinstance(error, UnicodeError):
        return "an address, user name or password has characters that the server does not take"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"no answer within {_SECONDS} seconds"
    return " ".join(str(error).split())[:200] or type(error).__name__
