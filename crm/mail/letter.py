"""A mail as it goes over the wire."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

from icalendar import Calendar


@dataclass(frozen=True)
class Letter:
    """What is sent to whom; ``message_id`` was fixed when the letter was written.

    ``calendar``: an entry for the reader's calendar (iCalendar with its METHOD), or None.
    """

    message_id: str
    to_address: str
    subject: str
    text: str
    html: str
    written_at: datetime
    calendar: str | None = None


def new_message_id(mail_from: str) -> str:
    """A Message-ID of its own, in the sender's domain."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<{secrets.token_hex(16)}@{domain}>"


def sender_address(mail_from: str) -> str:
    """The bare address of ``MAIL_FROM``, which may carry a name."""
    return parseaddr(mail_from)[1]


def compose(letter: Letter, *, mail_from: str, sender_name: str) -> EmailMessage:
    """The mail with its text twin; sent again it is the same mail, so that nobody sees two."""
    name, address = parseaddr(mail_from)
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = letter.message_id
    mail["Date"] = format_datetime(letter.written_at)
    mail["From"] = formataddr((name or sender_name, address))
    mail["To"] = letter.to_address
    mail["Subject"] = letter.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    if letter.calendar:
        # Calendars read the method from the header of the part (RFC 6047).
        method = str(Calendar.from_ical(letter.calendar)["METHOD"])
        mail.add_alternative(letter.calendar, subtype="calendar", params={"method": method})
    return mail
