"""A mail as it goes over the wire."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

import css_inline
from icalendar import Calendar


@dataclass(frozen=True)
class Letter:
    """What is sent to whom; ``message_id`` was fixed when the letter was written.

    ``thread_id``: what all mails about one matter refer to. ``settings_url``: where its reader
    chooses what they get. ``calendar``: an entry for the reader's calendar (iCalendar with its
    METHOD), or None.
    """

    message_id: str
    to_address: str
    subject: str
    text: str
    html: str
    written_at: datetime
    calendar: str | None = None
    thread_id: str | None = None
    settings_url: str | None = None


def new_message_id(mail_from: str) -> str:
    """A Message-ID of its own, in the sender's domain."""
    return fixed_id(secrets.token_hex(16), mail_from)


def fixed_id(name: str, mail_from: str) -> str:
    """A Message-ID that is always the same for that name, in the sender's domain."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<{name}@{domain}>"


def sender_address(mail_from: str) -> str:
    """The bare address of ``MAIL_FROM``, which may carry a name."""
    return parseaddr(mail_from)[1]


def inlined(html: str) -> str:
    """A page with its styles at each element, as mail clients read them; what holds in the dark
    alone stays above.
    """
    return css_inline.inline(html, keep_at_rules=True)


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
    if letter.thread_id:
        mail["In-Reply-To"] = mail["References"] = letter.thread_id
    if letter.settings_url:
        mail["List-Unsubscribe"] = f"<{letter.settings_url}>"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    if letter.calendar:
        # Calendars read the method from the header of the part (RFC 6047).
        method = str(Calendar.from_ical(letter.calendar)["METHOD"])
        mail.add_alternative(letter.calendar, subtype="calendar", params={"method": method})
    return mail
