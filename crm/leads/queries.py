"""What the page of a lead reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from crm import clock
from crm.access import Actor, may_write, readable_lead
from crm.companies.badges import Badge, badges_among
from crm.companies.contacts import contacts_of
from crm.companies.figures import KnownFigure, figure_columns, figures_in
from crm.companies.queries import entries_of
from crm.leads.cards import place_name, words_of
from crm.leads.claims import Holder, holders_of
from crm.leads.comments import comments_of
from crm.leads.directives import Directive, directives_among, may_direct
from crm.leads.edits import may_hand_over
from crm.leads.entries import Entry, EntryKind
from crm.leads.facts import fact_columns, facts_in, facts_of
from crm.leads.gates import Check, LeadFacts, checks_for
from crm.leads.moves import clock_of
from crm.leads.papers import Paper, papers_of
from crm.leads.reversals import REASON
from crm.leads.stages import StageInfo, position, stage_info, stages
from crm.leads.stays import Step, days_by_stage
from crm.leads.tasks import LeadTask, tasks_of
from crm.leads.time_words import TimeWord
from crm.leads.timeline import Reader, Timeline, Told, counts_of, timeline
from crm.messages import Message, Name, msg, nmsg
from models import db
from models.company import Company
from models.contact import ContactRole
from models.enums import Stage, Status, TaskKind, TaskState
from models.lead import Lead
from models.stage_change import StageChange
from models.target import ListEntry
from models.task import Task


@dataclass(frozen=True)
class RulerPart:
    """One stage of the ruler, and the days spent there."""

    info: StageInfo
    reached: bool
    current: bool
    note: Message | None


@dataclass(frozen=True)
class LeadPage:
    """Everything that the page of a lead shows."""

    lead: Lead
    claim: Holder | None
    protected_days: int | None
    facts: LeadFacts
    step: Task | None
    badges: Sequence[Badge]
    entries: Sequence[ListEntry]
    figures: Sequence[KnownFigure]
    ruler: Sequence[RulerPart]
    words: Sequence[TimeWord]
    target: StageInfo | None
    checks: Sequence[Check]
    timeline: Timeline
    papers: Sequence[Paper]
    people: Sequence[ContactRole]
    others: Sequence[Holder]
    writable: bool
    may_hand_over: bool
    may_direct: bool
    directives: Sequence[Directive]
    every_task: Sequence[LeadTask]
    """Of every kind and state, the newest; also promises that are not the reader's to see."""
    tasks: Sequence[LeadTask]
    matters: Sequence[LeadTask]
    mentioned: bool
    """Whether a comment names the reader and waits to be seen."""
    last_reason: str | None

    @property
    def place(self) -> Message | Name:
        """Where the project may go."""
        return place_name(self.lead.park, self.lead.district)

    @property
    def segment(self) -> Name:
        """The link of the chain."""
        return Name(self.lead.segment.zh, self.lead.segment.en)

    @property
    def channel(self) -> Name:
        """Where the lead came from."""
        return Name(self.lead.channel.zh, self.lead.channel.en)

    @property
    def team(self) -> Name:
        """Whose lead it is."""
        return Name(self.lead.team.short_zh, self.lead.team.en)

    @property
    def step_word(self) -> TimeWord | None:
        """How late the next step is, when it is due."""
        return next((w for w in self.words if w.kind in {"overdue", "due_today"}), None)

    def word(self, kind: str) -> TimeWord | None:
        """What one of the lead's clocks says, by its kind."""
        return next((word for word in self.words if word.kind == kind), None)

    @property
    def previous(self) -> StageInfo | None:
        """The stage before this one."""
        here = position(self.lead.stage)
        return stages()[here - 1] if here else None

    @property
    def missing(self) -> list[Check]:
        """What the next stage still asks for."""
        return [check for check in self.checks if not check.met]

    @property
    def caller(self) -> ContactRole | None:
        """Whom to ring: the first with a number, those who decide before others."""
        return next((role for role in self.people if role.contact.phone), None)


def page_options() -> tuple[ExecutableOption, ...]:
    """What a lead's page shows of the rows around it."""
    return (
        joinedload(Lead.company).joinedload(Company.place),
        joinedload(Lead.segment),
        joinedload(Lead.channel),
        joinedload(Lead.owner),
        joinedload(Lead.team),
        joinedload(Lead.liaison),
        joinedload(Lead.district),
        joinedload(Lead.park),
    )


def titled_lead(actor: Actor, public_id: str) -> Lead:
    """A lead with its company, which is what a page below the lead's is headed with.

    Raises NotFound.
    """
    return readable_lead(actor, public_id, joinedload(Lead.company))


def held_by(public_id: str) -> Lead:
    """A lead with its team and owner, also for who has just given it away."""
    return db.session.scalars(
        sa.select(Lead)
        .where(Lead.public_id == public_id)
        .options(joinedload(Lead.team), joinedload(Lead.owner))
    ).one()


def lead_page(
    public_id: str,
    actor: Actor,
    today: date,
    *,
    kind: EntryKind | None = None,
    before: datetime | None = None,
    told: Sequence[Entry] = (),
    tell: Callable[[Lead, Sequence[LeadTask]], Iterable[Entry]] | None = None,
    beside: Callable[[Lead, LeadFacts], Told | None] | None = None,
) -> LeadPage:
    """The page of a lead; NotFound when it is not there for this actor.

    ``told``: what rooms above this one have for its timeline; ``tell`` makes it of its tasks,
    ``beside`` of the trail of other records.
    """
    lead = readable_lead(actor, public_id, *page_options())
    changes, facts, counts, figures = history_of(lead)
    target = next_stage(lead.stage)
    holders = holders_of([lead.company_id])
    claim = next((holder for holder in holders if holder.lead_id == lead.id), None)
    until = claim.protected_until if claim else None
    writable = may_write(lead, actor)
    papers = papers_of(lead, actor, writable=writable)
    tasks = tasks_of(lead)
    steps = [(row.task, row.by) for row in tasks if row.task.kind is TaskKind.NEXT_STEP]
    directives = directives_among(tasks, lead, actor)
    said, mentioned = comments_of(lead, actor, clock.now())
    entries = entries_of(lead.company_id)
    return LeadPage(
        lead=lead,
        claim=claim,
        protected_days=(until - today).days if until else None,
        facts=facts,
        step=next((task for task, _ in steps if task.state is TaskState.OPEN), None),
        badges=badges_among(entries),
        entries=entries,
        figures=figures,
        ruler=_ruler(lead, changes, today),
        words=words_of(lead, until, today, facts.next_step or ""),
        target=target,
        checks=checks_for(facts, target.stage, lead.stage) if target else (),
        timeline=timeline(
            lead,
            changes,
            steps=steps,
            news=papers.news,
            told=[*told, *(tell(lead, tasks) if tell else ())],
            beside=beside(lead, facts) if beside else None,
            directives=directives,
            comments=said,
            counts=counts,
            reader=Reader(actor.id, clock.now(), writable),
            kind=kind,
            before=before,
        ),
        papers=papers.shown,
        people=contacts_of(lead.company_id),
        others=[holder for holder in holders if holder.lead_id != lead.id],
        writable=writable,
        may_hand_over=may_hand_over(lead, actor),
        may_direct=may_direct(lead, actor),
        directives=[one for one in directives if one.open],
        every_task=tasks,
        tasks=_open(tasks, TaskKind.TASK),
        matters=_open(tasks, TaskKind.MATTER),
        mentioned=mentioned,
        last_reason=_standing_reason(changes),
    )


def _open(tasks: Sequence[LeadTask], kind: TaskKind) -> list[LeadTask]:
    return [row for row in tasks if row.task.kind is kind and row.task.state is TaskState.OPEN]


class History(NamedTuple):
    """A lead's moves in order, with who made them; what counts as known of it; how many entries
    there are of each kind that is read a page at a time; the investor's latest figures.
    """

    changes: Sequence[StageChange]
    facts: LeadFacts
    counts: Counter[EntryKind]
    figures: list[KnownFigure]


def history_of(lead: Lead) -> History:
    """What happened on a lead (one statement: it has at least the move that registered it)."""
    counts = counts_of(lead)
    rows = db.session.execute(
        sa.select(
            StageChange,
            *counts.values(),
            *fact_columns(lead),
            *figure_columns(lead.company_id),
        )
        .where(StageChange.lead_id == lead.id)
        .options(joinedload(StageChange.actor))
        .order_by(StageChange.seq)
    ).all()
    counted = Counter(dict(zip(counts, rows[0][1:], strict=False))) if rows else Counter()
    facts = facts_in(rows[0], lead) if rows else facts_of(lead)
    figures = figures_in(rows[0]) if rows else []
    return History([row[0] for row in rows], facts, counted, figures)


def _standing_reason(changes: Sequence[StageChange]) -> str | None:
    """Why the lead stands as it does; what was taken back leaves the reason before it."""
    if not changes:
        return None
    last = changes[-1]
    if last.reason != REASON:
        return last.reason
    there = (last.to_stage, last.to_status)
    earlier = (c.reason for c in reversed(changes) if (c.to_stage, c.to_status) == there)
    return next((reason for reason in earlier if reason != REASON), None)


def next_stage(stage: Stage) -> StageInfo | None:
    """The stage that follows, or none after the last."""
    following = stages()[position(stage) + 1 :]
    return following[0] if following else None


def _ruler(lead: Lead, changes: Sequence[StageChange], today: date) -> list[RulerPart]:
    steps = [Step(clock.local_date(c.occurred_at), c.to_stage, c.to_status) for c in changes]
    spent = days_by_stage(steps, today)
    here = position(lead.stage)
    return [
        RulerPart(
            info=info,
            reached=number <= here,
            current=number == here,
            note=_note(lead, info, spent.get(info.stage), today),
        )
        for number, info in enumerate(stages())
    ]


def _note(lead: Lead, info: StageInfo, spent: int | None, today: date) -> Message | None:
    if info.stage is not lead.stage:
        passed = position(info.stage) < position(lead.stage)
        return nmsg("%(n)s 天", spent) if passed and spent is not None else None
    days = clock_of(lead).days(today)
    limit = stage_info(lead.stage).stalled_after
    if lead.status is Status.ON_HOLD and lead.hold_until:
        return msg("第 %(n)s 天，暂缓到 %(day)s", n=days, day=lead.hold_until)
    if limit is None or lead.status is not Status.ACTIVE:
        return msg("第 %(n)s 天", n=days)
    if days > limit:
        return nmsg("停滞 %(n)s 天", days)
    return msg("第 %(n)s 天，满 %(limit)s 天算停滞", n=days, limit=limit)


def short_name_of(public_id: str) -> str:
    """What the company of a lead, which the reader has in hand, is called (one statement)."""
    named = sa.select(Company.short_name).join(Lead, Lead.company_id == Company.id)
    return str(db.session.scalar(named.where(Lead.public_id == public_id)))
