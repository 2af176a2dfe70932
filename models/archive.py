"""What somebody put away and can still be brought back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.lead import Lead
from models.user import User

REASON_LENGTH = 400


class ArchiveEntry(Model):
    """A lead that lies in the trash (回收站): who put it there, when and why.

    The row is there as long as the lead is; the trail keeps that it was. Its key is what every
    query leaves out (``crm.access.archive``).
    """

    __tablename__ = "archive_entry"
    __table_args__ = (sa.Index("ix_archive_entry_archived", "archived_at", "id"),)
    audit_subject = "archive_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), unique=True)
    archived_at: Mapped[datetime] = mapped_column(UTCDateTime)
    archived_by_id: Mapped[int] = ref("user_account.id")
    reason: Mapped[str] = mapped_column(sa.String(REASON_LENGTH), default="")

    lead: Mapped[Lead] = link()
    archived_by: Mapped[User] = link()
