"""One company's possible project here."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref, str_enum
from models.channel import Channel
from models.company import Company
from models.enums import Stage, Status
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import User

# What a condition may ask of a lead and what stands above a column: with these an index of the
# board answers without touching the rows, whatever is asked for.
_ASKED = (
    "planned_investment_cny",
    "signed_investment_cny",
    "stalls_on",
    "next_step_on",
    "segment_id",
    "channel_id",
    "owner_id",
    "park_id",
    "company_id",
    "project",
    "last_touch_at",
    "created_at",
    "signed_on",
    "registered_on",
    "landed_on",
    "expected_signing_on",
    "expected_landing_on",
)
# With who may read a lead, down to the lead itself, whose credit somebody may share.
_READERS = ("team_id", "owner_id", "id", "park_id", "district_id", "liaison_id")
_SUMS = ("planned_investment_cny", "signed_investment_cny")
# What the overview of a park, a district and a liaison leader sums by stage.
_SUMMED = ("stage", "status", "team_id", *_SUMS, "id")


class Lead(Model):
    """A lead (招商线索). The columns below ``version`` follow from other records.

    ``stage_since``, ``held_since`` and ``held_days`` are the clock of the present stay in the
    stage; ``stalls_on`` is the first day on which it counts as stalled (null while it can not).
    """

    __tablename__ = "lead"
    __table_args__ = (
        # A company's project has one open lead; a lost one may be tried again.
        sa.Index(
            "uq_lead_open_company_project",
            "company_id",
            "project",
            unique=True,
            **only_where("status <> 'lost' AND archived_at IS NULL"),
        ),
        sa.Index(
            "ix_lead_stage_board",
            *("status", "stage", "updated_at", "id", "team_id", "district_id"),
            *_ASKED,
        ),
        sa.Index(
            "ix_lead_team_stage_updated",
            "team_id",
            "status",
            "stage",
            "updated_at",
            "id",
        ),
        sa.Index(
            "ix_lead_owner_stage_updated",
            "owner_id",
            "status",
            "stage",
            "updated_at",
            "id",
        ),
        sa.Index("ix_lead_updated", "updated_at", "id"),
        sa.Index("ix_lead_team_updated", "team_id", "updated_at", "id"),
        sa.Index("ix_lead_owner_updated", "owner_id", "updated_at", "id"),
        # The board counts what is late from these alone, without touching the rows.
        sa.Index("ix_lead_stage_stalls", "status", "stage", "stalls_on"),
        sa.Index("ix_lead_team_stalls", "team_id", "status", "stage", "stalls_on"),
        sa.Index("ix_lead_team_next_step", "team_id", "status", "next_step_on"),
        sa.Index("ix_lead_owner_next_step", "owner_id", "status", "next_step_on"),
        sa.Index("ix_lead_owner_stalls", "owner_id", "status", "stalls_on", "stage"),
        sa.Index("ix_lead_owner_touch", "owner_id", "status", "last_touch_at"),
        # Also what the list of stalled leads is counted, summed and sorted by.
        sa.Index("ix_lead_stalls", "status", "stalls_on", "updated_at", "planned_investment_cny"),
        sa.Index("ix_lead_next_step", "status", "next_step_on", "stage", *_READERS),
        # The board by district and by team: its cards, and the heads that no summary knows.
        sa.Index(
            "ix_lead_district_board",
            *("status", "district_id", "updated_at", "id", "team_id", "stage"),
            *_ASKED,
        ),
        sa.Index(
            "ix_lead_team_board",
            *("status", "team_id", "updated_at", "id", "district_id", "stage"),
            *_ASKED,
        ),
        sa.Index(
            "ix_lead_team_district_sums",
            "team_id",
            "status",
            "district_id",
            "planned_investment_cny",
            "stalls_on",
            "next_step_on",
        ),
        sa.Index(
            "ix_lead_owner_district_sums",
            "owner_id",
            "status",
            "district_id",
            "planned_investment_cny",
            "stalls_on",
            "next_step_on",
        ),
        # What the overview counts: results by their day, what is stalled and why. A landing also
        # by its company, whose group may have landed before.
        sa.Index("ix_lead_created", "created_at", "stage", *_READERS),
        sa.Index(
            "ix_lead_signed", "signed_on", "stage", "status", "signed_investment_cny", *_READERS
        ),
        sa.Index(
            "ix_lead_landed",
            *("landed_on", "stage", "status", "signed_investment_cny", "company_id"),
            *_READERS,
        ),
        # What was registered when, and what is worth how much: most leads are neither.
        sa.Index(
            "ix_lead_registered",
            *("registered_on", "stage", "status", *_SUMS),
            *("updated_at", "stalls_on", "next_step_on", *_READERS),
            **only_where("registered_on IS NOT NULL"),
        ),
        sa.Index(
            "ix_lead_planned",
            *("status", *_SUMS, "stage", "updated_at", "stalls_on", "next_step_on", *_READERS),
            **only_where("planned_investment_cny IS NOT NULL"),
        ),
        sa.Index(
            "ix_lead_expected_landing",
            *("expected_landing_on", "stage", "status", "planned_investment_cny"),
            *_READERS,
        ),
        # What lies ahead, or should have landed: few of those that were ever expected.
        sa.Index(
            "ix_lead_landing_ahead",
            *("expected_landing_on", "stage", "status", "planned_investment_cny"),
            *_READERS,
            **only_where("stage <> 'landed' AND status <> 'lost'"),
        ),
        sa.Index(
            "ix_lead_stalls_why",
            *("status", "stalls_on", "stage", "next_step_on", "last_touch_at"),
            *_READERS,
        ),
        sa.Index("ix_lead_park_sums", "park_id", *_SUMMED),
        sa.Index("ix_lead_district_sums", "district_id", *_SUMMED),
        sa.Index("ix_lead_liaison_sums", "liaison_id", *_SUMMED),
        # Whose team is another now: the search looks for them beside the team's.
        sa.Index("ix_lead_owner_team", "owner_id", "team_id", "id"),
        sa.Index(
            "ix_lead_segment_stage", "segment_id", "stage", "status", "team_id", "owner_id", "id"
        ),
        # The chain counts its leads from this alone, whoever reads them: in order, and half of all.
        sa.Index(
            "ix_lead_segment_standing",
            *("segment_id", "stage", "status", "team_id", "owner_id", "id"),
            **only_where("status <> 'lost'"),
        ),
        # The list by days in the stage is put in order from this alone, or SQLite would read half
        # of all leads from place to place.
        sa.Index(
            "ix_lead_in_stage",
            *("stage_since", "held_days", "held_since", "status", "stage", "id"),
            **only_where("status <> 'lost'"),
        ),
        # Those among them whose days are not those since they came: a hold stopped their clock.
        sa.Index(
            "ix_lead_was_held",
            *("stage_since", "held_days", "held_since", "status", "stage", *_READERS),
            **only_where("status <> 'lost' AND (held_days > 0 OR held_since IS NOT NULL)"),
        ),
        # Whose signing is near, which Today asks; most leads have no such day.
        sa.Index(
            "ix_lead_owner_signing",
            *("owner_id", "status", "expected_signing_on", "stage"),
            **only_where("expected_signing_on IS NOT NULL"),
        ),
        # The calendar looks leads up by these days; most leads have none.
        *(
            sa.Index(
                name,
                column,
                **only_where(f"{column} IS NOT NULL"),
            )
            for name, column in (
                ("ix_lead_expected_signing", "expected_signing_on"),
                ("ix_lead_hold_until", "hold_until"),
            )
        ),
        sa.CheckConstraint("(status = 'on_hold') = (hold_until IS NOT NULL)", name="hold_has_date"),
        sa.CheckConstraint(
            "(status = 'on_hold') = (held_since IS NOT NULL)", name="hold_has_start"
        ),
        sa.CheckConstraint("planned_investment_cny >= 0", name="planned_investment"),
        sa.CheckConstraint("planned_revenue_cny >= 0", name="planned_revenue"),
        sa.CheckConstraint("planned_headcount >= 0", name="planned_headcount"),
        sa.CheckConstraint("signed_investment_cny >= 0", name="signed_investment"),
        sa.CheckConstraint("space_m2 >= 0", name="space"),
        sa.CheckConstraint("held_days >= 0", name="held_days"),
        sa.CheckConstraint("park_id IS NULL OR district_id IS NOT NULL", name="park_in_district"),
        # History outlives a lead, so no other lead may ever bear its number.
        {"sqlite_autoincrement": True},
    )
    audit_subject = "lead"
    # What follows from another record's change is not a change somebody made here.
    audit_omit = frozenset({"updated_at", "version"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    company_id: Mapped[int] = ref("company.id", index=True)
    project: Mapped[str] = mapped_column(sa.String(200), default="")
    segment_id: Mapped[int] = ref("segment.id")
    channel_id: Mapped[int] = ref("channel.id", index=True)
    owner_id: Mapped[int] = ref("user_account.id")
    team_id: Mapped[int] = ref("team.id")
    liaison_id: Mapped[int | None] = ref("user_account.id")
    district_id: Mapped[int | None] = ref("district.id")
    park_id: Mapped[int | None] = ref("park.id")
    stage: Mapped[Stage] = mapped_column(str_enum(Stage), default=Stage.IDENTIFIED)
    status: Mapped[Status] = mapped_column(str_enum(Status), default=Status.ACTIVE)
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
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int] = ref("user_account.id")
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    # Since when it lies in the trash; ``archive_entry`` says who put it there.
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    stage_since: Mapped[date]
    held_since: Mapped[date | None]
    held_days: Mapped[int] = mapped_column(default=0)
    stalls_on: Mapped[date | None]
    next_step_on: Mapped[date | None]
    last_touch_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = link()
    segment: Mapped[Segment] = link()
    channel: Mapped[Channel] = link()
    owner: Mapped[User] = link(foreign_keys=[owner_id])
    team: Mapped[Team] = link()
    liaison: Mapped[User | None] = link(foreign_keys=[liaison_id])
    district: Mapped[District | None] = link()
    park: Mapped[Park | None] = link()

    # A second writer of the same version changes no row, and SQLAlchemy says so (StaleDataError).
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class LeadTotal(Model):
    """Counts and sums of leads, kept by each lead's own transaction (crm/leads/totals.py)."""

    __tablename__ = "lead_total"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True, index=True
    )
    stage: Mapped[Stage] = mapped_column(str_enum(Stage), primary_key=True)
    status: Mapped[Status] = mapped_column(str_enum(Status), primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    investment_cny: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Planned investment."""
    signed_cny: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """Agreed investment."""


class Result(enum.StrEnum):
    """What a lead came to on a day."""

    CREATED = "created"
    SIGNED = "signed"
    LANDED = "landed"


class LeadMonth(Model):
    """What leads came to in a month, kept by each lead's own transaction (crm/leads/months.py)."""

    __tablename__ = "lead_month"
    __table_args__ = ({"sqlite_with_rowid": False},)

    result: Mapped[Result] = mapped_column(str_enum(Result), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True, index=True
    )
    n: Mapped[int] = mapped_column(default=0)
    signed_cny: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Agreed investment."""


class EntityPhase(enum.StrEnum):
    """What the local company is to the project."""

    REGISTERED = "registered"
    LANDED = "landed"


class LeadEntity(Model):
    """The local company a lead led to."""

    __tablename__ = "lead_entity"
    audit_subject = "lead_entity"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), primary_key=True)
    company_id: Mapped[int] = mapped_column(
        sa.ForeignKey("company.id"), primary_key=True, index=True
    )
    phase: Mapped[EntityPhase] = mapped_column(str_enum(EntityPhase))


class Claim(Model):
    """Who holds a lead (首报单位) and until when they are protected."""

    __tablename__ = "claim"
    __table_args__ = (
        sa.Index(
            "uq_claim_open_lead",
            "lead_id",
            unique=True,
            **only_where("released_at IS NULL"),
        ),
    )
    audit_subject = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = ref("lead.id", index=True)
    team_id: Mapped[int] = ref("team.id", index=True)
    from_on: Mapped[date]
    protected_until: Mapped[date]
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CreditShare(Model):
    """A share of a lead's result, in basis points; the shares of an agreement sum to 10,000."""

    __tablename__ = "credit_share"
    __table_args__ = (
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="share_in_range"),
        sa.UniqueConstraint("agreement", "team_id", "district_id", "user_id"),
        # Which leads somebody shares is told from these alone.
        sa.Index("ix_credit_share_user", "user_id", "lead_id"),
        sa.Index("ix_credit_share_team", "team_id", "lead_id"),
    )
    audit_subject = "credit_share"

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement: Mapped[str] = mapped_column(sa.String(12))
    lead_id: Mapped[int] = ref("lead.id", index=True)
    user_id: Mapped[int | None] = ref("user_account.id")
    team_id: Mapped[int | None] = ref("team.id")
    district_id: Mapped[int | None] = ref("district.id")
    basis_points: Mapped[int]
