"""A lead goes to another person or team: done with a word to whoever takes it, and told to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, present
from crm.audit.acting import acting, current
from crm.errors import Refusal
from crm.leads.edit_reversals import REASON
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.messages import msg
from crm.texts import too_long
from models import db
from models.audit import Change, ChangeSet
from models.company import Company
from models.enums import Status
from models.lead import Lead
from models.user import User

LONGEST_NOTE = 400
# So long whoever got a lead is told of it, unless they have been in touch before.
TOLD_FOR = timedelta(days=7)
MOST_IN_A_WEEK = 2_000


@dataclass(frozen=True)
class HandedOver:
    """A lead that came to somebody: by whom, when, and what they said of it."""

    lead: str
    company: str
    who: str
    at: datetime
    note: str


def hand_over(
    public_id: str,
    to: LeadEdit,
    actor: Actor,
    now: datetime,
    *,
    version: int | None = None,
    note: str = "",
) -> Lead:
    """Give a lead to the owner and team of ``to``; ``note`` is the reason that the trail keeps.

    Raises what ``edit_lead`` does, and Refusal where nobody is named or the note is too long.
    """
    note = note.strip()
    errors = {}
    if not to.get("owner"):
        errors["owner"] = [msg("请选移交给谁。")]
    if wrong := too_long(note, LONGEST_NOTE):
        errors["note"] = [wrong]
    if errors:
        raise Refusal(errors)
    if note == REASON:
        note = f"“{note}”"  # the bare word is the mark of an edit taken back
    who = current()
    with acting(who.actor_id, who.via, request_id=who.request_id, reason=note or None):
        return edit_lead(public_id, to, actor, now, version=version)


def handed_to(actor: Actor, now: datetime, most: int) -> Sequence[HandedOver]:
    """The leads that others lately gave to this person, the newest first (one statement)."""
    late = _of_late(now - TOLD_FOR)
    rows = db.session.execute(
        sa.select(
            *(Lead.id, Lead.public_id, Company.short_name, late.before),
            *(late.known_at, late.actor_id, late.reason, User.name),
        )
        .join(Lead, Lead.id == late.subject_id)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == late.actor_id)
        .where(
            late.subject == Lead.audit_subject,
            Lead.owner_id == actor.id,
            Lead.status != Status.LOST,
            present(),
            sa.or_(Lead.last_touch_at.is_(None), Lead.last_touch_at < late.known_at),
        )
        .order_by(late.known_at.desc(), late.id.desc())
        .limit(most)
    ).all()
    latest = {row.id: row for row in reversed(rows)}
    return [
        HandedOver(row.public_id, row.short_name, row.name or "", row.known_at, row.reason or "")
        for row in rows
        if latest[row.id] is row
        # Its first owner was given nothing, and what was taken back is no hand-over.
        and row.before is not None
        and row.actor_id != actor.id
        and row.reason != REASON
    ]


def _of_late(since: datetime) -> Any:
    """Who got anything in the whole city since then, few as they are: columns of a subquery.

    Its limit keeps a database from looking through all leads of a person, or all that was ever
    changed of leads, instead.
    """
    # Later sets have higher numbers, so the index begins where the days do.
    first = (
        sa.select(ChangeSet.id)
        .where(ChangeSet.known_at >= since)
        .order_by(ChangeSet.known_at, ChangeSet.id)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    return (
        sa.select(
            *(Change.id, Change.subject, Change.subject_id, Change.before),
            *(ChangeSet.known_at, ChangeSet.actor_id, ChangeSet.reason),
        )
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .where(
            # Spelt out: an index of some rows alone is not found by a value that comes later.
            Change.field == sa.literal_column("'owner_id'"),
            Change.change_set_id >= first,
            ChangeSet.known_at >= since,
        )
        .order_by(Change.change_set_id.desc(), Change.id.desc())
        .limit(MOST_IN_A_WEEK)
        .subquery()
        .c
    )
