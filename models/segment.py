"""The industry chain map: segments and who supplies whom."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref, str_enum
from models.user import User


class Position(enum.StrEnum):
    """Where in the chain a segment stands."""

    UPSTREAM = "upstream"
    MIDSTREAM = "midstream"
    DOWNSTREAM = "downstream"


class Gap(enum.StrEnum):
    """What a segment needs: somebody at all, more of them, its neighbours, or nothing."""

    MISSING = "missing"
    WEAK = "weak"
    EXTENDABLE = "extendable"
    STRONG = "strong"


class Segment(Model):
    """A link of the industry chain (产业链环节); ``path`` orders the tree: '/FND/FND-DB/'."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    parent_id: Mapped[int | None] = ref("segment.id", index=True)
    path: Mapped[str] = mapped_column(sa.String(128), unique=True)
    depth: Mapped[int]
    zh: Mapped[str] = mapped_column(sa.String(64))
    en: Mapped[str] = mapped_column(sa.String(128))
    position: Mapped[Position] = mapped_column(str_enum(Position))
    clause: Mapped[str | None] = mapped_column(sa.String(64))
    sort: Mapped[int]

    parent: Mapped[Segment | None] = link(remote_side="Segment.id")


class SegmentPark(Model):
    """A park whose focus is this segment."""

    __tablename__ = "segment_park"

    segment_id: Mapped[int] = mapped_column(sa.ForeignKey("segment.id"), primary_key=True)
    park_id: Mapped[int] = mapped_column(sa.ForeignKey("park.id"), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(16))


class SegmentLink(Model):
    """One segment supplies another; ``source`` says whether the policy or a judgement says so."""

    __tablename__ = "segment_link"
    __table_args__ = (sa.UniqueConstraint("supplier_id", "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = ref("segment.id")
    customer_id: Mapped[int] = ref("segment.id", index=True)
    source: Mapped[str] = mapped_column(sa.String(16))
    clause: Mapped[str | None] = mapped_column(sa.String(64))


class SegmentTotal(Model):
    """How many companies do a segment or one below it, each once (crm/companies/in_chain.py)."""

    __tablename__ = "segment_total"

    segment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("segment.id"), primary_key=True, autoincrement=False
    )
    companies: Mapped[int]


class SegmentLeads(Model):
    """A team's leads on a segment itself that are not lost, by how far they are: before they sign,
    until they land, and from then on (crm/leads/in_chain.py)."""

    __tablename__ = "segment_leads"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    segment_id: Mapped[int] = mapped_column(sa.ForeignKey("segment.id"), primary_key=True)
    ongoing: Mapped[int]
    signed: Mapped[int]
    landed: Mapped[int]


class SegmentJudgement(Model):
    """What somebody judged a segment's gap to be, above what its projects say (改判).

    At most one of a segment stands; those withdrawn stay, each with who withdrew it.
    """

    __tablename__ = "segment_judgement"
    __table_args__ = (
        sa.Index(
            "uq_segment_judgement_standing",
            "segment_id",
            unique=True,
            **only_where("withdrawn_at IS NULL"),
        ),
        sa.Index("ix_segment_judgement_segment", "segment_id", "id"),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"
        ),
    )
    audit_subject = "segment_judgement"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    segment_id: Mapped[int] = ref("segment.id")
    gap: Mapped[Gap] = mapped_column(str_enum(Gap))
    computed: Mapped[Gap] = mapped_column(str_enum(Gap, "computed_gap"))
    """What the projects said at that time."""
    reason: Mapped[str] = mapped_column(sa.String(400))
    said_by_id: Mapped[int] = ref("user_account.id")
    said_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = ref("user_account.id")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    said_by: Mapped[User] = link(foreign_keys="SegmentJudgement.said_by_id")
    withdrawn_by: Mapped[User | None] = link(foreign_keys="SegmentJudgement.withdrawn_by_id")
