"""How a person wants to be reminded."""

from __future__ import annotations

from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, str_enum
from models.enums import Way


def _way(topic: str) -> Mapped[Way]:
    return mapped_column(str_enum(Way, f"{topic}_by"), default=Way.MAIL)


class ReminderSetting(Model):
    """What one person chose (提醒设置); who has no row is reminded as an installation does it.

    ``minute`` is that of the day (08:30 is 510) at which the day's mail is written, where the teams
    work. It holds from ``minute_since`` on; on days before it ``minute_before`` does, so that a day
    on which it changes has its mail all the same.
    Between ``quiet_from`` and ``quiet_to`` (over midnight where the first is later) nothing comes
    out of turn. Until ``paused_until`` nothing is sent at all. ``*_by``: the way of each topic.
    """

    __tablename__ = "reminder_setting"
    __table_args__ = (
        sa.CheckConstraint("minute BETWEEN 0 AND 1439 AND minute % 30 = 0", name="minute"),
        sa.CheckConstraint(
            "minute_before BETWEEN 0 AND 1439 AND minute_before % 30 = 0", name="minute_before"
        ),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
    )
    audit_subject = "reminder_setting"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    minute: Mapped[int] = mapped_column(sa.SmallInteger)
    minute_before: Mapped[int] = mapped_column(sa.SmallInteger)
    minute_since: Mapped[date]
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]
    paused_until: Mapped[date | None]
    steps_by: Mapped[Way] = _way("steps")
    cadence_by: Mapped[Way] = _way("cadence")
    asked_by: Mapped[Way] = _way("asked")
    talk_by: Mapped[Way] = _way("talk")
    targets_by: Mapped[Way] = _way("targets")
