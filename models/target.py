"""Target lists, their yearly editions and what stands in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, ref, str_enum
from models.company import NAME_LENGTH, Company
from models.enums import MatchState
from models.team import Team


class TargetList(Model):
    """A list of companies worth having (目标榜单)."""

    __tablename__ = "target_list"
    __table_args__ = (sa.CheckConstraint("cadence_days > 0", name="cadence_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    zh: Mapped[str] = mapped_column(sa.String(64))
    en: Mapped[str] = mapped_column(sa.String(96))
    short_zh: Mapped[str] = mapped_column(sa.String(16))
    short_en: Mapped[str] = mapped_column(sa.String(32))
    # Shorter still, for the narrow cards of the board; without it the short name stands there.
    card_zh: Mapped[str | None] = mapped_column(sa.String(8))
    wanted: Mapped[bool]
    rewarded: Mapped[bool]
    cadence_days: Mapped[int]
    clause: Mapped[str | None] = mapped_column(sa.String(64))
    sort: Mapped[int] = mapped_column(default=0)

    editions: Mapped[list[ListEdition]] = link(back_populates="target_list")


class ListEdition(Model):
    """A list in one year (年度榜单)."""

    __tablename__ = "list_edition"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "year"),
        sa.CheckConstraint("year BETWEEN 1990 AND 2100", name="year_in_range"),
    )
    audit_subject = "list_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = ref("target_list.id")
    year: Mapped[int]

    target_list: Mapped[TargetList] = link(back_populates="editions")


class ListEntry(Model):
    """One row of an edition (上榜记录). A rank may be missing and may tie: it is no key.

    ``team_id``: the team it was assigned to, where somebody did so; else its place decides.
    """

    __tablename__ = "list_entry"
    __table_args__ = (
        sa.UniqueConstraint("edition_id", "row_key"),
        sa.Index("ix_list_entry_edition_rank", "edition_id", "rank", "id"),
        sa.CheckConstraint("rank > 0", name="rank_positive"),
        sa.CheckConstraint(
            "(company_id IS NULL) = (match_state IN ('undecided', 'rejected'))",
            name="decided_has_company",
        ),
    )
    audit_subject = "list_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = ref("list_edition.id")
    row_key: Mapped[str] = mapped_column(sa.String(NAME_LENGTH + 8))
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    raw: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    rank: Mapped[int | None]
    match_state: Mapped[MatchState] = mapped_column(str_enum(MatchState))
    company_id: Mapped[int | None] = ref("company.id", index=True)
    alike_id: Mapped[int | None] = ref("company.id", index=True)
    decided_by_id: Mapped[int | None] = ref("user_account.id")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    team_id: Mapped[int | None] = ref("team.id", index=True)

    edition: Mapped[ListEdition] = link()
    company: Mapped[Company | None] = link(foreign_keys=[company_id])
    alike: Mapped[Company | None] = link(foreign_keys=[alike_id])
    team: Mapped[Team | None] = link()
