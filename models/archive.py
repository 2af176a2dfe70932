"""What somebody put away and can still be brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Attachment
from models.base import Model, UTCDateTime, link, public_id, ref
from models.comment import Comment
from models.company import Company
from models.contact import Contact
from models.event import Event
from models.lead import Lead
from models.saved_view import SavedView
from models.user import User
from models.visit import Visit

REASON_LENGTH = 400
# The columns of which exactly one says what lies there.
SUBJECTS = ("lead", "visit", "contact", "company", "comment", "attachment", "view", "event")


class ArchiveEntry(Model):
    """A record that lies in the trash (回收站): who put it there, when and why.

    The row is there as long as the record lies there; the trail keeps that it was. Its key is what
    every query of leads, visits, contacts and companies leaves out (``crm.access.archive``).
    """

    __tablename__ = "archive_entry"
    __table_args__ = (
        sa.Index("ix_archive_entry_archived", "archived_at", "id"),
        sa.CheckConstraint(
            " + ".join(f"(CASE WHEN {one}_id IS NULL THEN 0 ELSE 1 END)" for one in SUBJECTS)
            + " = 1",
            name="exactly_one",
        ),
    )
    audit_subject = "archive_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lead.id"), unique=True)
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"), unique=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"), unique=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), unique=True)
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"), unique=True)
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attachment.id"), unique=True)
    view_id: Mapped[int | None] = mapped_column(sa.ForeignKey("saved_view.id"), unique=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), unique=True)
    archived_at: Mapped[datetime] = mapped_column(UTCDateTime)
    archived_by_id: Mapped[int] = ref("user_account.id")
    reason: Mapped[str] = mapped_column(sa.String(REASON_LENGTH), default="")
    kept: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """What the record gave up for others to have meanwhile, and gets back."""

    lead: Mapped[Lead | None] = link()
    visit: Mapped[Visit | None] = link()
    contact: Mapped[Contact | None] = link()
    company: Mapped[Company | None] = link()
    comment: Mapped[Comment | None] = link()
    attachment: Mapped[Attachment | None] = link()
    view: Mapped[SavedView | None] = link()
    event: Mapped[Event | None] = link()
    archived_by: Mapped[User] = link()
