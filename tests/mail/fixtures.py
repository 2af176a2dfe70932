"""The mail server of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mail.servers import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server on a port of its own."""
    server = MailServer()
    server.start()
    yield server
    server.stop()
