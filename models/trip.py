"""Trips: who goes to which city, when and why, whom they mean to see, and what came of it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.company import Company
from models.place import Place
from models.team import Team
from models.user import User
from models.visit import Visit

PURPOSE_LENGTH = 200
NOTE_LENGTH = 200


class Trip(Model):
    """A trip (出差) to a city. ``team`` is its author's; a cancelled one can come back."""

    __tablename__ = "trip"
    __table_args__ = (
        sa.CheckConstraint("last_on >= first_on", name="days_in_order"),
        sa.CheckConstraint("purpose <> ''", name="purpose"),
        sa.Index("ix_trip_first", "first_on", "id"),
    )
    audit_subject = "trip"
    # What somebody makes of it may hold personal words; the trail keeps that it changed.
    audit_omit = frozenset({"conclusions"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    author_id: Mapped[int] = ref("user_account.id", index=True)
    team_id: Mapped[int | None] = ref("team.id", index=True)
    place_id: Mapped[int] = ref("place.id")
    first_on: Mapped[date]
    last_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(sa.String(PURPOSE_LENGTH))
    conclusions: Mapped[str] = mapped_column(sa.Text, default="")
    """What its people make of it (体会与建议), for the report."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    author: Mapped[User] = link()
    team: Mapped[Team | None] = link()
    place: Mapped[Place] = link()
    members: Mapped[list[User]] = link(
        secondary="trip_member", viewonly=True, order_by="TripMember.id"
    )


class TripMember(Model):
    """Somebody of ours who goes."""

    __tablename__ = "trip_member"
    __table_args__ = (sa.UniqueConstraint("trip_id", "user_id"),)
    audit_subject = "trip_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = ref("trip.id")
    user_id: Mapped[int] = ref("user_account.id", index=True)


class TripStop(Model):
    """A company to be seen on a day of the trip (行程), in an order that people choose."""

    __tablename__ = "trip_stop"
    __table_args__ = (sa.UniqueConstraint("trip_id", "company_id"),)
    audit_subject = "trip_stop"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    trip_id: Mapped[int] = ref("trip.id")
    company_id: Mapped[int] = ref("company.id", index=True)
    day: Mapped[date]
    position: Mapped[int]
    """Within the trip: a day's stops stand in this order."""
    note: Mapped[str] = mapped_column(sa.String(NOTE_LENGTH), default="")

    company: Mapped[Company] = link()


class TripVisit(Model):
    """A visit that belongs to a trip, or was taken off it.

    ``by`` is who put it there or took it off by hand; without, it joined by itself: a member made
    it on a day of the trip at a company of its stops or of its city. What somebody decided stays.
    """

    __tablename__ = "trip_visit"
    __table_args__ = (
        sa.UniqueConstraint("trip_id", "visit_id"),
        # Only a person takes a visit off.
        sa.CheckConstraint("belongs OR by_id IS NOT NULL", name="taken_off_by_somebody"),
    )
    audit_subject = "trip_visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = ref("trip.id")
    visit_id: Mapped[int] = ref("visit.id", index=True, ondelete="CASCADE")
    belongs: Mapped[bool] = mapped_column(default=True)
    by_id: Mapped[int | None] = ref("user_account.id")

    visit: Mapped[Visit] = link()
