"""One record a company, however many names, lists and leads it has."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref, str_enum
from models.enums import CompanyKind
from models.place import Place
from models.segment import Segment

NAME_LENGTH = 200
SHORT_NAME_LENGTH = 64
TOKEN_LENGTH = 48
# How often a company is looked after that stands on no list.
UNLISTED_CADENCE_DAYS = 60


class NameKind(enum.StrEnum):
    """What a name of a company is."""

    LEGAL = "legal"
    SHORT = "short"
    BRAND = "brand"
    FORMER = "former"
    ENGLISH = "english"


class RelationKind(enum.StrEnum):
    """How a parent stands to its child."""

    SUBSIDIARY = "subsidiary"
    GROUP = "group"


class TokenScope(enum.IntEnum):
    """What a row of ``company_token`` is for."""

    FIND = 0
    """Find as you type: names by characters, pinyin and initials, credit codes."""
    CORE = 1
    """Names that may be the same company share a core."""
    ORDER = 2
    """Where lists by name have it: one row a company."""


class Company(Model):
    """A company (企业). ``cadence_days`` and ``rewarded`` follow from the lists it stands on."""

    __tablename__ = "company"
    __table_args__ = (
        # The latest companies that stand for themselves, and who was merged into one: two parts,
        # for within the nulls of a column PostgreSQL does not see the order of the next.
        sa.Index(
            "ix_company_standing_created",
            "created_at",
            "id",
            **only_where("merged_into_id IS NULL"),
        ),
        sa.Index(
            "ix_company_merged",
            "merged_into_id",
            **only_where("merged_into_id IS NOT NULL"),
        ),
        # Few among very many.
        sa.Index("ix_company_rewarded", "rewarded"),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_itself"),
        sa.CheckConstraint("cadence_days > 0", name="cadence_positive"),
        # Its trail outlives a company that an import made and took back.
        {"sqlite_autoincrement": True},
    )
    audit_subject = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    kind: Mapped[CompanyKind] = mapped_column(str_enum(CompanyKind), default=CompanyKind.LEGAL)
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    short_name: Mapped[str] = mapped_column(sa.String(SHORT_NAME_LENGTH))
    normal_form: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), index=True)
    credit_code: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    place_id: Mapped[int | None] = ref("place.id", index=True)
    merged_into_id: Mapped[int | None] = ref("company.id")
    cadence_days: Mapped[int] = mapped_column(default=UNLISTED_CADENCE_DAYS)
    rewarded: Mapped[bool] = mapped_column(default=False)
    last_touch_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    place: Mapped[Place | None] = link()
    names: Mapped[list[CompanyName]] = link(back_populates="company")


class CompanyName(Model):
    """A name of a company and the normal form under which it is found again."""

    __tablename__ = "company_name"
    __table_args__ = (sa.UniqueConstraint("company_id", "kind", "name"),)
    audit_subject = "company_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = ref("company.id", index=True)
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    normal_form: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), index=True)
    kind: Mapped[NameKind] = mapped_column(str_enum(NameKind))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]

    company: Mapped[Company] = link(back_populates="names")


class CompanyRelation(Model):
    """A parent and a child; the share it holds in basis points, unknown when null."""

    __tablename__ = "company_relation"
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "child_id", "kind"),
        sa.CheckConstraint("parent_id <> child_id", name="not_itself"),
        sa.CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"),
        # Whose group a company is in is told from this alone.
        sa.Index("ix_company_relation_child", "child_id", "to_on", "share_bp", "parent_id"),
    )
    audit_subject = "company_relation"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = ref("company.id")
    child_id: Mapped[int] = ref("company.id")
    kind: Mapped[RelationKind] = mapped_column(str_enum(RelationKind))
    share_bp: Mapped[int | None]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]


class CompanySegment(Model):
    """A company does this link of the chain; ``source`` says who says so."""

    __tablename__ = "company_segment"
    # Counted from this alone.
    __table_args__ = (sa.Index("ix_company_segment_segment", "segment_id", "company_id"),)

    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), primary_key=True)
    segment_id: Mapped[int] = mapped_column(sa.ForeignKey("segment.id"), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(16))

    segment: Mapped[Segment] = link()


class CompanyToken(Model):
    """What a company is found by: a range scan over (scope, token), the same on both engines.

    Without a foreign key, as what leads and people are found by (models/token.py).
    """

    __tablename__ = "company_token"
    __table_args__ = (
        # Whether a company is found by a second word too is one look-up.
        sa.Index("ix_company_token_company", "company_id", "scope", "token"),
        {"sqlite_with_rowid": False},
    )

    scope: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    token: Mapped[str] = mapped_column(
        sa.String(TOKEN_LENGTH).with_variant(sa.String(TOKEN_LENGTH, collation="C"), "postgresql"),
        primary_key=True,
    )
    company_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
