"""Imports, and what each of them changed, so that the whole can be undone."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.target import TargetList
from models.team import Team
from models.user import User


class BatchState(enum.StrEnum):
    """Where an import stands."""

    PREVIEW = "preview"
    APPLIED = "applied"
    UNDONE = "undone"
    DROPPED = "dropped"


class BatchKind(enum.StrEnum):
    """What a file brings in."""

    TARGETS = "targets"
    LEADS = "leads"


class ImportBatch(Model):
    """A file that came in: its name, its mapping and, until it is applied, its content.

    One of targets names a list and a year, not an edition: a preview makes none. One of leads may
    name a team, and keeps its rows (``ImportRow``) and, while some of them were not written, its
    file without the other rows of the table, to give those back as they came. ``shape`` is a digest
    of the headers, by which the next file of the same shape finds its mapping.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.Index("ix_import_batch_list_year", "list_id", "year", "id"),
        sa.Index("ix_import_batch_kind_shape", "kind", "shape", "id"),
        sa.CheckConstraint(
            "(kind = 'targets') = (list_id IS NOT NULL)"
            " AND (list_id IS NULL) = (year IS NULL)"
            " AND (kind = 'leads' OR team_id IS NULL)",
            name="names_its_kind",
        ),
        sa.CheckConstraint("year BETWEEN 1990 AND 2100", name="year_in_range"),
    )
    audit_subject = "import_batch"
    audit_omit = frozenset({"content"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    state: Mapped[BatchState] = mapped_column(str_enum(BatchState))
    kind: Mapped[BatchKind] = mapped_column(str_enum(BatchKind), default=BatchKind.TARGETS)
    list_id: Mapped[int | None] = ref("target_list.id")
    year: Mapped[int | None]
    team_id: Mapped[int | None] = ref("team.id", index=True)
    shape: Mapped[str | None] = mapped_column(sa.String(64))
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
    team: Mapped[Team | None] = link()
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


class ImportRow(Model):
    """A row of a waiting file, its cells as text, and what the last check said of it.

    Rows that nothing is left to decide of are gone once the import is applied. ``row_key`` names
    the row's subject, so that no doubt is stored twice; ``said`` is what a page shows.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.Index("ix_import_row_outcome", "batch_id", "outcome", "number"),
        sa.Index("ix_import_row_key", "row_key"),
    )

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    cells: Mapped[list[str]] = mapped_column(sa.JSON)
    row_key: Mapped[str | None] = mapped_column(sa.String(64))
    outcome: Mapped[str | None] = mapped_column(sa.String(16))
    said: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class JobKind(enum.StrEnum):
    """What is to be done with a batch beside the page."""

    CHECK = "check"
    APPLY = "apply"
    UNDO = "undo"


class ImportJob(Model):
    """Work on a batch that takes a while: who does it, how far it is, what went wrong.

    ``beat_at`` is when its worker last said anything; one that is silent has died. ``done`` are
    rows looked at and, of work that writes, then once more the rows written.
    """

    __tablename__ = "import_job"

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True)
    kind: Mapped[JobKind] = mapped_column(str_enum(JobKind))
    actor_id: Mapped[int | None] = ref("user_account.id")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    worker: Mapped[str | None] = mapped_column(sa.String(96))
    beat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
