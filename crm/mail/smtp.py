"""Hands letters to a mail server and says what came of each. Nothing here raises for the server."""

from __future__ import annotations

import contextlib
import enum
import re
import smtplib
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"": 25, "starttls": 587, "tls": 465}
# A letter may take this many answers' time in all; a server that dribbles is cut off.
PATIENCE = 3
# Seconds after its last answer in which a line is taken to be there still.
_FRESH = 1.0
_GO_ON = 354
_CLOSING = 421
_NO_MAILBOX = frozenset({"550", "551", "553"})
# "550 5.1.1 no such user": the class and what it is about (RFC 3463).
_EXTENDED = re.compile(r"\d{3} 5\.(\d{1,3})\.")


@dataclass(frozen=True)
class Server:
    """A mail server as ``MAIL_URL`` names it."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = ""


class Outcome(enum.StrEnum):
    """What came of a letter: taken, refused for now, refused for good, or nobody knows.

    Nobody knows when the line broke between the letter's last line and the answer to it.
    """

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Delivery:
    """The outcome and the server's words; whether they say that there is no such mailbox."""

    outcome: Outcome
    reply: str
    no_such_address: bool = False


class _Refused(Exception):
    """The server's answer to a step was no."""

    def __init__(self, code: int, text: bytes, *, to_recipient: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.reply = _said(code, text)
        self.no_such_address = to_recipient and _names_no_mailbox(self.reply)


class _Unanswered(Exception):
    """The line broke when the letter was written to its last line: it may have been taken."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.reply = _words(cause)


def parse(url: str) -> Server:
    """Read ``smtp://user:password@host:port?tls=starttls``. Raises ValueError with the reason."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"MAIL_URL: {error}") from None
    asked = parse_qs(parts.query, keep_blank_values=True)
    tls = asked.pop("tls", [""])[0]
    if parts.scheme != "smtp" or not parts.hostname:
        raise ValueError("MAIL_URL must look like smtp://user:password@host:port?tls=starttls")
    # A slip of the pen must not send a password in the clear.
    if asked:
        raise ValueError(f"MAIL_URL knows tls alone, not {', '.join(asked)}")
    if tls not in _PORTS:
        raise ValueError(f"MAIL_URL: tls must be starttls or tls, not {tls!r}")
    return Server(
        host=parts.hostname,
        port=port or _PORTS[tls],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


class Postman:
    """Delivers letters over one connection, opened when it is needed and again after a mishap."""

    def __init__(self, server: Server, sender: str, timeout: float) -> None:
        self.server = server
        self.sender = sender
        self.timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._answered = 0.0

    def __enter__(self) -> Postman:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def deliver(self, mail: bytes, to_address: str) -> Delivery:
        """Hand over one letter, as it goes over the wire. What concerns the server rather than the
        letter is for now only.
        """
        watchdog = threading.Timer(self.timeout * PATIENCE, self._abort)
        watchdog.start()
        try:
            return self._deliver(mail, to_address)
        finally:
            watchdog.cancel()

    def reach(self) -> None:
        """Connect, greet and sign in; raises what a server may raise (``doctor`` says it)."""
        self._connect()

    def _deliver(self, mail: bytes, to_address: str) -> Delivery:
        try:
            reply = self._hand_over(self._begun(), mail, to_address)
        except _Refused as refused:
            self._close()
            outcome = Outcome.FAILED if refused.code >= 500 else Outcome.DEFERRED
            return Delivery(outcome, refused.reply, refused.no_such_address)
        except _Unanswered as unanswered:
            self._close()
            return Delivery(Outcome.UNCERTAIN, unanswered.reply)
        except UnicodeError:
            return Delivery(Outcome.FAILED, f"not an address: {to_address}")
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            return Delivery(Outcome.DEFERRED, _words(error))
        self._answered = time.monotonic()
        return Delivery(Outcome.SENT, reply)

    def _hand_over(self, smtp: smtplib.SMTP, mail: bytes, to_address: str) -> str:
        content = _dotted(mail)
        code, text = smtp.rcpt(to_address)
        if not 200 <= code < 300:
            raise _Refused(code, text, to_recipient=True)
        code, text = smtp.docmd("DATA")
        if code != _GO_ON:
            raise _Refused(code, text)
        smtp.send(content)
        # The letter's last line goes alone: before it nobody has taken anything, and only from here
        # to the answer is it unknown whether somebody has.
        try:
            smtp.send(b".\r\n")
            answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise _Unanswered(error) from error
        _expect(answer)
        return _said(*answer)

    def _begun(self) -> smtplib.SMTP:
        """A line on which a letter is begun. A server may hang up after any of them: what was left
        open from the one before is opened anew then, because nothing was said of this one.
        """
        again = self._smtp is not None
        smtp = self._connected()
        try:
            answer = smtp.mail(self.sender)
        except (smtplib.SMTPException, OSError):
            if not again:
                raise
        else:
            if not (again and answer[0] == _CLOSING):
                _expect(answer)
                return smtp
        self._close()
        smtp = self._connect()
        _expect(smtp.mail(self.sender))
        return smtp

    def _connected(self) -> smtplib.SMTP:
        idle = time.monotonic() - self._answered > _FRESH
        if self._smtp is not None and idle and not self._still_there(self._smtp):
            self._close()
        return self._smtp or self._connect()

    def _connect(self) -> smtplib.SMTP:
        server, trust = self.server, ssl.create_default_context()
        if server.tls == "tls":
            self._smtp = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self.timeout, context=trust
            )
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=self.timeout)
        if server.tls == "starttls":
            self._smtp.starttls(context=trust)
        if server.user:
            self._smtp.login(server.user, server.password)
        self._smtp.ehlo_or_helo_if_needed()
        if self._smtp.sock is not None:
            # The last line goes alone and is answered at once: nothing is gained by holding it back
            # until the server has said, a twenty-fifth of a second later, that it has the others.
            self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._smtp

    @staticmethod
    def _still_there(smtp: smtplib.SMTP) -> bool:
        try:
            return smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _abort(self) -> None:
        """Cut the line from another thread; the one that waits on it gets an error."""
        if self._smtp is not None and self._smtp.sock is not None:
            with contextlib.suppress(OSError):
                self._smtp.sock.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()


def _expect(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise _Refused(*answer)


def _dotted(content: bytes) -> bytes:
    """The letter as it goes over the line, without its last line (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"(?m)^\.", b"..", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _names_no_mailbox(reply: str) -> bool:
    """Whether a refusal is about the mailbox; a rule of the server (5.7) is about the sender."""
    extended = _EXTENDED.match(reply)
    return reply[:3] in _NO_MAILBOX and (extended is None or extended[1] == "1")


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {_bytes(text).decode(errors='replace')}".strip()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"
