"""Proof that the trail is as it was written: each seal carries the one before it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime


class Seal(Model):
    """The hash of all change sets that became known after the seal before, until ``known_to``.

    Numbered without a gap; append-only. ``sha256`` covers the hash before it, too.
    """

    __tablename__ = "seal"
    __table_args__ = (sa.CheckConstraint("change_sets > 0", name="seals_something"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    known_to: Mapped[datetime] = mapped_column(UTCDateTime, unique=True)
    change_sets: Mapped[int]
    changes: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime)
