"""Where a project may go, and where companies sit."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, link, ref


class District(Model):
    """A district or county of the city (区县)."""

    __tablename__ = "district"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    zh: Mapped[str] = mapped_column(sa.String(64))
    en: Mapped[str] = mapped_column(sa.String(96))
    short_zh: Mapped[str] = mapped_column(sa.String(32))
    position: Mapped[int] = mapped_column(default=0)


class Park(Model):
    """A software park (园区); a park sets its district."""

    __tablename__ = "park"
    __table_args__ = (
        # What refers to a park and its district refers to the two together.
        sa.Index("uq_park_district", "id", "district_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    district_id: Mapped[int] = ref("district.id", index=True)
    zh: Mapped[str] = mapped_column(sa.String(64))
    en: Mapped[str] = mapped_column(sa.String(96))
    short_zh: Mapped[str] = mapped_column(sa.String(32))
    short_en: Mapped[str] = mapped_column(sa.String(32))
    position: Mapped[int] = mapped_column(default=0)

    district: Mapped[District] = link()


class Place(Model):
    """A city where companies have their head office."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    city: Mapped[str] = mapped_column(sa.String(64))
