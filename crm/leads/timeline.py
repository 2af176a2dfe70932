"""What happened on a lead, the newest first: visits, moves, edits, next steps, what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from crm.access import present
from crm.audit import history
from crm.clock import local_date
from crm.leads import edit_reversals
from crm.leads.comments import Said
from crm.leads.directives import Directive, another_day
from crm.leads.entries import Back, Entry, EntryKind
from crm.leads.papers import PaperNews
from crm.leads.reversals import REASON, why_not
from crm.leads.stages import stage_name
from crm.leads.trail import TOLD, Beside, Edit, Names, edits_of
from crm.leads.words import MODE_WORDS, STATUS_WORDS
from crm.messages import Message, msg
from models import db
from models.audit import Change
from models.contact import Contact
from models.enums import Status, TaskKind, TaskState, VisitMode
from models.lead import Lead
from models.note import Note
from models.stage_change import StageChange
from models.task import Task
from models.user import User
from models.visit import Visit, VisitContact, VisitLead, VisitUser

PAGE = 30
# The entries of so many moments are a page, and that more follows.
MOMENTS = PAGE + 1


# A lead that is in other hands was handed over.
_WHOSE = frozenset({"owner_id", "team_id"})


@dataclass(frozen=True)
class Reader:
    """Who reads the timeline and when: what they just did themselves they may take back."""

    id: int
    now: datetime
    writable: bool


@dataclass(frozen=True)
class Told:
    """Which records beside the lead a room above tells of, and how it says what became of them."""

    which: Beside
    tell: Callable[[Sequence[history.Edit], Names], Iterable[Entry]]


@dataclass(frozen=True)
class Timeline:
    """Some entries, and the moment before which the older ones stand (null at the end).

    ``counts`` is how many entries of each kind there are on all pages.
    """

    entries: Sequence[Entry]
    before: datetime | None
    counts: Counter[EntryKind] = field(default_factory=Counter)


def timeline(
    lead: Lead,
    changes: Sequence[StageChange],
    *,
    steps: Sequence[tuple[Task, str | None]] = (),
    news: Sequence[PaperNews] = (),
    told: Sequence[Entry] = (),
    beside: Told | None = None,
    directives: Sequence[Directive] = (),
    comments: Sequence[Said] = (),
    counts: Mapping[EntryKind, int],
    reader: Reader,
    kind: EntryKind | None = None,
    before: datetime | None = None,
) -> Timeline:
    """A page of the timeline; ``changes`` are the lead's stage changes with their actors, in order.

    ``steps`` are its next steps, ``news`` is of its files, ``counts`` what ``counts_of`` counted;
    rooms above have ``told`` to tell, and ``beside`` of the trail of other records.
    """
    found: list[Entry] = []
    if kind in {None, EntryKind.VISITS}:
        found += _visits(lead, before)
    if kind in {None, EntryKind.STAGES}:
        found += (_move(change, changes[-1], reader) for change in changes)
    if kind in {None, EntryKind.STEPS}:
        known = list(_steps(steps))
        # The lead's page knows its newest tasks; they may not be all.
        found += (
            _older_steps(lead, before) if len(known) < counts.get(EntryKind.STEPS, 0) else known
        )
    if kind in {None, EntryKind.NOTES} and counts.get(EntryKind.NOTES):
        found += _notes(lead, before)
    own = kind in {None, EntryKind.EDITS} and bool(counts.get(EntryKind.EDITS))
    read = edits_of(lead, before, MOMENTS, own=own, beside=beside.which if beside else None)
    # What stands behind a page of newer ones is not taken back any more.
    found += _edits(read.edits, replace(reader, writable=reader.writable and before is None))
    loaded = [
        *(beside.tell(read.beside, read.names) if beside else ()),
        *(_papers(one) for one in news),
        *told,
        *(entry for one in directives for entry in _directive(one)),
        *(_comment(one) for one in comments),
    ]
    found += (entry for entry in loaded if kind in {None, entry.kind})
    found = [entry for entry in found if before is None or entry.at < before]
    found.sort(key=lambda entry: entry.at, reverse=True)
    counted = Counter(counts)
    counted[EntryKind.STAGES] = len(changes)
    counted.update(entry.kind for entry in loaded)
    return _first_page(found, counted)


def _first_page(entries: list[Entry], counts: Counter[EntryKind]) -> Timeline:
    """Entries of one moment are never torn apart: the next page begins before it."""
    if len(entries) <= PAGE:
        return Timeline(entries, None, counts)
    last = entries[PAGE - 1].at
    shown = [entry for entry in entries if entry.at >= last]
    return Timeline(shown, last if len(entries) > len(shown) else None, counts)


def counts_of(lead: Lead) -> dict[EntryKind, sa.ScalarSelect[int]]:
    """How many there are of each kind that is read a page at a time, as columns of a query."""
    steps = sa.select(
        sa.func.count() + sa.func.coalesce(sa.func.sum(sa.case((_finished, 1), else_=0)), 0)
    ).where(Task.lead_id == lead.id, Task.kind == TaskKind.NEXT_STEP)
    edits = sa.select(sa.func.count(Change.change_set_id.distinct())).where(
        Change.subject == Lead.audit_subject,
        Change.subject_id == lead.id,
        Change.field.in_(TOLD),
    )
    visits = sa.select(sa.func.count(Visit.id)).where(_on_lead(lead))
    notes = sa.select(sa.func.count(Note.id)).where(Note.lead_id == lead.id)
    return {
        EntryKind.VISITS: visits.scalar_subquery(),
        EntryKind.STEPS: steps.scalar_subquery(),
        EntryKind.EDITS: edits.scalar_subquery(),
        EntryKind.NOTES: notes.scalar_subquery(),
    }


_finished = sa.and_(Task.state == TaskState.DONE, Task.closed_at.is_not(None))


def _on_lead(lead: Lead) -> sa.ColumnElement[bool]:
    """Visits of the lead, and those of its company that name no lead at all."""
    named = sa.select(VisitLead.visit_id).where(VisitLead.lead_id == lead.id)
    unnamed = sa.select(Visit.id).where(
        Visit.company_id == lead.company_id,
        ~sa.select(VisitLead.visit_id).where(VisitLead.visit_id == Visit.id).exists(),
    )
    return sa.and_(Visit.id.in_(named.union_all(unnamed)), present(Visit))


def _visits(lead: Lead, before: datetime | None) -> Iterable[Entry]:
    newest = (Visit.occurred_at.desc(), Visit.id.desc())
    chosen = sa.select(Visit.id).where(_on_lead(lead)).order_by(*newest).limit(PAGE * 2)
    if before is not None:
        chosen = chosen.where(Visit.occurred_at < before)
    companion = aliased(User)
    # Joined one by one: of two tables joined as a pair SQLite makes the whole pair first.
    query = (
        sa.select(Visit)
        .outerjoin(VisitContact, VisitContact.visit_id == Visit.id)
        .outerjoin(Contact, Contact.id == VisitContact.contact_id)
        .outerjoin(VisitUser, VisitUser.visit_id == Visit.id)
        .outerjoin(companion, companion.id == VisitUser.user_id)
        .where(Visit.id.in_(chosen))
        .options(
            joinedload(Visit.author),
            contains_eager(Visit.contacts),
            contains_eager(Visit.companions.of_type(companion)),
        )
        .order_by(*newest, Contact.id, companion.id)
    )
    return [_visit(visit) for visit in db.session.scalars(query).unique()]


def _visit(visit: Visit) -> Entry:
    met = "、".join(contact.name for contact in visit.contacts)
    lines: list[Message | str] = []
    if visit.back_dated:
        lines.append(msg("补记，%(day)s 才记下", day=local_date(visit.recorded_at)))
    if visit.amended_at:
        lines.append(msg("%(day)s 改过", day=local_date(visit.amended_at)))
    if not visit.reached:
        lines.append(msg("没接通") if visit.mode is VisitMode.CALL else msg("没见到人"))
    if met:
        lines.append(msg("见到 %(people)s", people=met))
    lines += [text for text in (visit.summary, visit.outcome) if text]
    if visit.need:
        lines.append(msg("诉求：%(need)s", need=visit.need))
    if visit.rival_cities:
        lines.append(msg("还在看：%(cities)s", cities=visit.rival_cities))
    return Entry(
        at=visit.occurred_at,
        kind=EntryKind.VISITS,
        title=MODE_WORDS[visit.mode],
        who="、".join([visit.author.name, *(user.name for user in visit.companions)]),
        lines=tuple(lines),
        visit=visit.public_id,
    )


def _move(change: StageChange, last: StageChange, reader: Reader) -> Entry:
    lines: list[Message | str] = [_way(change)]
    if change.reason:
        lines.append(change.reason)
    mine = reader.writable and change is last and change.actor_id == reader.id
    back = mine and change.reason != REASON and why_not(change, reader.now) is None
    return Entry(
        at=change.occurred_at,
        kind=EntryKind.STAGES,
        title=msg("阶段") if change.from_stage else msg("登记"),
        who=change.actor.name if change.actor else "",
        lines=tuple(lines),
        back=Back(EntryKind.STAGES, change.seq) if back else None,
    )


def _edits(edits: Iterable[Edit], reader: Reader) -> Iterable[Entry]:
    """The newest first; what a newer one changed again can not be taken back any more."""
    since: set[str] = set()
    for edit in edits:
        last = replace(reader, writable=reader.writable and since.isdisjoint(edit.fields))
        yield _edit(edit, last)
        since |= edit.fields


def _edit(edit: Edit, reader: Reader) -> Entry:
    undoing = edit.reason == edit_reversals.REASON
    fresh = edit.by == reader.id and reader.now - edit.at <= edit_reversals.WINDOW
    back = reader.writable and fresh and not undoing and edit.fields <= edit_reversals.EDITED
    if edit.archived:
        title = msg("归档") if edit.archived.away else msg("从回收站恢复")
        lines = (edit.archived.reason,) if edit.archived.reason else ()
        return Entry(edit.at, EntryKind.EDITS, title, edit.who, (*lines, *edit.lines))
    moved = bool(edit.fields) and edit.fields <= _WHOSE and not undoing
    note = (msg("说明：%(note)s", note=edit.reason),) if moved and edit.reason else ()
    return Entry(
        edit.at,
        EntryKind.EDITS,
        msg("撤销修改") if undoing else msg("已移交") if moved else msg("改资料"),
        edit.who,
        (*edit.lines, *note),
        back=Back(EntryKind.EDITS, edit.seq) if back else None,
    )


def _way(change: StageChange) -> Message:
    if change.from_stage is None:
        return msg("登记为“%(stage)s”", stage=stage_name(change.to_stage))
    if change.from_stage is not change.to_stage:
        return msg(
            "%(old)s → %(new)s",
            old=stage_name(change.from_stage),
            new=stage_name(change.to_stage),
        )
    if change.to_status is Status.ACTIVE:
        return msg("恢复跟进")
    return msg("%(status)s", status=STATUS_WORDS[change.to_status])


def _papers(news: PaperNews) -> Entry:
    lines = (news.removed,) if news.removed else ()
    return Entry(news.at, EntryKind.FILES, news.title, news.who, lines, papers=news.papers)


def _directive(one: Directive) -> Iterable[Entry]:
    """It stands at its moment with what became of it; while it is open it stands on top instead.

    Each day that it was given since stands at the moment when it was.
    """
    for day in one.days:
        lines_of_day = (one.text, another_day(day))
        yield Entry(day.set_at, EntryKind.DIRECTIVES, msg("批示改期"), one.by, lines_of_day)
    if one.open:
        return
    lines: list[Message | str] = [one.text]
    if one.answer is None:
        lines.append(msg("已收回"))
    else:
        lines.append(msg("%(name)s回复：%(text)s", name=one.answered_by, text=one.answer))
    at = one.closed_at or one.at
    back = Back(EntryKind.DIRECTIVES, one.public_id) if one.restorable else None
    yield Entry(at, EntryKind.DIRECTIVES, msg("批示"), one.by, tuple(lines), back=back)


def _comment(one: Said) -> Entry:
    removed = () if one.text is not None else (msg("这条评论已删除。"),)
    return Entry(one.at, EntryKind.COMMENTS, msg("评论"), one.by, removed, said=one)


def _steps(steps: Iterable[tuple[Task, str | None]]) -> Iterable[Entry]:
    for task, name in steps:
        yield _set_step(task, name)
        if task.state is TaskState.DONE and task.closed_at:
            yield _done_step(task, task.closed_at)


def _older_steps(lead: Lead, before: datetime | None) -> Iterable[Entry]:
    """The same of all that the lead ever had, a page at a time."""
    its = Task.lead_id == lead.id, Task.kind == TaskKind.NEXT_STEP
    told = (
        sa.select(Task.id, Task.created_at.label("at"), sa.false().label("done"))
        .where(*its)
        .union_all(sa.select(Task.id, Task.closed_at, sa.true()).where(*its, _finished))
        .cte("told")
    )
    rows = db.session.execute(
        sa.select(Task, User.name, told.c.at, told.c.done)
        .join(told, told.c.id == Task.id)
        .outerjoin(User, User.id == Task.created_by_id)
        .where(history.newest_moments(sa.select(told), told.c.at, before, MOMENTS))
    )
    return [
        _done_step(task, at) if done else _set_step(task, name) for task, name, at, done in rows
    ]


def _set_step(task: Task, name: str | None) -> Entry:
    return Entry(task.created_at, EntryKind.STEPS, msg("下一步"), name or "", (_planned(task),))


def _done_step(task: Task, at: datetime) -> Entry:
    return Entry(at, EntryKind.STEPS, msg("完成下一步"), "", (task.text,))


def _notes(lead: Lead, before: datetime | None) -> Iterable[Entry]:
    """What the team's ledger said, at the day it gives, else at the day it came in."""
    notes = sa.select(Note).where(Note.lead_id == lead.id)
    at = sa.func.coalesce(Note.occurred_at, Note.recorded_at)
    recent = history.newest_moments(notes, at, before, MOMENTS)
    query = notes.where(recent).options(joinedload(Note.author)).order_by(Note.id.desc())
    return [
        Entry(
            at=note.occurred_at or note.recorded_at,
            kind=EntryKind.NOTES,
            title=msg("台账"),
            who=note.author.name if note.author else note.author_name,
            lines=(msg("%(heading)s：%(text)s", heading=note.heading, text=note.text),),
        )
        for note in db.session.scalars(query)
    ]


def _planned(task: Task) -> Message | str:
    if task.due_on is None:
        return task.text
    return msg("%(text)s，%(day)s", text=task.text, day=task.due_on)
