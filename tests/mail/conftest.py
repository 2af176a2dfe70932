"""A mail server for the tests of this folder."""

from tests.mail.fixtures import mail_server, receiver

__all__ = ["mail_server", "receiver"]
