"""Take an import of leads back: what it made goes, what it changed is as before.

What somebody has worked on since stays and is named: a lead that was edited, moved, visited or
given a task, and a value that is no longer the import's. What happened (stage changes, versions,
the trail) stays in any case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm import audit
from crm.audit.recorder import plain
from crm.companies import many_contacts
from crm.companies.removal import remove_unused, restore_codes
from crm.errors import Conflict
from crm.imports.changes import changes_of, many_records, records_of, referred_to
from crm.leads.facts import facts_of
from crm.leads.importing import batches
from crm.leads.importing.staging import UNDONE
from crm.leads.moves import clock_of, follow, record_change
from crm.leads.rules import Move
from crm.messages import msg
from crm.targets.applying import lock_lists
from models import db
from models.company import CompanyRelation, CompanySegment
from models.enums import Stage, TaskState, Via
from models.import_batch import BatchState, ImportBatch, ImportChange
from models.lead import Claim, Lead
from models.note import Note
from models.sets import one_of
from models.task import Task

NAMED = 50
# What an import makes with a lead and takes back with it.
_ITS_OWN = frozenset({"claim", "task", "note"})
_CLOCK = frozenset(("stage", "stage_since", "held_days", "stalls_on"))
Record = dict[str, Any]


@dataclass
class Undone:
    """How many leads went back to what they were, and the names of those that had to stay."""

    leads: int = 0
    companies: int = 0
    kept: list[str] = field(default_factory=list)
    kept_companies: int = 0
    kept_people: list[str] = field(default_factory=list)


def undo(batch: ImportBatch, now: datetime) -> Undone | None:
    """Take an applied import back; None when it was undone before."""
    lock_lists()
    if batch.state is BatchState.UNDONE:
        return None
    if batch.state is not BatchState.APPLIED:
        raise Conflict(msg("这次导入还没有写入，没有什么可撤销。"))
    who = audit.current()
    with many_records(), audit.acting(who.actor_id, Via.IMPORT, request_id=who.request_id):
        undone = _take_back(changes_of(batch), who.actor_id, now)
        batch.state = BatchState.UNDONE
        batch.undone_at = now
        batch.counts = {
            **batch.counts,
            "kept": undone.kept[:NAMED],
            "kept_leads": len(undone.kept),
            "kept_companies": undone.kept_companies,
            "kept_people": undone.kept_people[:NAMED],
        }
        batches.forget_rows(batch)
        batch.content = None
        db.session.flush()
    return undone


def _take_back(
    changes: dict[str, list[ImportChange]], actor_id: int | None, now: datetime
) -> Undone:
    undone = Undone()
    for change in changes.get("note", ()):
        keys = (change.after or {})["keys"]
        theirs = sa.and_(Note.lead_id == change.subject_id, Note.key.in_(keys))
        db.session.execute(sa.delete(Note).where(theirs))
    _restore_steps(changes.get("task", ()))
    of_leads = changes.get("lead", ())
    _restore_leads([c for c in of_leads if c.before is not None], undone, actor_id, now)
    free, spared = _free_leads([c for c in of_leads if c.before is None], undone)
    _take_people_back(changes.get("contact", ()), spared, undone)
    _delete(free)
    undone.leads += len(free)
    _forget_segments(changes.get("company_segment", ()))
    for relation in records_of(CompanyRelation, changes.get("company_relation", ())).values():
        db.session.delete(relation)
    of_companies = changes.get("company", [])
    restore_codes([change for change in of_companies if change.before is not None])
    db.session.flush()
    made = {change.subject_id for change in of_companies if change.before is None}
    undone.companies = len(remove_unused(made))
    undone.kept_companies = len(made) - undone.companies
    return undone


def _restore_steps(changes: Sequence[ImportChange]) -> None:
    """A next step that the import set goes, and the one it replaced is open again."""
    known = records_of(Task, changes)
    free: set[int] = set()
    for change in changes:
        task = known.get(change.subject_id)
        if task is None or change.before is not None:
            continue
        if task.state is TaskState.OPEN and task.text == (change.after or {}).get("text"):
            db.session.delete(task)
            free.add(task.lead_id)
    db.session.flush()  # one open step a lead
    for change in changes:
        task = known.get(change.subject_id)
        if task and change.before is not None and task.lead_id in free:
            task.state, task.closed_at = TaskState.OPEN, None
    db.session.flush()


def _restore_leads(
    changes: Sequence[ImportChange], undone: Undone, actor_id: int | None, now: datetime
) -> None:
    known = records_of(Lead, changes)
    for change in changes:
        lead = known.get(change.subject_id)
        if lead is None or change.before is None or change.after is None:
            continue
        still = {k: v for k, v in change.after.items() if plain(getattr(lead, k)) == v}
        before = {k: v for k, v in change.before.items() if k in still}
        if "stage" in change.before and not before.keys() >= _CLOCK:
            # Moved or held since: its stage and its clock stay together.
            before = {k: v for k, v in before.items() if k not in _CLOCK}
        if len(before) < len(change.before):
            undone.kept.append(lead.project or lead.public_id)
        if before:
            _restore(lead, before, actor_id, now)
            undone.leads += 1
    db.session.flush()


def _restore(lead: Lead, before: Record, actor_id: int | None, now: datetime) -> None:
    moved_from = lead.stage
    for name, value in before.items():
        setattr(lead, name, _as_column(name, value))
    lead.updated_at = now
    if lead.stage is not moved_from:
        if Stage.LANDED in {moved_from, lead.stage}:
            follow(lead)
        move = Move(
            from_stage=moved_from,
            to_stage=lead.stage,
            from_status=lead.status,
            to_status=lead.status,
            hold_until=lead.hold_until,
            reason=UNDONE,
            clock=clock_of(lead),
            stalls_on=lead.stalls_on,
        )
        record_change(lead, move, facts_of(lead), actor_id, now)


def _as_column(name: str, value: Any) -> Any:
    """A remembered value as the lead's column has it."""
    if name == "stage":
        return Stage(value)
    is_day = isinstance(Lead.__table__.columns[name].type, sa.Date)
    return date.fromisoformat(value) if is_day and value is not None else value


def _take_people_back(changes: Sequence[ImportChange], spared: set[int], undone: Undone) -> None:
    """People go before the leads, by whose team they are found; where a lead stays they do."""
    undone.kept_people += many_contacts.take_back([c for c in changes if c.before is not None])
    made = [c for c in changes if c.before is None]
    undone.kept_people += many_contacts.remove_unused(made, spared)
    for change in changes:
        # Nothing goes back twice, and the numbers of who is gone are not kept.
        db.session.delete(change)


def _free_leads(changes: Sequence[ImportChange], undone: Undone) -> tuple[list[Lead], set[int]]:
    """The leads that nobody has touched, and the companies of those that stay."""
    known = records_of(Lead, changes)
    worked_on = referred_to(Lead, known, _ITS_OWN)
    tasks = _belonging(Task, set(known), Task.state == TaskState.OPEN)
    every_task, notes = _belonging(Task, set(known)), _belonging(Note, set(known))
    free: list[Lead] = []
    spared: set[int] = set()
    for change in changes:
        lead = known.get(change.subject_id)
        if lead is None or change.after is None:
            continue
        key, after = lead.id, change.after
        as_made = (
            lead.version == after["version"]
            and tasks[key] == every_task[key] == after["tasks"]
            and notes[key] == after["notes"]
        )
        if as_made and key not in worked_on:
            free.append(lead)
        else:
            undone.kept.append(after["name"])
            spared.add(lead.company_id)
    return free, spared


def _belonging(
    model: type[Any], ids: set[int], *conditions: sa.ColumnElement[bool]
) -> Counter[int]:
    if not ids:
        return Counter()
    query = sa.select(model.lead_id, sa.func.count()).where(one_of(model.lead_id, ids), *conditions)
    rows = db.session.execute(query.group_by(model.lead_id))
    return Counter({row[0]: row[1] for row in rows})


def _delete(leads: Sequence[Lead]) -> None:
    """Delete leads with their claims, steps and notes."""
    ids = {lead.id for lead in leads}
    if not ids:
        return
    db.session.execute(sa.delete(Note).where(one_of(Note.lead_id, ids)))
    for model in (Task, Claim):
        for record in db.session.scalars(sa.select(model).where(one_of(model.lead_id, ids))):
            db.session.delete(record)
    db.session.flush()
    for lead in leads:
        db.session.delete(lead)
    db.session.flush()


def _forget_segments(changes: Sequence[ImportChange]) -> None:
    """The chain map forgets what only leads that are gone have said."""
    if not changes:
        return
    made = {(c.subject_id, c.after["segment_id"]) for c in changes if c.after}
    companies = {company for company, _segment in made}
    said = sa.select(Lead.company_id, Lead.segment_id).where(one_of(Lead.company_id, companies))
    made -= {(row[0], row[1]) for row in db.session.execute(said)}
    rows = sa.select(CompanySegment).where(one_of(CompanySegment.company_id, companies))
    for row in db.session.scalars(rows):
        if (row.company_id, row.segment_id) in made:
            db.session.delete(row)
    db.session.flush()
