"""Who is to be reminded of what, and when: the rules as data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, str_enum
from models.enums import RuleKind


class ReminderRule(Model):
    """A reminder rule (提醒规则) as an administrator edits it.

    ``kind`` says what it looks at, ``conditions`` of which leads, ``steps`` after how many days
    whom: their shapes are checked by ``crm/reminders/shapes.py``. ``working``: the days are
    working days. ``at_once``: it is said by a mail of its own as soon as it is so. A rule that was
    taken away keeps its name for what it once said.
    """

    __tablename__ = "reminder_rule"
    audit_subject = "reminder_rule"
    audit_omit = frozenset({"version"})

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    kind: Mapped[RuleKind] = mapped_column(str_enum(RuleKind))
    zh: Mapped[str] = mapped_column(sa.String(32))
    en: Mapped[str] = mapped_column(sa.String(64))
    enabled: Mapped[bool] = mapped_column(default=True)
    working: Mapped[bool] = mapped_column(default=False)
    at_once: Mapped[bool] = mapped_column(default=False)
    conditions: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    sort: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # A second writer of the same version changes no row, and SQLAlchemy says so (StaleDataError).
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
