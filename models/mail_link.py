"""Links of mails that were used: each has its effect once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref


class UsedLink(Model):
    """A link of a mail that had its effect; ``digest`` is of the signed word in its address."""

    __tablename__ = "used_link"
    __table_args__ = (sa.Index("ix_used_link_used_at", "used_at"),)

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = ref("user_account.id")
    used_at: Mapped[datetime] = mapped_column(UTCDateTime)
