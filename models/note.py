"""What a team wrote down of a lead before this program kept it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, ref
from models.user import User


class Note(Model):
    """A note (进展记录) out of a ledger: said by whom and when as the ledger has it.

    ``author_name`` stands as it was written; ``author_id`` where it is exactly one account's name.
    ``occurred_at`` is null where the ledger gives no day. ``key`` names the note within its lead,
    so that the same ledger brings it once. It is history itself: nobody edits it.
    """

    __tablename__ = "note"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "key"),
        sa.Index("ix_note_lead_occurred", "lead_id", "occurred_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = ref("lead.id")
    key: Mapped[str] = mapped_column(sa.String(64))
    heading: Mapped[str] = mapped_column(sa.String(64), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    author_name: Mapped[str] = mapped_column(sa.String(64), default="")
    author_id: Mapped[int | None] = ref("user_account.id", index=True)
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)

    author: Mapped[User | None] = link()
