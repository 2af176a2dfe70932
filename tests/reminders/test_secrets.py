"""What stands in the database encrypted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import SendResult
from crm.reminders.plan import plan
from models.encrypted import decrypt, encrypt
from models.enums import Way
from models.messenger_address import MessengerAddress
from models.user import User
from tests.mail.fixtures import mail_server, receiver
from tests.mail.receivers import Receiver
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_personal import choose, robot, send, sending

__all__ = ["mail_server", "receiver", "sending"]


def test_an_address_is_stored_so_that_the_database_alone_does_not_give_it_away(
    leads: Leads, scout: User, session: Any, sending: Flask, receiver: Receiver
) -> None:
    kept = robot(session, scout, Way.WECOM)
    (stored,) = session.execute(sa.text("SELECT token FROM messenger_address")).one()
    assert kept.token not in stored
    assert decrypt(stored, str(sending.secret_key)) == kept.token
    assert decrypt(stored, "another key") is None
    assert decrypt(stored[:-6] + "AAAA==", str(sending.secret_key)) is None
    # What another key wrote is an address that nobody has: it is refused, and mail takes over.
    leads.make(age=61)
    choose(session, scout, cadence_by=Way.WECOM)
    lost = {"token": encrypt(kept.token, "another key")}
    session.execute(sa.text("UPDATE messenger_address SET token = :token"), lost)
    session.commit()
    plan(MORNING)
    queue_digests(MORNING)
    assert send(sending) == SendResult(0, 1, 0, 0)
    assert session.scalars(sa.select(MessengerAddress.refused_at)).one() is not None
