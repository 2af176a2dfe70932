"""Imports, and what each of them changed, so that the whole can be undone."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.target import TargetList
from models.user import User


class BatchState(enum.StrEnum):
    """Where an import stands."""

    PREVIEW = "preview"
    APPLIED = "applied"
    UNDONE = "undone"
    DROPPED = "dropped"


class ImportBatch(Model):
    """A file that came in: its name, its mapping and, until it is applied, its content.

    It names a list and a year, not an edition: a preview makes none.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.Index("ix_import_batch_list_year", "list_id", "year", "id"),
        sa.CheckConstraint("year BETWEEN 1990 AND 2100", name="year_in_range"),
    )
    audit_subject = "import_batch"
    audit_omit = frozenset({"content"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    state: Mapped[BatchState] = mapped_column(str_enum(BatchState))
    list_id: Mapped[int] = ref("target_list.id")
    year: Mapped[int]
    file_name: Mapped[str] = mapped_column(sa.String(255))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    decisions: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_by_id: Mapped[int | None] = ref("user_account.id")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    target_list: Mapped[TargetList] = link()
    created_by: Mapped[User | None] = link()


class ImportChange(Model):
    """One record that an import made or changed; ``before`` is null for a new one."""

    __tablename__ = "import_change"
    __table_args__ = (sa.UniqueConstraint("batch_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = ref("import_batch.id")
    seq: Mapped[int]
    subject: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
