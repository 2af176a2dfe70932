"""Who changed what, when, from what to what; and every lead as it was at any moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, only_where, ref, str_enum
from models.enums import Via
from models.plain import NAMING


class ChangeSet(Model):
    """All that one transaction changed: who did it, through what, and why."""

    __tablename__ = "change_set"
    __table_args__ = (
        sa.Index("ix_change_set_known", "known_at", "id"),
        # What was entered late is rare, and asked for by every report of another day.
        sa.Index(
            "ix_change_set_late",
            "known_at",
            **only_where("effective_at < known_at"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = ref("user_account.id", index=True)
    via: Mapped[Via] = mapped_column(str_enum(Via))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    reason: Mapped[str | None] = mapped_column(sa.Text)


class Change(Model):
    """One record's change: its fields before and after, as JSON. ``seq`` counts in the subject."""

    __tablename__ = "change"
    __table_args__ = (
        sa.UniqueConstraint("subject", "subject_id", "seq"),
        sa.Index("ix_change_change_set", "change_set_id"),
        # Names and merges as they were known: few among the many changes of a company.
        sa.Index(
            "ix_change_named",
            "subject",
            "field",
            "change_set_id",
            **only_where(f"field IN {NAMING}"),
        ),
        # Who got a lead of late: few among all changes of a week.
        sa.Index("ix_change_owner", "change_set_id", **only_where("field = 'owner_id'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_set_id: Mapped[int] = ref("change_set.id")
    subject: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int]
    seq: Mapped[int]
    field: Mapped[str] = mapped_column(sa.String(48))
    before: Mapped[Any | None] = mapped_column(sa.JSON)
    after: Mapped[Any | None] = mapped_column(sa.JSON)


class LeadVersion(Model):
    """A lead as it was known from ``known_from`` until ``known_to`` (null: still).

    A lead that is gone leaves its versions behind: what was known then was known.
    """

    __tablename__ = "lead_version"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "seq"),
        # Those that stand and those closed since a moment are each one range.
        sa.Index("ix_lead_version_known", "known_to", "known_from"),
        sa.Index(
            "uq_lead_version_current",
            "lead_id",
            unique=True,
            **only_where("known_to IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int]
    seq: Mapped[int]
    change_set_id: Mapped[int] = ref("change_set.id")
    known_from: Mapped[datetime] = mapped_column(UTCDateTime)
    known_to: Mapped[datetime | None] = mapped_column(UTCDateTime)
    company_id: Mapped[int]
    project: Mapped[str] = mapped_column(sa.String(200))
    segment_id: Mapped[int]
    channel_id: Mapped[int]
    owner_id: Mapped[int]
    team_id: Mapped[int]
    liaison_id: Mapped[int | None]
    district_id: Mapped[int | None]
    park_id: Mapped[int | None]
    stage: Mapped[str] = mapped_column(sa.String(32))
    status: Mapped[str] = mapped_column(sa.String(32))
    hold_until: Mapped[date | None]
    need: Mapped[str | None] = mapped_column(sa.Text)
    space_m2: Mapped[int | None]
    planned_investment_cny: Mapped[int | None] = mapped_column(sa.BigInteger)
    planned_revenue_cny: Mapped[int | None] = mapped_column(sa.BigInteger)
    planned_headcount: Mapped[int | None]
    signed_investment_cny: Mapped[int | None] = mapped_column(sa.BigInteger)
    expected_signing_on: Mapped[date | None]
    expected_landing_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    registered_on: Mapped[date | None]
    landed_on: Mapped[date | None]
    stage_since: Mapped[date]
    held_since: Mapped[date | None]
    held_days: Mapped[int]
    stalls_on: Mapped[date | None]
    next_step_on: Mapped[date | None]
    last_touch_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Settled(Model):
    """One row, the moments of ``crm/audit/settled``.

    Nothing begun after ``mark`` was set becomes known at or before it; nothing at all becomes known
    at or before ``reached`` any more.
    """

    __tablename__ = "settled"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reached: Mapped[datetime | None] = mapped_column(UTCDateTime)
