"""Every kind of a timeline pages to its end, and its count is what the pages show."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from crm.leads.entries import Entry, EntryKind
from crm.leads.queries import lead_page
from crm.leads.tasks import SHOWN
from crm.leads.timeline import PAGE
from models import db
from models.audit import Change, ChangeSet
from models.enums import TaskKind, TaskState, Via
from models.lead import Lead
from models.note import Note
from models.task import Task
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

MANY = PAGE * 2 + 1
# A step that was done has two entries.
STEPS = SHOWN + 5


def _notes(lead: Lead, *, at_once: bool) -> None:
    """Those of a ledger without days came in at one moment each time it was imported."""
    for number in range(MANY):
        at = NOW - timedelta(days=0 if at_once else number // 4)
        db.session.add(Note(lead_id=lead.id, key=f"{number}", text=f"第{number}条", recorded_at=at))


def _steps(lead: Lead) -> None:
    for number in range(STEPS):
        done = number % 2 == 0
        at = NOW - timedelta(hours=number * 2)
        db.session.add(
            Task(
                lead_id=lead.id,
                kind=TaskKind.NEXT_STEP,
                state=TaskState.DONE if done else TaskState.MOVED,
                text=f"第{number}步",
                created_at=at,
                # The first was done after all others were set.
                closed_at=NOW if number == STEPS - 1 else at + timedelta(hours=1),
            )
        )


def _edits(lead: Lead) -> None:
    """Each of several fields, so that fewer than all stand among the newest changes."""
    for number in range(MANY):
        known_at = NOW - timedelta(hours=number)
        made = ChangeSet(known_at=known_at, effective_at=known_at, via=Via.WEB)
        db.session.add(made)
        db.session.flush()
        for field, name in enumerate(("need", "space_m2", "planned_headcount", "project")):
            db.session.add(
                Change(
                    change_set_id=made.id,
                    subject=Lead.audit_subject,
                    subject_id=lead.id,
                    seq=1000 + number * 10 + field,
                    field=name,
                    before=1,
                    after=2,
                )
            )


def test_each_kind_pages_to_its_end(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    _notes(lead, at_once=False)
    _steps(lead)
    _edits(lead)
    session.commit()
    for asked in (EntryKind.NOTES, EntryKind.STEPS, EntryKind.EDITS, None):
        shown: list[Entry] = []
        before = None
        while True:
            page = lead_page(lead.public_id, actor_of(scout), TODAY, kind=asked, before=before)
            shown += page.timeline.entries
            before = page.timeline.before
            if before is None:
                break
        moments = [one.at for one in shown]
        assert moments == sorted(moments, reverse=True)
        counts = page.timeline.counts
        assert len(shown) == (counts[asked] if asked else counts.total()) >= MANY
        assert Counter(one.kind for one in shown) == (
            counts if asked is None else {asked: counts[asked]}
        )


def test_what_came_in_at_one_moment_is_not_torn_apart(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    _notes(lead, at_once=True)
    session.commit()
    page = lead_page(lead.public_id, actor_of(scout), TODAY, kind=EntryKind.NOTES).timeline
    assert (len(page.entries), page.before) == (MANY, None)
