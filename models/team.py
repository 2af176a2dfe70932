"""Scouting teams."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Team(Model):
    """A scouting team (招商小分队) and the city it sits in."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    zh: Mapped[str] = mapped_column(sa.String(64))
    en: Mapped[str] = mapped_column(sa.String(96))
    short_zh: Mapped[str] = mapped_column(sa.String(32))
    short_en: Mapped[str] = mapped_column(sa.String(32))
    city: Mapped[str] = mapped_column(sa.String(64))
    sort: Mapped[int] = mapped_column(default=0)
