"""E-mail by SMTP: one message to all receivers, encoded as mail programs expect it."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate

from gwf.core.errors import ErrorClass, UnavailableError
from gwf.core.settings.channels import ChannelSettings
from gwf.core.text import one_line
from gwf.tasks.actions.notify import Notice, Receipt

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_WORDS = {"info": "", "warn": "[WARN] ", "crit": "[CRIT] "}


class MailChannel:
    """See gwf.tasks.actions.notify.Channel."""

    def __init__(self, settings: ChannelSettings, *, tls: ssl.SSLContext, threads: ThreadPoolExecutor) -> None:
        """Send by the server of the settings, which are complete."""
        self._settings = settings
        self._tls = tls
        self._threads = threads

    async def send(self, notice: Notice, *, idempotency_key: str) -> Receipt:
        """See the port. The key is the Message-ID: servers and programs show a message that comes twice once."""
        message = self.message(notice, idempotency_key)
        await asyncio.get_running_loop().run_in_executor(self._threads, lambda: self._deliver(message))
        return Receipt(message_id=str(message["Message-ID"]))

    async def health_check(self) -> str:
        """See the port: the server is asked, and logged in to; nobody is told anything."""

        def look() -> str:
            try:
                with self._server() as server:
                    server.noop()
            except (OSError, smtplib.SMTPException, UnavailableError) as exc:
                return one_line(str(exc))
            return ""

        return await asyncio.get_running_loop().run_in_executor(self._threads, look)

    def message(self, notice: Notice, key: str) -> EmailMessage:
        """Return the mail of a notice."""
        settings = self._settings
        mail = EmailMessage()
        mail["From"] = settings.sender or ""
        mail["To"] = ", ".join(dict.fromkeys([*settings.to, *notice.emails]))
        mail["Subject"] = _WORDS[notice.severity] + one_line(notice.title)
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = f"<{''.join(char if char.isalnum() else '-' for char in key)}@gwf>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(notice.text or notice.title)
        return mail

    def _deliver(self, mail: EmailMessage) -> None:
        try:
            with self._server() as server:
                refused = server.send_message(mail)
        except smtplib.SMTPAuthenticationError as exc:
            raise _failed(exc, ErrorClass.AUTH, retryable=False) from exc
        except smtplib.SMTPNotSupportedError as exc:
            raise _failed(exc, ErrorClass.CONFIG, retryable=False) from exc
        except smtplib.SMTPRecipientsRefused as exc:
            again = all(400 <= code < 500 for code, _ in exc.recipients.values())
            raise _failed(exc, ErrorClass.CONFIG, retryable=again) from exc
        except smtplib.SMTPResponseException as exc:
            again = 400 <= exc.smtp_code < 500
            kind = ErrorClass.SERVER if again else ErrorClass.CONFIG
            raise _failed(exc, kind, retryable=again) from exc
        except TimeoutError as exc:
            raise _failed(exc, ErrorClass.TIMEOUT, retryable=True) from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise _failed(exc, ErrorClass.NETWORK, retryable=True) from exc
        if refused:
            raise UnavailableError(
                "the server refused some receivers", refused=", ".join(sorted(refused)), error_class=ErrorClass.CONFIG,
                retryable=False,
            )  # fmt: skip

    @contextmanager
    def _server(self) -> Generator[smtplib.SMTP]:
        settings = self._settings
        host, port = settings.host or "", settings.port or _PORTS[settings.tls]
        timeout_s = settings.timeout
        if settings.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=self._tls)
        else:
            server = smtplib.SMTP(host, port, timeout=timeout_s)
        try:
            if settings.tls == "starttls":
                server.starttls(context=self._tls)
            if settings.user is not None and settings.password is not None:
                server.login(settings.user, settings.password.get_secret_value())
            yield server
        finally:
            with _quietly():
                server.quit()
            server.close()


@contextmanager
def _quietly() -> Generator[None]:
    """Pass over a server that does not say goodbye: it took the message before."""
    try:
        yield
    except (TimeoutError, OSError, smtplib.SMTPException):
        return


def _failed(exc: Exception, kind: ErrorClass, *, retryable: bool) -> UnavailableError:
    return UnavailableError(
        "the mail was not taken", reason=one_line(str(exc))[:300], error_class=kind, retryable=retryable
    )
