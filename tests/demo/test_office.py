"""What the office does around the leads: it is all there, it agrees, and changes nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.clock import local_date
from crm.demo.load import Size, days_until, tell_story
from crm.demo.office.tell import tell_office
from crm.files import FileStore
from crm.referrals.rules import above
from crm.visits import totals as visit_totals
from crm.visits.trips.linking import settle
from crm.visits.trips.rules import TripState, state_of
from models.appointment import Appointment
from models.attachment import Attachment, Blob
from models.base import Model
from models.comment import Comment, Mention
from models.contact import Contact
from models.directive import DirectiveAnswer
from models.enums import Role, Side, TaskKind, TaskState, VisitMode
from models.event import Attendance, Event, EventLead, Invitation
from models.figure import Figure
from models.lead import Lead
from models.promise import Promise
from models.recurrence import Recurrence
from models.referral import Referral
from models.task import Task
from models.trip import Trip, TripStop, TripVisit
from models.user import User
from models.visit import VisitTotal
from tests.demo.conftest import AT

NOW = clock.moment_of(AT)
TODAY = local_date(NOW)


def count(session: Any, *which: Any, of: Any) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(of).where(*which)))


@pytest.mark.only_sqlite
def test_adds_to_the_story_and_changes_none_of_it(session: Any, tmp_path: Path) -> None:
    files = FileStore(tmp_path, 1_000_000)
    tell_story(Size(60, 300), seed=1, at=NOW, password="office-of-the-demo", files=files)
    before = rows(session)
    days = days_until(NOW)
    tell_office(session.connection(), seed=1, leads=60, days=days, files=files)
    after = rows(session)
    assert {table for table in before if before[table] - after[table]} == set()
    assert {"trip", "event", "referral", "promise", "comment"} <= {
        table for table in after if after[table] - before[table]
    }


def rows(session: Any) -> dict[str, Counter[Any]]:
    return {
        name: Counter(map(repr, session.execute(sa.select(table))))
        for name, table in Model.metadata.tables.items()
    }


def test_every_page_has_something_to_show(loaded: Any, session: Any) -> None:
    states = {
        state_of(trip.first_on, trip.last_on, TODAY, cancelled=trip.cancelled_at is not None)
        for trip in session.scalars(sa.select(Trip))
    }
    assert states >= {TripState.AHEAD, TripState.UNDER_WAY, TripState.OVER}
    days = session.execute(sa.select(Event.starts_on, Event.ends_on)).all()
    assert any(first > TODAY for first, _ in days)
    assert any(first <= TODAY <= last for first, last in days)
    assert any(last < TODAY for _, last in days)
    assert count(session, Invitation.attendance == Attendance.ATTENDED, of=Invitation) > 3
    assert count(session, of=EventLead) > 0
    kinds = Counter(session.execute(sa.select(Task.kind, Task.state)))
    for kind in (TaskKind.PROMISE, TaskKind.DIRECTIVE, TaskKind.TASK):
        assert kinds[kind, TaskState.OPEN] > 1, kind
        assert kinds[kind, TaskState.DONE] > 1, kind
    assert set(session.scalars(sa.select(Promise.side))) == set(Side)
    assert count(session, Promise.visit_id.is_not(None), of=Promise) > 5
    assert count(session, Recurrence.follows_id.is_not(None), of=Recurrence) > 1
    assert count(session, Mention.seen_at.is_(None), of=Mention) > 0
    assert count(session, Attachment.visit_id.is_not(None), of=Attachment) > 0
    for noun in (DirectiveAnswer, Comment, TripStop, TripVisit, Figure, Contact):
        assert count(session, of=noun) > 3, noun
    open_ones = session.scalars(
        sa.select(Appointment.starts_at).where(
            Appointment.visit_id.is_(None), Appointment.cancelled_at.is_(None)
        )
    ).all()
    ahead = {local_date(at) for at in open_ones}
    assert TODAY in ahead
    assert max(ahead) <= TODAY + timedelta(days=21)
    assert count(session, Appointment.mode == VisitMode.IN, Appointment.host != "", of=Appointment)


def test_what_is_due_is_late_today_and_soon(loaded: Any, session: Any) -> None:
    due = set(
        session.scalars(
            sa.select(Task.due_on).where(
                Task.state == TaskState.OPEN, Task.kind.in_((TaskKind.PROMISE, TaskKind.TASK))
            )
        )
    )
    assert min(due) < TODAY
    assert {TODAY, TODAY + timedelta(days=1)} <= due
    assert any(TODAY + timedelta(days=5) <= day <= TODAY + timedelta(days=12) for day in due)


def test_trips_have_the_visits_that_belong_to_them(loaded: Any, session: Any) -> None:
    def linked() -> set[Any]:
        known = sa.select(TripVisit.trip_id, TripVisit.visit_id, TripVisit.belongs)
        return set(session.execute(known))

    before = linked()
    for trip in session.scalars(sa.select(Trip)):
        settle(trip)
    assert linked() == before


def test_counts_of_visits_are_what_is_counted(loaded: Any, session: Any) -> None:
    kept = session.scalars(sa.select(VisitTotal)).all()
    assert {(r.day, r.author_id, r.mode): r.n for r in kept} == visit_totals.counted(session())


def test_referrals_are_a_wood_of_some_levels(loaded: Any, session: Any) -> None:
    referrals = session.scalars(sa.select(Referral)).all()
    edges = [(one.referrer_id, one.company_id) for one in referrals if one.referrer_id]
    depths = {len(above(edges, company)) for _, company in edges}
    assert max(depths) >= 2
    assert not any(company in above(edges, company) for _, company in edges)
    for one in referrals:
        lead = session.get_one(Lead, one.lead_id)
        assert one.recorded_at >= lead.created_at
        assert one.recorded_by_id == lead.owner_id


def test_nothing_is_known_before_its_time(loaded: Any, session: Any, app: Flask) -> None:
    moments = {
        Task: (Task.created_at, Task.closed_at),
        Comment: (Comment.created_at,),
        Trip: (Trip.created_at, Trip.cancelled_at),
        Invitation: (Invitation.created_at, Invitation.marked_at),
        Appointment: (Appointment.created_at, Appointment.updated_at),
        Figure: (Figure.recorded_at,),
        Contact: (Contact.created_at,),
        Attachment: (Attachment.created_at,),
    }
    for noun, columns in moments.items():
        for column in columns:
            assert count(session, column > NOW, of=noun) == 0, column
    late = sa.select(Task.id).join(Lead, Lead.id == Task.lead_id)
    assert session.scalars(late.where(Task.created_at < Lead.created_at)).all() == []
    bosses = set(
        session.scalars(
            sa.select(User.id).where(User.role.in_((Role.MANAGER, Role.LIAISON_LEADER)))
        )
    )
    asked = sa.select(Task.created_by_id).where(Task.kind == TaskKind.DIRECTIVE)
    assert set(session.scalars(asked)) <= bosses
    for blob in session.scalars(sa.select(Blob)):
        assert app.extensions["crm.files"].has(blob.sha256, blob.size)
