"""What colleagues say to one another on a lead."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.lead import Lead
from models.user import User


class Comment(Model):
    """A comment (评论). What was removed keeps its place as a tombstone and can be put back."""

    __tablename__ = "comment"
    __table_args__ = (sa.Index("ix_comment_lead_created", "lead_id", "created_at"),)
    audit_subject = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = ref("lead.id")
    author_id: Mapped[int] = ref("user_account.id")
    text: Mapped[str] = mapped_column(sa.String(2000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    lead: Mapped[Lead] = link()
    author: Mapped[User] = link()
    mentions: Mapped[list[Mention]] = link(back_populates="comment", order_by="Mention.user_id")


class Mention(Model):
    """Somebody whom a comment names, told once: ``seen_at`` is when they opened it or waved it off.

    No record of the trail: the comment is, and whom it names does not change afterwards.
    """

    __tablename__ = "mention"
    __table_args__ = (
        # What is still unseen, by person.
        sa.Index("ix_mention_user_seen", "user_id", "seen_at", "comment_id"),
    )

    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comment.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    comment: Mapped[Comment] = link(back_populates="mentions")
    user: Mapped[User] = link()
