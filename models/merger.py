"""Two records that were one company."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.company import Company
from models.user import User


class Merger(Model):
    """A company that was merged into another (并入), and what parts them again.

    The row is there as long as they are one; the trail keeps that it was.
    """

    __tablename__ = "merger"
    __table_args__ = (sa.CheckConstraint("company_id <> into_id", name="not_itself"),)
    audit_subject = "merger"
    # Each row that moved has its own trail.
    audit_omit = frozenset({"kept"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), unique=True)
    into_id: Mapped[int] = ref("company.id", index=True)
    merged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    merged_by_id: Mapped[int] = ref("user_account.id")
    kept: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """What moved, what was left out and what was made, see ``crm.mergers.kept``."""

    company: Mapped[Company] = link(foreign_keys=[company_id])
    into: Mapped[Company] = link(foreign_keys=[into_id])
    merged_by: Mapped[User] = link()
