"""Files, stored by the hash of their content."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.lead import Lead
from models.offer import Offer
from models.user import User
from models.visit import Visit


class AttachmentKind(enum.StrEnum):
    """What a file is to the record it hangs on."""

    FILE = "file"
    AGREEMENT = "agreement"
    PHOTO = "photo"


class Blob(Model):
    """The content of a file, once, however often it is attached."""

    __tablename__ = "blob"
    __table_args__ = (sa.CheckConstraint("size >= 0", name="size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(128))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attachment(Model):
    """A file on exactly one lead, visit or offer. What was removed stays, and can be put back."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN lead_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN offer_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="exactly_one",
        ),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed_by"),
    )
    audit_subject = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    blob_id: Mapped[int] = ref("blob.id", index=True)
    kind: Mapped[AttachmentKind] = mapped_column(
        str_enum(AttachmentKind), default=AttachmentKind.FILE
    )
    name: Mapped[str] = mapped_column(sa.String(255))
    lead_id: Mapped[int | None] = ref("lead.id", index=True)
    visit_id: Mapped[int | None] = ref("visit.id", index=True)
    offer_id: Mapped[int | None] = ref("offer.id", index=True)
    created_by_id: Mapped[int] = ref("user_account.id")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_by_id: Mapped[int | None] = ref("user_account.id")
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    blob: Mapped[Blob] = link()
    lead: Mapped[Lead | None] = link()
    visit: Mapped[Visit | None] = link()
    offer: Mapped[Offer | None] = link()
    created_by: Mapped[User] = link(foreign_keys=[created_by_id])
    removed_by: Mapped[User | None] = link(foreign_keys=[removed_by_id])
