"""Whom somebody contacts now, in order, with the reason: Today's page and the digest.

The database names candidates, a few of each reason and in that reason's order; the rules then
decide, order and say. What is first in the agenda is among the first of its reason, so a page
costs what it shows, however many leads are due.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm.access import Actor
from crm.access.conditions import Condition, in_scope
from crm.access.scopes import Scope
from crm.leads.stages import position, protection
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem, delivered_rules
from crm.reminders.local_day import day_number, local_day
from crm.reminders.rules import agenda
from models import db
from models.company import Company
from models.enums import Role, Stage, Status, TaskKind, TaskState
from models.lead import Claim, Lead
from models.task import Task

PAGE = 25

# Who works on a lead hears everything; who looks on hears of dates and of what was promised.
_DATES = frozenset({"promise_broken", "directive_due", "signing", "landing"})

_UNSIGNED = tuple(stage for stage in Stage if position(stage) < position(Stage.COMMITTED))


@dataclass(frozen=True)
class Agenda:
    """The first items, and of how many; ``late`` leads have something overdue."""

    items: list[AgendaItem]
    total: int
    late: int


@dataclass(frozen=True)
class _Reason:
    """The leads that one rule speaks of: the rule's order, and when it is overdue."""

    found: sa.Select[Any]
    order: Any
    late: Condition


_Maker: TypeAlias = Callable[[Condition, date], _Reason]


def agenda_for(
    actor: Actor, today: date, *, scope: Scope = Scope.MINE, limit: int = PAGE
) -> Agenda:
    """The actor's agenda: the first ``limit`` items, and how many there are. Bounded in cost.

    Raises NotFound for a scope the actor does not have.
    """
    only = rules_for(actor, scope)
    whose = in_scope(actor, scope)
    reasons = [make(whose, today) for rule, make in _REASONS if _speaks(rule, only)]
    total, late = db.session.execute(_count(reasons)).one()
    if not total:
        return Agenda([], 0, 0)
    candidates = db.session.scalars(_candidates(reasons, limit)).all()
    items = agenda(lead_clocks(candidates, today), today, only)
    return Agenda(items[:limit], total, late)


def rules_for(actor: Actor, scope: Scope) -> frozenset[str] | None:
    """The rules that speak to this actor in this scope; None for all of them."""
    works_on_it = actor.role is not Role.LIAISON_LEADER and scope in {Scope.MINE, Scope.TEAM}
    return None if works_on_it else _DATES


def _speaks(rule: str, only: frozenset[str] | None) -> bool:
    return delivered_rules()[rule].enabled and (only is None or rule in only)


def _candidates(reasons: list[_Reason], limit: int) -> sa.Select[int]:
    """The first of each reason, in its order; the same lead may have several."""
    parts = []
    for reason in reasons:
        first = (
            reason.found.with_only_columns(Lead.id.label("id"))
            .order_by(reason.order, Lead.expected_landing_on.asc().nulls_last(), Lead.id)
            .limit(limit)
            .subquery()
        )
        parts.append(sa.select(first.c.id))
    return sa.select(sa.union(*parts).subquery().c.id)


def _count(reasons: list[_Reason]) -> sa.Select[int, int]:
    flag = sa.cast(1, sa.Integer)
    parts = [
        reason.found.with_only_columns(
            Lead.id.label("id"), sa.case((reason.late, flag), else_=0).label("late")
        )
        for reason in reasons
    ]
    found = sa.union_all(*parts).subquery()
    late = sa.case((found.c.late == 1, found.c.id))
    return sa.select(sa.func.count(found.c.id.distinct()), sa.func.count(late.distinct()))


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
    )
    return _Reason(found, Task.due_on, Task.due_on < today)


def _promise(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.PROMISE, today - timedelta(days=1), whose, today)


def _directive(whose: Condition, today: date) -> _Reason:
    return _task(TaskKind.DIRECTIVE, today, whose, today)


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
_REASONS: tuple[tuple[str, _Maker], ...] = (
    ("promise_broken", _promise),
    ("directive_due", _directive),
    ("next_step_overdue", _next_step_overdue),
    ("next_step_due", _next_step_due),
    ("protection", _protection),
    ("signing", _signing),
    ("landing", _landing),
    ("cadence", _cadence(rewarded=True)),
    ("cadence", _cadence(rewarded=False)),
    ("stalled", _stalled),
    ("waking", _waking),
)
