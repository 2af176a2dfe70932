"""A mail server for the tests of this folder."""

from tests.mail.fixtures import mail_server

__all__ = ["mail_server"]
