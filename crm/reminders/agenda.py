"""Whom somebody contacts now, in order, with the reason: Today's page and the digest.

The database names candidates, a few of each reason and in that reason's order; the rules then
decide, order and say. What is first in the agenda is among the first of its reason, and nobody
reads beyond ``MOST``, so a page costs what it shows, however many leads are due.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, Right, allowed, present, promises_there, visible_leads, visible_offers
from crm.access.conditions import Condition, in_scope
from crm.access.scopes import Scope
from crm.offers.decided import who_hears
from crm.reminders.candidates import Look, Reason, reasons
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem, Later
from crm.reminders.later import later
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda, asked
from crm.reminders.store import STANDS, book_for
from models import db
from models.comment import Mention
from models.enums import Role, RuleKind, Status
from models.lead import Lead
from models.reminder import Reminder
from models.snooze import Snooze
from models.task import Task

PAGE = 25
MOST = 200
# Of others' leads so many are looked at again, the latest first.
MOST_TOLD = 100
MOST_ROWS = 500

# Who works on a lead hears everything; who looks on hears of dates, of what was promised and of
# what somebody said to them.
LOOKED_ON = frozenset(
    {
        RuleKind.PROMISE_OURS,
        RuleKind.DIRECTIVE,
        RuleKind.TASK,
        RuleKind.MENTION,
        RuleKind.OFFER_APPROVED,
        RuleKind.OFFER_REFUSED,
        RuleKind.SIGNING,
        RuleKind.LANDING,
    }
)


@dataclass(frozen=True)
class Agenda:
    """The first items, and of how many; ``late`` leads have something overdue.

    ``more``: there are more than ``MOST``, and neither number counts them all. ``later`` are the
    leads on which the person has set everything aside, what comes back first standing first.
    """

    items: list[AgendaItem]
    total: int
    late: int
    more: bool = False
    later: tuple[Later, ...] = ()


@dataclass
class _Found:
    """The leads that were named so far, and those of them that may stand first."""

    leads: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)


def agenda_for(
    actor: Actor,
    today: date,
    *,
    scope: Scope = Scope.MINE,
    limit: int = PAGE,
    most: int = MOST,
) -> Agenda:
    """The actor's agenda: the first ``limit`` items, and how many there are up to ``most``.

    Bounded in cost; ``limit`` is at most ``most``. Raises NotFound for a scope the actor does not
    have.
    """
    book = book_for(actor, today)
    only, own = kinds_for(actor, scope), _own(actor, scope)
    whose = in_scope(actor, scope)
    beside = _apart(actor, scope, whose, today)
    aside = beside.aside
    others = Lead.id.not_in(list(aside)) if aside else sa.true()
    look = _look_of(actor, scope, book, today, others)
    named = [one for rule in book.rules if _speaks(rule.kind, only) for one in reasons(rule, look)]
    found = _found(named, today, limit, most)
    apart = {*aside, *beside.told} - found.leads
    keys = sorted({*found.first, *apart})
    clocks = lead_clocks(keys, today, actor) if keys else []
    if look.person is not None and not own:
        clocks = [lead.without_wishes_of(look.person) for lead in clocks]
    items = agenda(clocks, today, book, only, person=actor.id, own=own)
    due = [item for item in items if item.lead.lead_id in apart]
    total = len(found.leads) + len(due)
    late = len(found.late) + sum(_is_late(item) for item in due)
    listed = {item.lead.lead_id for item in due}
    waiting = [
        replace(one, why=aside[lead.lead_id])
        for lead in clocks
        if lead.lead_id in aside.keys() - listed
        and (one := later(asked(lead, today, book, only, person=actor.id, own=own), lead, actor.id))
    ]
    waiting.sort(key=lambda one: (one.until, one.due.sort_key))
    return Agenda(items[:limit], min(total, most), late, total > most, tuple(waiting))


@dataclass(frozen=True)
class _Apart:
    """Leads that the queries of the rules do not name: few, and looked at one by one.

    ``aside``: on which this person has set something aside, and what they said of why.
    """

    aside: dict[int, str]
    told: list[int]


def _apart(actor: Actor, scope: Scope, whose: Condition, today: date) -> _Apart:
    # A task may be asked of somebody whose lead it is not.
    asked = sa.exists().where(Task.lead_id == Lead.id, Task.assignee_id == actor.id)
    aside = (
        sa.select(Snooze.lead_id, sa.func.coalesce(Snooze.reason, "").label("reason"))
        .join(Lead, Lead.id == Snooze.lead_id)
        .where(
            Snooze.person_id == actor.id,
            Snooze.until > today,
            Snooze.taken_back_at.is_(None),
            sa.or_(whose, sa.and_(asked, visible_leads(actor, by_row=True))),
        )
        .order_by(Snooze.id)
        .subquery()
        .c
    )
    parts = [sa.select(aside.lead_id, aside.reason, sa.literal(0).label("told"))]
    # In a team's view its owners' reasons stand anyway.
    if _is_told(actor) and scope is not Scope.TEAM:
        others = _told(actor).subquery().c
        parts.append(sa.select(others.lead_id, sa.literal(""), sa.literal(1)))
    found = _Apart({}, [])
    for lead_id, reason, told_of in db.session.execute(sa.union_all(*parts)):
        if told_of:
            found.told.append(lead_id)
        else:
            found.aside[lead_id] = reason
    return found


def _is_late(item: AgendaItem) -> bool:
    return any(due.tone == "red" for due in item.dues)


def due_leads(today: date, book: Book) -> list[int]:
    """Every lead of the city that some rule may speak of, by key: the planner's work."""
    look = Look(book, today, whose=present())
    parts = [
        one.leads.with_only_columns(Lead.id) for rule in book.rules for one in reasons(rule, look)
    ]
    return sorted(db.session.scalars(sa.union(*parts))) if parts else []


def kinds_for(actor: Actor, scope: Scope) -> frozenset[RuleKind] | None:
    """The kinds of rules that speak to this actor in this scope; None for all of them."""
    works_on_it = actor.role is not Role.LIAISON_LEADER and scope in {Scope.MINE, Scope.TEAM}
    return None if works_on_it else LOOKED_ON


def asked_of(person: int) -> tuple[Condition, Condition]:
    """Which tasks (with their leads) and which mentions are this person's to hear."""
    unsaid = sa.and_(Task.assignee_id.is_(None), Lead.owner_id == person)
    return sa.or_(Task.assignee_id == person, unsaid), Mention.user_id == person


def _own(actor: Actor, scope: Scope) -> bool:
    """Whether the scope is what this person is asked for; a liaison leader looks on."""
    return scope is Scope.MINE and actor.role is not Role.LIAISON_LEADER


def _look_of(actor: Actor, scope: Scope, book: Book, today: date, others: Condition) -> Look:
    """Tasks, mentions and decisions ask a person and not a lead's owner as such."""
    tasks, mentions = (sa.and_(one, visible_leads(actor), others) for one in asked_of(actor.id))
    return Look(
        book,
        today,
        whose=sa.and_(in_scope(actor, scope), others),
        asked=tasks,
        mentions=mentions,
        decisions=sa.and_(who_hears() == actor.id, visible_offers(actor), others),
        promises=promises_there(actor),
        own=_own(actor, scope),
        person=actor.id if allowed(actor, Right.DIRECT) else None,
    )


def told(actor: Actor) -> list[int]:
    """Leads of others of which this person was reminded, the latest first: the planner's rows.

    Nobody reads the whole city for a page; whether it still is so the rules say.
    """
    found = db.session.scalars(_told(actor)) if _is_told(actor) else ()
    return [key for key in found if key is not None]


def _is_told(actor: Actor) -> bool:
    """A scout hears of their own leads and of what they are asked."""
    return actor.role is not Role.SCOUT


def _told(actor: Actor) -> sa.Select[Any]:
    latest = [
        sa.select(
            sa.select(Reminder.id, Reminder.lead_id)
            .where(Reminder.person_id == actor.id, Reminder.state == state)
            .order_by(Reminder.id.desc())
            .limit(MOST_ROWS)
            .subquery()
        )
        for state in STANDS
    ]
    rows = sa.union_all(*latest).subquery().c
    return (
        sa.select(rows.lead_id)
        .join(Lead, Lead.id == rows.lead_id)
        .where(
            Lead.owner_id != actor.id,
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            visible_leads(actor),
        )
        .group_by(rows.lead_id)
        .order_by(sa.func.max(rows.id).desc())
        .limit(MOST_TOLD)
    )


def _speaks(kind: RuleKind, only: frozenset[RuleKind] | None) -> bool:
    return only is None or kind in only


def _found(named: list[Reason], today: date, limit: int, most: int) -> _Found:
    """The leads of these reasons. Whom urgent ones name stand before the others.

    The others are asked in a statement of their own, and not where the urgent ones fill the page
    and all that is counted: that is who has most.
    """
    found = _Found()
    for urgent in (True, False):
        those = [reason for reason in named if reason.urgent is urgent]
        enough = len(found.leads) >= limit
        for lead_id, late, place in db.session.execute(_named(those, today, most)) if those else ():
            found.leads.add(lead_id)
            if late:
                found.late.add(lead_id)
            if not enough and place <= limit:
                found.first.add(lead_id)
        if len(found.leads) > most:
            break
    return found


def _named(named: list[Reason], today: date, most: int) -> sa.CompoundSelect[int, int, int]:
    """The leads of each reason: late or not, and their place in its order."""
    parts = []
    for reason in named:
        landing = Lead.expected_landing_on
        late = sa.case((reason.order < today, 1), else_=0) if reason.late else sa.literal(0)
        columns = Lead.id, late.label("late"), reason.order.label("due"), landing.label("landing")
        # One more than are counted tells that there are more.
        one = (
            reason.leads.with_only_columns(*columns)
            .order_by(reason.order, landing.asc().nulls_last(), Lead.id)
            .limit(most + 1)
            .subquery()
            .c
        )
        place = sa.func.row_number().over(
            order_by=(one.due, one.landing.asc().nulls_last(), one.id)
        )
        parts.append(sa.select(one.id, one.late, place))
    return sa.union_all(*parts)
