"""稍后: put a lead off until a day, and take that back.

Its next step, when that is due, gets the day (the old one stays in the lead's history); every other
reason that may wait is set aside for whom it reminds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import Actor
from crm.clock import local_date
from crm.errors import Conflict, Refusal
from crm.leads import next_steps
from crm.leads.moves import locked_lead
from crm.messages import msg
from crm.reminders.agenda import LOOKED_ON
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem
from crm.reminders.later import LONGEST_REASON, to_move, to_set_aside, why_not, wrong_day
from crm.reminders.rules import agenda
from crm.reminders.store import book_for
from models import db
from models.lead import Lead
from models.snooze import Snooze


@dataclass(frozen=True)
class PutOff:
    """What was put off: the keys of the snoozes, of the step that stands now and of the one before.

    The last two are null when the next step was not due.
    """

    until: date
    snoozes: list[int]
    step: int | None = None
    before: int | None = None


def item_of(lead: Lead, actor: Actor, today: date) -> AgendaItem | None:
    """The lead as it stands in this person's agenda; None when nothing is due for them."""
    works_on_it = lead.owner_id == actor.id or lead.team_id in actor.teams
    items = agenda(
        lead_clocks([lead.id], today, actor),
        today,
        book_for(actor, today),
        None if works_on_it else LOOKED_ON,
        person=actor.id,
        own=lead.owner_id == actor.id,
    )
    return items[0] if items else None


def put_off(
    public_id: str, until: date | None, actor: Actor, now: datetime, *, reason: str = ""
) -> PutOff:
    """Put the lead off until that day, for this person.

    Raises NotFound, Refusal (a day that will not do, what must not wait) and Conflict when nothing
    is due any more.
    """
    lead = locked_lead(public_id, actor)
    today = local_date(now)
    item = item_of(lead, actor, today)
    if item is None:
        raise Conflict(msg("这条线索现在没有要提醒的。请看最新情况。"))
    if never := why_not(item, today):
        raise Refusal({"until": [never]})
    _check(item, until, reason, today)
    assert until  # noqa: S101 (checked just now)
    snoozes = [
        Snooze(
            lead_id=lead.id,
            person_id=actor.id,
            rule=due.rule,
            occurrence=due.occurrence,
            until=until,
            reason=reason.strip() or None,
            made_on=today,
            made_at=now,
        )
        for due in to_set_aside(item)
    ]
    db.session.add_all(snoozes)
    db.session.flush()
    made = [snooze.id for snooze in snoozes]
    before = next_steps.open_next_step(lead) if to_move(item) else None
    if before is None:
        return PutOff(until, made)
    step = next_steps.set_next_step(lead, before.text, until, now=now, by=actor.id)
    return PutOff(until, made, step.id, before.id)


def take_back(public_id: str, actor: Actor, now: datetime, *, made: PutOff | None = None) -> None:
    """Take back what ``made`` says, or all that this person has set aside on the lead.

    Raises NotFound, and Conflict when somebody set another next step meanwhile.
    """
    lead = locked_lead(public_id, actor)
    if made is not None and made.step is not None:
        step = next_steps.open_next_step(lead)
        if step is None or step.id != made.step:
            raise Conflict(msg("之后又改过下一步，不能撤销了。请看最新情况。"))
        next_steps.bring_back(lead, made.before, now=now)
    query = sa.select(Snooze).where(
        Snooze.lead_id == lead.id,
        Snooze.person_id == actor.id,
        Snooze.taken_back_at.is_(None),
        Snooze.until > local_date(now),
    )
    if made is not None:
        query = query.where(Snooze.id.in_(made.snoozes))
    for snooze in db.session.scalars(query):
        snooze.taken_back_at = now
    db.session.flush()


def _check(item: AgendaItem, until: date | None, reason: str, today: date) -> None:
    errors = {}
    if wrong := wrong_day(item, until, today):
        errors["until"] = [wrong]
    if len(reason.strip()) > LONGEST_REASON:
        errors["reason"] = [msg("原因最多 %(n)s 字，请写短一些。", n=LONGEST_REASON)]
    if errors:
        raise Refusal(errors)
