"""Where a person reads messages that are no mail: a robot in WeCom, DingTalk or Feishu."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref, str_enum
from models.encrypted import Encrypted
from models.enums import Way


class MessengerAddress(Model):
    """A robot that a person set up. Who knows its ``token`` can write there: no page, trail, log or
    copy of the database shows it.

    ``secret`` signs what goes to a robot of DingTalk that asks for it. ``reply`` is what the
    messenger said when it refused the address (``refused_at``): from then on mail is the way.
    """

    __tablename__ = "messenger_address"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "messenger"),
        sa.CheckConstraint("messenger NOT IN ('mail', 'app')", name="messenger"),
        sa.CheckConstraint("(refused_at IS NULL) = (reply IS NULL)", name="refused"),
    )
    audit_subject = "messenger_address"
    audit_omit = frozenset({"token", "secret", "reply"})

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = ref("user_account.id")
    messenger: Mapped[Way] = mapped_column(str_enum(Way))
    token: Mapped[str] = mapped_column(Encrypted(512))
    secret: Mapped[str | None] = mapped_column(Encrypted(512))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reply: Mapped[str | None] = mapped_column(sa.String(500))
