"""The leads of which a rule may speak, as queries: each kind of causes.py as a condition.

The two are tested against one another. A query names leads in the rule's order; what is said, and
to whom, the rules decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm.access.conditions import Condition
from crm.local_day import day_number, local_day, plain_day
from crm.offers.decided import PROPOSER, of_kind, unanswered, who_hears
from crm.reminders.asked import closed_step
from crm.reminders.rulebook import OWN, Book, Rule, Tier
from models.comment import Comment, Mention
from models.company import Company
from models.enums import SIGNED, OfferState, RuleKind, Side, Stage, Status, TaskKind, TaskState
from models.lead import Claim, Lead
from models.offer import Offer
from models.promise import Promise
from models.target import ListEdition, ListEntry, TargetList
from models.task import Task
from models.team import Team

_UNSIGNED = tuple(stage for stage in Stage if stage not in SIGNED)
_OPEN = (Status.ACTIVE, Status.ON_HOLD)


@dataclass(frozen=True)
class Reason:
    """The leads that one rule speaks of, by the day that it counts from.

    ``anchor`` is that day, as a date or as a number of ``local_day``. ``many``: a lead may be named
    more than once, for several of its tasks. ``urgent`` reasons outrank all others.
    """

    found: sa.Select[Any]
    anchor: Any
    late: bool = False
    """Whether a day that has passed is overdue."""
    urgent: bool = False
    many: bool = False
    person: Any = None
    """Who was asked, where somebody was."""
    key: Any = None
    """Which task, comment or offer it is, where a lead has several or one after the other."""
    not_to: Any = None

    @property
    def leads(self) -> sa.Select[Any]:
        """The leads, each once."""
        return self.found.group_by(Lead.id) if self.many else self.found

    @property
    def order(self) -> Any:
        """What a lead stands by among the others of the reason."""
        return sa.func.min(self.anchor) if self.many else self.anchor


@dataclass(frozen=True)
class Look:
    """Who looks: at ``whose`` leads, and at which tasks, mentions, decisions and promises of them.

    ``asked`` are the tasks that ask this person; without a person (the planner) all of them. With
    ``own`` the steps that remind others say nothing.
    """

    book: Book
    today: date
    whose: Condition
    asked: Condition | None = None
    mentions: Condition | None = None
    decisions: Condition | None = None
    promises: Condition = field(default_factory=sa.true)
    own: bool = False
    person: int | None = None
    """Who looks and may direct: what they ask others for stands elsewhere on their page."""

    @property
    def whose_tasks(self) -> Condition:
        """Whose tasks are looked at: those that ask this person, or all of these leads."""
        return self.asked if self.own and self.asked is not None else self.whose

    def limit(self, rule: Rule) -> date | None:
        """The latest day of the rule of which some step is reached; None when none can be."""
        steps = [step for step in rule.steps if not self.own or step.to in OWN]
        return max((self.book.last_anchor(rule, step, self.today) for step in steps), default=None)


_Maker: TypeAlias = Callable[[Rule, date, Look], Iterator[Reason]]


def reasons(rule: Rule, look: Look) -> Iterator[Reason]:
    """The leads of which a rule may speak on that day, in its order; urgent ones apart."""
    limit = look.limit(rule)
    if limit is not None and rule.kind in _MAKERS:
        yield from _MAKERS[rule.kind](rule, limit, look)


def admitted(rule: Rule, rewarded: Condition | None = None) -> Condition:
    """The rule's own conditions, of a query that reads leads; ``rewarded`` where it knows."""
    asked = rule.conditions
    wanted: list[Condition] = []
    if asked.stages:
        wanted.append(Lead.stage.in_(sorted(asked.stages)))
    if asked.teams:
        teams = sa.select(Team.id).where(Team.code.in_(sorted(asked.teams)))
        wanted.append(Lead.team_id.in_(teams))
    if asked.lists:
        wanted.append(_listed(Lead.company_id, asked.lists))
    if asked.except_lists:
        wanted.append(~_listed(Lead.company_id, asked.except_lists))
    if asked.tiers:
        if rewarded is None:
            rewarded = Lead.company_id.in_(sa.select(Company.id).where(Company.rewarded))
        wanted.append(sa.or_(*(_tier(tier, rewarded) for tier in sorted(asked.tiers))))
    return sa.and_(sa.true(), *wanted)


def _listed(company: Any, lists: frozenset[str] = frozenset()) -> Condition:
    query = sa.select(ListEntry.id).where(ListEntry.company_id == company)
    if lists:
        query = (
            query.join(ListEdition, ListEdition.id == ListEntry.edition_id)
            .join(TargetList, TargetList.id == ListEdition.list_id)
            .where(TargetList.code.in_(sorted(lists)))
        )
    return query.exists()


def _tier(tier: Tier, rewarded: Condition) -> Condition:
    match tier:
        case Tier.REWARDED:
            return rewarded
        case Tier.LISTED:
            return sa.and_(~rewarded, _listed(Lead.company_id))
        case Tier.UNLISTED:
            return sa.and_(~rewarded, ~_listed(Lead.company_id))


def _leads(rule: Rule, *conditions: Condition) -> sa.Select[Any]:
    return sa.select(Lead).where(admitted(rule), *conditions)


def _active(rule: Rule, look: Look, *conditions: Condition) -> sa.Select[Any]:
    return _leads(rule, look.whose, Lead.status == Status.ACTIVE, *conditions)


_THEIRS = (
    sa.select(Promise.task_id)
    .where(Promise.task_id == Task.id, Promise.side == Side.THEIRS)
    .correlate(Task)
    .exists()
)


def _promises(side: Side) -> _Maker:
    of_side = _THEIRS if side is Side.THEIRS else ~_THEIRS

    def asked(look: Look) -> Condition:
        return sa.and_(look.whose_tasks, look.promises, of_side)

    return _tasks(TaskKind.PROMISE, asked)


def _of_whom(look: Look) -> Condition:
    return look.whose_tasks


def _of_others_wishes(look: Look) -> Condition:
    """Not what somebody who looks on has asked others for."""
    if look.own or look.person is None:
        return look.whose_tasks
    by_another = sa.func.coalesce(Task.created_by_id, 0) != look.person
    return sa.and_(look.whose_tasks, sa.or_(by_another, Task.assignee_id == look.person))


def _of_asked(look: Look) -> Condition:
    return look.whose if look.asked is None else look.asked


def _tasks(kind: TaskKind, asked: Callable[[Look], Condition] = _of_whom) -> _Maker:
    def make(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
        open_ones = (
            _leads(rule, asked(look), Lead.status.in_(_OPEN))
            .join(Task, Task.lead_id == Lead.id)
            .where(Task.kind == kind, Task.state == TaskState.OPEN)
        )
        reached = open_ones.where(Task.due_on <= min(limit, look.today))
        who = Task.assignee_id
        of_task: dict[str, Any] = {"many": True, "person": who, "key": Task.id}
        yield Reason(reached, Task.due_on, late=True, urgent=True, **of_task)
        if limit > look.today:
            ahead = open_ones.where(Task.due_on > look.today, Task.due_on <= limit)
            yield Reason(ahead, Task.due_on, **of_task)

    return make


def _mention(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    said_on = local_day(Comment.created_at)
    found = (
        _leads(rule, look.whose if look.mentions is None else look.mentions)
        .join(Comment, Comment.lead_id == Lead.id)
        .join(Mention, Mention.comment_id == Comment.id)
        .where(
            Mention.seen_at.is_(None),
            Comment.removed_at.is_(None),
            said_on <= day_number(limit),
        )
    )
    whom: dict[str, Any] = {"person": Mention.user_id, "key": Comment.id}
    yield Reason(found, said_on, urgent=True, many=True, **whom)


def _offer(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    if look.asked is not None:
        # Whom it waits for hears of it by the planner, nobody else does.
        return
    asked_on = local_day(Offer.created_at)
    found = (
        _leads(rule, look.whose, Lead.status.in_(_OPEN))
        .join(Offer, Offer.lead_id == Lead.id)
        .where(Offer.state == OfferState.PROPOSED, asked_on <= day_number(limit))
    )
    yield Reason(found, asked_on, urgent=True, not_to=Offer.proposer_id, key=Offer.id)


def _decided(*, approved: bool) -> _Maker:
    def make(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
        decided_on = local_day(Offer.decided_at)
        whose = look.whose if look.decisions is None else look.decisions
        found = (
            _leads(rule, whose, Lead.status.in_(_OPEN))
            .join(Offer, Offer.lead_id == Lead.id)
            .join(PROPOSER, PROPOSER.id == Offer.proposer_id)
            .where(unanswered(), of_kind(approved=approved), decided_on <= day_number(limit))
        )
        yield Reason(found, decided_on, urgent=True, person=who_hears(), key=Offer.id)

    return make


def _next_step(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    on = Lead.next_step_on
    reached = _active(rule, look, on <= min(limit, look.today))
    yield Reason(reached, on, late=True, urgent=True)
    if limit > look.today:
        ahead = _active(rule, look, on.between(look.today + timedelta(days=1), limit))
        yield Reason(ahead, on)


def _no_step(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    of_lead = sa.select(Task.id).where(Task.lead_id == Lead.id)
    undated = of_lead.where(Task.kind == TaskKind.NEXT_STEP, Task.state == TaskState.OPEN)
    last = (
        sa.select(sa.func.max(Task.closed_at))
        .where(Task.lead_id == Lead.id, closed_step())
        .correlate(Lead)
        .scalar_subquery()
    )
    since = local_day(sa.func.coalesce(last, Lead.created_at))
    found = _active(
        rule,
        look,
        Lead.stage != Stage.LANDED,
        Lead.next_step_on.is_(None),
        ~undated.exists(),
        since <= day_number(limit),
    )
    yield Reason(found, since)


def _protection(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    until = Claim.protected_until
    found = _active(rule, look, Lead.stage.in_(_UNSIGNED), until <= limit).join(
        Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None))
    )
    yield Reason(found, until)


def _signing(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    expected = Lead.expected_signing_on
    found = _active(rule, look, Lead.stage.in_(_UNSIGNED), expected <= limit)
    yield Reason(found, expected, late=True)


def _landing(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    expected = Lead.expected_landing_on
    found = _active(rule, look, Lead.stage != Stage.LANDED, expected <= limit)
    yield Reason(found, expected, late=True)


def _cadence(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    tiers = rule.conditions.tiers or frozenset(Tier)
    start = local_day(sa.func.coalesce(Company.last_touch_at, Lead.created_at))
    # The rewarded ones stand in a rank of their own.
    for rewarded in (True, False):
        if (Tier.REWARDED in tiers) if rewarded else tiers - {Tier.REWARDED}:
            found = (
                sa.select(Lead)
                .join(Company, Company.id == Lead.company_id)
                .where(
                    look.whose,
                    admitted(rule, sa.true() if rewarded else sa.false()),
                    Lead.status == Status.ACTIVE,
                    Lead.stage != Stage.LANDED,
                    Company.rewarded.is_(rewarded),
                    start <= day_number(limit),
                )
            )
            yield Reason(found, start)


def _stalled(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    yield Reason(_active(rule, look, Lead.stalls_on <= limit), Lead.stalls_on)


def _waking(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    held = (look.whose, Lead.status == Status.ON_HOLD, Lead.hold_until <= limit)
    yield Reason(_leads(rule, *held), Lead.hold_until)


def _aftercare(rule: Rule, limit: date, look: Look) -> Iterator[Reason]:
    touched = local_day(Company.last_touch_at)
    landed = plain_day(Lead.landed_on)
    steps = [step for step in rule.steps if not look.own or step.to in OWN]
    unheeded = [
        sa.and_(
            Lead.landed_on <= look.book.last_anchor(rule, step, look.today),
            sa.or_(Company.last_touch_at.is_(None), landed + step.days > touched),
        )
        for step in steps
    ]
    found = _active(
        rule, look, Lead.stage == Stage.LANDED, Lead.landed_on <= limit, sa.or_(*unheeded)
    ).join(Company, Company.id == Lead.company_id)
    yield Reason(found, Lead.landed_on)


_MAKERS: dict[RuleKind, _Maker] = {
    RuleKind.PROMISE_OURS: _promises(Side.OURS),
    RuleKind.PROMISE_THEIRS: _promises(Side.THEIRS),
    RuleKind.DIRECTIVE: _tasks(TaskKind.DIRECTIVE, _of_others_wishes),
    RuleKind.TASK: _tasks(TaskKind.TASK, _of_asked),
    RuleKind.MATTER: _tasks(TaskKind.MATTER),
    RuleKind.MENTION: _mention,
    RuleKind.OFFER: _offer,
    RuleKind.OFFER_APPROVED: _decided(approved=True),
    RuleKind.OFFER_REFUSED: _decided(approved=False),
    RuleKind.NEXT_STEP: _next_step,
    RuleKind.NO_STEP: _no_step,
    RuleKind.PROTECTION: _protection,
    RuleKind.SIGNING: _signing,
    RuleKind.LANDING: _landing,
    RuleKind.CADENCE: _cadence,
    RuleKind.STALLED: _stalled,
    RuleKind.WAKING: _waking,
    RuleKind.AFTERCARE: _aftercare,
}
