"""A real mail server that keeps what it takes, by Message-ID, and refuses as told."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str], str | None]


class _Controller(Controller):
    """Listens on a socket that is bound already, so that no two tests want one port."""

    def __init__(self, handler: Any, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listening, self._tls = listening, tls
        host, port = listening.getsockname()
        super().__init__(handler, hostname=host, port=port, ready_timeout=60)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self._tls)

    def _trigger_server(self) -> None:
        """Ask it for a greeting; its certificate is nobody's."""
        if self._tls is None:
            super()._trigger_server()
            return
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 60.0) as line,
            trusting.wrap_socket(line) as wrapped,
        ):
            wrapped.recv(1024)


class MailServer:
    """Counts mails by Message-ID; ``refuse`` maps a step (rcpt, data, taken) to an answer."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._last: SMTP | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._controller = _Controller(self, self._socket, tls)

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take or refuse a recipient."""
        if answer := self._answer("rcpt", address):
            return self._cut(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take or refuse a mail; ``taken`` answers after the mail was kept."""
        if answer := self._answer("data", envelope.rcpt_tos[0]):
            return self._cut(server, answer)
        assert isinstance(envelope.content, bytes)
        with self._lock:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self._last = server
        if answer := self._answer("taken", envelope.rcpt_tos[0]):
            return self._cut(server, answer)
        return f"250 taken as number {len(self.mails)}"

    def _answer(self, step: str, address: str) -> str | None:
        answer = self.refuse.get(step)
        return answer(address) if answer else None

    def _cut(self, server: SMTP, answer: str) -> str:
        if answer == "close":
            server.transport.abort()
        return answer

    def hang_up(self) -> None:
        """Close the line on which the last mail came, and come back when it is closed."""
        asyncio.run_coroutine_threadsafe(self._hung_up(), self._controller.loop).result(5.0)

    async def _hung_up(self) -> None:
        assert self._last
        self._last.transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)

    @property
    def by_message_id(self) -> Counter[str]:
        """How often each mail arrived."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    @property
    def url(self) -> str:
        """What ``MAIL_URL`` is set to."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()


def always(answer: str) -> Answer:
    """The same answer for everybody."""
    return lambda _address: answer
