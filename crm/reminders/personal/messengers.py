"""A person's robots in messengers: set up, tried out, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale, gettext

from crm import clock
from crm.config import Config
from crm.errors import Conflict, NotFound, Refusal
from crm.mail.letter import new_message_id
from crm.mail.robots import begins_with, token_of
from crm.messages import Message as Sentence
from crm.messages import msg
from crm.reminders.personal.queries import messengers_of
from crm.reminders.personal.rules import MESSENGERS
from crm.reminders.personal.service import by_mail_again, hold
from crm.reminders.personal.words import WAY_WORDS
from models import db
from models.enums import MessageState, Way
from models.message import DeliveryAttempt, Message
from models.messenger_address import MessengerAddress

TRIAL = "trial"
_SECRET_ROOM = 100
_SHOWN = 4


@dataclass(frozen=True)
class Robot:
    """A messenger as its person sees it: the end of the address alone, and how the last try went.

    ``masked`` is empty where no robot is set up.
    """

    way: Way
    begins: str
    masked: str = ""
    signed: bool = False
    refused: str | None = None
    tried_at: datetime | None = None
    trial: MessageState | None = None
    reply: str = ""


def robots_of(person_id: int) -> list[Robot]:
    """A person's messengers, those without a robot too (two statements)."""
    homes = _homes()
    kept = {one.messenger: one for one in messengers_of(person_id)}
    trials = _trials(person_id) if kept else {}
    found = []
    for way in MESSENGERS:
        begins = begins_with(way, homes)
        one, trial = kept.get(way), trials.get(way)
        if one is None:
            found.append(Robot(way, begins))
            continue
        # A try of an address that stood there before says nothing of this one.
        mine = trial is not None and trial.created_at >= one.created_at
        found.append(
            Robot(
                way,
                begins,
                masked=f"…{one.token[-_SHOWN:]}",
                signed=one.secret is not None,
                refused=one.reply,
                tried_at=trial.created_at if trial is not None and mine else None,
                trial=trial.state if trial is not None and mine else None,
                reply=trial.reply if trial is not None and mine else "",
            )
        )
    return found


def set_up(person_id: int, way: Way, address: str, secret: str, now: datetime) -> None:
    """Keep a robot's address, instead of the one before. Raises Refusal at the field."""
    hold(person_id)
    homes = _homes()
    token = token_of(way, address, homes)
    wrong: dict[str, Sentence] = {}
    if token is None:
        wrong["address"] = msg(
            "请粘贴%(way)s机器人的完整地址，以 %(begins)s 开头。",
            way=WAY_WORDS[way],
            begins=begins_with(way, homes),
        )
    if secret and not (secret.isascii() and secret.isalnum() and len(secret) <= _SECRET_ROOM):
        wrong["secret"] = msg("加签密钥只有字母和数字，请重新粘贴。")
    if wrong or token is None:
        raise Refusal({name: [said] for name, said in wrong.items()})
    one = _of(person_id, way)
    if one is None:
        one = MessengerAddress(person_id=person_id, messenger=way, token=token, created_at=now)
        db.session.add(one)
    one.token, one.secret = token, secret if secret and way is Way.DINGTALK else None
    one.created_at, one.refused_at, one.reply = now, None, None
    db.session.flush()


def take_away(person_id: int, way: Way) -> int:
    """Forget a robot; what went by it goes by mail. How many topics did. Raises NotFound."""
    hold(person_id)
    one = _of(person_id, way)
    if one is None:
        raise NotFound
    db.session.delete(one)
    return by_mail_again(person_id, way)


def try_out(person_id: int, way: Way, now: datetime) -> None:
    """Put a trial message into the outbox, one a minute at most. Raises NotFound and Conflict."""
    config: Config = current_app.extensions["crm.config"]
    person = hold(person_id)
    if _of(person_id, way) is None:
        raise NotFound
    period = f"{now.astimezone(clock.ZONE):%Y-%m-%dT%H:%M} {way.value}"
    same = sa.select(Message.id).where(
        Message.kind == TRIAL, Message.recipient_id == person_id, Message.period == period
    )
    if db.session.scalar(same) is not None:
        raise Conflict(msg("刚试发过一条，请过一分钟再试。"))
    with force_locale(person.locale or "zh_Hans_CN"):
        site = config.site_name_zh if person.locale != "en" else config.site_name_en
        text = gettext("【跟进提醒】这是%(site)s的试发消息，收到就说明地址填对了。", site=site)
    db.session.add(
        Message(
            message_id=new_message_id(config.mail_from),
            kind=TRIAL,
            way=way,
            recipient_id=person_id,
            period=period,
            to_address=way.value,
            subject=text[:255],
            text_body=text,
            html_body="",
            due_at=now,
            created_at=now,
        )
    )
    db.session.flush()


@dataclass(frozen=True)
class _Trial:
    created_at: datetime
    state: MessageState
    reply: str


def _trials(person_id: int) -> dict[Way, _Trial]:
    """The last try by each way, and what the messenger answered (one statement)."""
    last = sa.select(sa.func.max(Message.id)).where(
        Message.kind == TRIAL, Message.recipient_id == person_id
    )
    rows = db.session.execute(
        sa.select(Message.way, Message.created_at, Message.state, DeliveryAttempt.reply)
        .outerjoin(
            DeliveryAttempt,
            sa.and_(
                DeliveryAttempt.message_id == Message.id, DeliveryAttempt.number == Message.fence
            ),
        )
        .where(Message.id.in_(last.group_by(Message.way)))
    )
    return {row.way: _Trial(row.created_at, row.state, row.reply or "") for row in rows}


def _of(person_id: int, way: Way) -> MessengerAddress | None:
    return db.session.scalar(
        sa.select(MessengerAddress).where(
            MessengerAddress.person_id == person_id, MessengerAddress.messenger == way
        )
    )


def _homes() -> Mapping[str, str]:
    config: Config = current_app.extensions["crm.config"]
    return config.messengers
