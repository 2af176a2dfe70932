"""People at companies."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.company import Company


class Contact(Model):
    """A person at a company (联系人). Numbers are read by who may see a lead's content."""

    __tablename__ = "contact"
    __table_args__ = (sa.Index("ix_contact_created_by_team", "created_by_id", "team_id"),)
    audit_subject = "contact"
    # The trail keeps that these changed, not their values: an erased person must be gone.
    audit_omit = frozenset({"phone", "email", "wechat"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    # Found by its beginning: a range, which wants characters in the order of their codes.
    name: Mapped[str] = mapped_column(
        sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql"), index=True
    )
    phone: Mapped[str | None] = mapped_column(sa.String(32))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    wechat: Mapped[str | None] = mapped_column(sa.String(64))
    team_id: Mapped[int | None] = ref("team.id", index=True)
    created_by_id: Mapped[int | None] = ref("user_account.id")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    roles: Mapped[list[ContactRole]] = link(back_populates="contact")


class ContactRole(Model):
    """What the person is at which company, and when."""

    __tablename__ = "contact_role"
    audit_subject = "contact_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = ref("contact.id", index=True)
    company_id: Mapped[int] = ref("company.id", index=True)
    title: Mapped[str] = mapped_column(sa.String(64), default="")
    decides: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]

    contact: Mapped[Contact] = link(back_populates="roles")
    company: Mapped[Company] = link()
