"""The mail server and the messengers of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mail.receivers import Receiver
from tests.mail.servers import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server on a port of its own."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server that stands for a messenger."""
    made = Receiver()
    made.start()
    yield made
    made.stop()
