"""Whom somebody contacts now, in order, with the reason: Today's page and the digest.

The database names candidates, a few of each reason and in that reason's order; the rules then
decide, order and say. What is first in the agenda is among the first of its reason, and nobody
reads beyond ``MOST``, so a page costs what it shows, however many leads are due.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm.access import Actor, present, visible_leads, visible_promises
from crm.access.conditions import Condition, in_scope
from crm.access.scopes import Scope
from crm.leads.stages import position, protection
from crm.local_day import day_number, local_day
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem, Later, delivered_rules
from crm.reminders.later import later
from crm.reminders.rules import agenda, asked
from models import db
from models.comment import Comment, Mention
from models.company import Company
from models.enums import Role, Side, Stage, Status, TaskKind, TaskState
from models.lead import Claim, Lead
from models.promise import Promise
from models.snooze import Snooze
from models.task import Task

PAGE = 25
MOST = 200

# Who works on a lead hears everything; who looks on hears of dates, of what was promised and of
# what somebody said to them.
LOOKED_ON = frozenset(
    {"promise_broken", "promise_due", "directive_due", "task_due", "mention", "signing", "landing"}
)

_UNSIGNED = tuple(stage for stage in Stage if position(stage) < position(Stage.COMMITTED))


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


@dataclass(frozen=True)
class _Reason:
    """The leads that one rule speaks of: the rule's order, and when it is overdue."""

    found: sa.Select[Any]
    order: Any
    late: Condition


@dataclass
class _Found:
    """The leads that were named so far, and those of them that may stand first."""

    leads: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)


_PROMISES = ("promise_broken", "promise_due", "promise_awaited")
_theirs = (
    sa.select(Promise.task_id)
    .where(Promise.task_id == Task.id, Promise.side == Side.THEIRS)
    .correlate(Task)
    .exists()
)

_Maker: TypeAlias = Callable[[Condition, date], _Reason]


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
    only = rules_for(actor, scope)
    whose, asked_for = in_scope(actor, scope), _asked(actor, scope)
    aside = _set_aside(actor, whose, today)
    others = Lead.id.not_in(list(aside)) if aside else sa.true()
    found = _Found()
    for ranked in (_URGENT, _LATER):
        reasons = [
            make(sa.and_(asked_for.get(rule, whose), others), today)
            for rule, make in ranked
            if _speaks(rule, only)
        ]
        _look(reasons, found, limit, most)
        if len(found.leads) > most:
            break
    keys = sorted({*found.first, *aside})
    clocks = lead_clocks(keys, today, actor) if keys else []
    own = _own(actor, scope)
    items = agenda(clocks, today, only, person=actor.id, own=own)
    due = [item for item in items if item.lead.lead_id in aside]
    total = len(found.leads) + len(due)
    late = len(found.late) + sum(_is_late(item) for item in due)
    listed = {item.lead.lead_id for item in due}
    waiting = [
        replace(one, why=aside[lead.lead_id])
        for lead in clocks
        if lead.lead_id in aside.keys() - listed
        and (one := later(asked(lead, today, only, person=actor.id, own=own), lead, actor.id))
    ]
    waiting.sort(key=lambda one: (one.until, one.due.sort_key))
    return Agenda(items[:limit], min(total, most), late, total > most, tuple(waiting))


def _set_aside(actor: Actor, whose: Condition, today: date) -> dict[int, str]:
    """The leads on which this person has set something aside (a few), and what they said of why."""
    query = (
        sa.select(Snooze.lead_id, Snooze.reason)
        .join(Lead, Lead.id == Snooze.lead_id)
        .where(
            Snooze.person_id == actor.id,
            Snooze.until > today,
            Snooze.taken_back_at.is_(None),
            whose,
        )
        .order_by(Snooze.id)
    )
    return {lead_id: reason or "" for lead_id, reason in db.session.execute(query)}


def _is_late(item: AgendaItem) -> bool:
    return any(due.tone == "red" for due in (item.first, *item.also))


def due_leads(today: date) -> list[int]:
    """Every lead of the city that some rule may speak of, by key: the planner's work."""
    parts = [
        make(present(), today).found.with_only_columns(Lead.id)
        for rule, make in (*_URGENT, *_LATER)
        if delivered_rules()[rule].enabled
    ]
    return sorted(db.session.scalars(sa.union(*parts)))


def rules_for(actor: Actor, scope: Scope) -> frozenset[str] | None:
    """The rules that speak to this actor in this scope; None for all of them."""
    works_on_it = actor.role is not Role.LIAISON_LEADER and scope in {Scope.MINE, Scope.TEAM}
    return None if works_on_it else LOOKED_ON


def asked_of(person: int) -> tuple[Condition, Condition]:
    """Which tasks (with their leads) and which mentions are this person's to hear."""
    unsaid = sa.and_(Task.assignee_id.is_(None), Lead.owner_id == person)
    return sa.or_(Task.assignee_id == person, unsaid), Mention.user_id == person


def _own(actor: Actor, scope: Scope) -> bool:
    """Whether the scope is what this person is asked for; a liaison leader looks on."""
    return scope is Scope.MINE and actor.role is not Role.LIAISON_LEADER


def _asked(actor: Actor, scope: Scope) -> dict[str, Condition]:
    """Rules that ask a person and not a lead's owner: whose leads they speak of."""
    tasks, mentions = asked_of(actor.id)
    found = {
        "mention": sa.and_(mentions, visible_leads(actor)),
        "task_due": sa.and_(tasks, visible_leads(actor)),
    }
    if _own(actor, scope):
        found["directive_due"] = found["task_due"]
    # A promise is read by fewer than its lead is.
    told = found["task_due"] if _own(actor, scope) else in_scope(actor, scope)
    found |= dict.fromkeys(_PROMISES, sa.and_(told, visible_promises(actor)))
    return found


def _speaks(rule: str, only: frozenset[str] | None) -> bool:
    return delivered_rules()[rule].enabled and (only is None or rule in only)


def _look(reasons: list[_Reason], found: _Found, limit: int, most: int) -> None:
    """Add the leads of these reasons. Who is named by more urgent ones stands before them."""
    enough = len(found.leads) >= limit
    for lead_id, late, place in db.session.execute(_named(reasons, most)):
        found.leads.add(lead_id)
        if late:
            found.late.add(lead_id)
        if not enough and place <= limit:
            found.first.add(lead_id)


def _named(reasons: list[_Reason], most: int) -> sa.CompoundSelect[int, int, int]:
    """The leads of each reason in its order, whether it is late, and their place in that order."""
    parts = []
    for reason in reasons:
        landing = Lead.expected_landing_on
        late = sa.case((reason.late, 1), else_=0)
        columns = Lead.id, late.label("late"), reason.order.label("due"), landing.label("landing")
        # One more than are counted tells that there are more.
        one = (
            reason.found.with_only_columns(*columns)
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


def _task(kind: TaskKind, last: date, whose: Condition, today: date) -> _Reason:
    found = (
        sa.select(Lead)
        .join(Task, Task.lead_id == Lead.id)
        .where(
            whose,
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            Task.kind == kind,
            Task.state == TaskState.OPEN,
            Task.due_on <= last,
        )
        .group_by(Lead.id)
    )
    due_on = sa.func.min(Task.due_on)
    return _Reason(found, due_on, due_on < today)


def _promise_broken(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.PROMISE, today - timedelta(days=1), sa.and_(whose, ~_theirs), today)


def _promise_due(whose: Condition, today: date) -> _Reason:
    on_the_day = sa.and_(whose, ~_theirs, Task.due_on == today)
    return _task(TaskKind.PROMISE, today, on_the_day, today)


def _promise_awaited(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.PROMISE, today - timedelta(days=1), sa.and_(whose, _theirs), today)


def _task_due(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.TASK, today, whose, today)


def _directive(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.DIRECTIVE, today, whose, today)


def _matter(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.MATTER, today, whose, today)


def _mention(whose: Condition, today: date) -> _Reason:
    found = (
        sa.select(Lead)
        .join(Comment, Comment.lead_id == Lead.id)
        .join(Mention, Mention.comment_id == Comment.id)
        .where(
            whose,
            Mention.seen_at.is_(None),
            Comment.removed_at.is_(None),
            local_day(Comment.created_at) <= day_number(today),
        )
        .group_by(Lead.id)
    )
    return _Reason(found, sa.func.min(local_day(Comment.created_at)), sa.false())


def _active(whose: Condition, *conditions: Condition) -> sa.Select[Any]:
    return sa.select(Lead).where(whose, Lead.status == Status.ACTIVE, *conditions)


def _next_step_overdue(whose: Condition, today: date) -> _Reason:
    return _Reason(_active(whose, Lead.next_step_on < today), Lead.next_step_on, sa.true())


def _next_step_due(whose: Condition, today: date) -> _Reason:
    return _Reason(_active(whose, Lead.next_step_on == today), Lead.next_step_on, sa.false())


def _protection(whose: Condition, today: date) -> _Reason:
    until = Claim.protected_until
    warned = until <= today + timedelta(days=protection().warning_days)
    found = _active(whose, Lead.stage.in_(_UNSIGNED), warned).join(
        Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None))
    )
    return _Reason(found, until, sa.false())


def _signing(whose: Condition, today: date) -> _Reason:
    expected = Lead.expected_signing_on
    near = expected <= today + timedelta(days=delivered_rules()["signing"].days)
    return _Reason(_active(whose, Lead.stage.in_(_UNSIGNED), near), expected, expected < today)


def _landing(whose: Condition, today: date) -> _Reason:
    expected = Lead.expected_landing_on
    near = expected <= today + timedelta(days=delivered_rules()["landing"].days)
    return _Reason(_active(whose, Lead.stage != Stage.LANDED, near), expected, expected < today)


def _cadence(*, rewarded: bool) -> _Maker:
    def make(whose: Condition, today: date) -> _Reason:
        start = local_day(sa.func.coalesce(Company.last_touch_at, Lead.created_at))
        due = start + Company.cadence_days
        found = _active(
            whose,
            Lead.stage != Stage.LANDED,
            Company.rewarded.is_(rewarded),
            due <= day_number(today),
        ).join(Company, Company.id == Lead.company_id)
        return _Reason(found, due, sa.false())

    return make


def _stalled(whose: Condition, today: date) -> _Reason:
    return _Reason(_active(whose, Lead.stalls_on <= today), Lead.stalls_on, sa.false())


def _waking(whose: Condition, today: date) -> _Reason:
    held = sa.select(Lead).where(whose, Lead.status == Status.ON_HOLD, Lead.hold_until <= today)
    return _Reason(held, Lead.hold_until, sa.false())


# Each rule of crm.reminders.rules as a condition; the two are tested against one another.
# Every urgent reason outranks every later one.
_URGENT: tuple[tuple[str, _Maker], ...] = (
    ("promise_broken", _promise_broken),
    ("directive_due", _directive),
    ("next_step_overdue", _next_step_overdue),
    ("next_step_due", _next_step_due),
    ("promise_due", _promise_due),
    ("task_due", _task_due),
    ("matter_due", _matter),
    ("promise_awaited", _promise_awaited),
    ("mention", _mention),
)
_LATER: tuple[tuple[str, _Maker], ...] = (
    ("protection", _protection),
    ("signing", _signing),
    ("landing", _landing),
    ("cadence", _cadence(rewarded=True)),
    ("cadence", _cadence(rewarded=False)),
    ("stalled", _stalled),
    ("waking", _waking),
)
