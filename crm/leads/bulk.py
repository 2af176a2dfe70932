"""Change many leads at once: chosen, previewed, applied in one transaction, undone as one.

Every lead goes through the verbs that its own page uses, each within a savepoint. The preview is
the same run, taken back: what it says will happen has just happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import Actor, Right, require, visible_leads
from crm.errors import Conflict, CrmError, Forbidden, NotFound, Refusal
from crm.leads import next_steps, to_do
from crm.leads.bulk_values import MOST, BulkChange, wrong_change
from crm.leads.cards import place_name
from crm.leads.counting import all_conditions
from crm.leads.edits import edit_lead
from crm.leads.filters import LeadFilter
from crm.leads.inputs import Errors, LeadEdit
from crm.leads.moves import locked_lead, move_lead
from crm.leads.rules import MoveRequest
from crm.leads.to_do import NewTask
from crm.messages import msg
from crm.packing import pack_value
from models import db
from models.bulk_edit import BulkEdit, BulkEditLine, BulkKind, BulkState, LineState
from models.enums import Status
from models.lead import Lead
from models.place import District, Park
from models.task import Task
from models.user import User

Facts = dict[str, Any]
# What the trail keeps of a hold that is taken back: text as somebody wrote it.
REASON = "撤销批量修改"


def choose(ids: Iterable[str], kind: BulkKind, actor: Actor, now: datetime) -> BulkEdit:
    """Begin a change of these leads (public ids); what the actor does not see is left out.

    Raises Refusal for none and for more than ``MOST``.
    """
    wanted = Lead.public_id.in_(list(ids)[: MOST + 1])
    return _begun(sa.and_(wanted, visible_leads(actor)), kind, actor, now)


def choose_all(wanted: LeadFilter, kind: BulkKind, actor: Actor, now: datetime) -> BulkEdit:
    """Begin a change of every lead that a list shows. Raises Refusal as ``choose`` does."""
    return _begun(sa.and_(*all_conditions(actor, wanted, clock.local_date(now))), kind, actor, now)


def _begun(which: Any, kind: BulkKind, actor: Actor, now: datetime) -> BulkEdit:
    require(actor, Right.WRITE_LEADS)
    query = sa.select(Lead.id, Lead.version).where(which).order_by(Lead.id).limit(MOST + 1)
    found = db.session.execute(query).all()
    if not found:
        raise Refusal({}, msg("请先选要改的线索。"))
    if len(found) > MOST:
        raise Refusal({}, msg("一次最多改 %(n)s 条，请先把条件收窄。", n=MOST))
    batch = BulkEdit(
        kind=kind, state=BulkState.CHOSEN, created_by_id=actor.id, created_at=now, change={}
    )
    db.session.add(batch)
    db.session.flush()
    db.session.add_all(
        BulkEditLine(
            bulk_edit_id=batch.id, lead_id=row.id, version=row.version, state=LineState.CHOSEN
        )
        for row in found
    )
    db.session.flush()
    return batch


def own_batch(public_id: str, actor: Actor, *, lock: bool = False) -> BulkEdit:
    """The batch, for who prepared it; NotFound for everybody else."""
    query = sa.select(BulkEdit).where(
        BulkEdit.public_id == public_id, BulkEdit.created_by_id == actor.id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    batch = db.session.scalar(query)
    if batch is None:
        raise NotFound
    return batch


def preview(public_id: str, change: BulkChange, actor: Actor, now: datetime) -> BulkEdit:
    """Try the change on every lead, take it back, and write down what each would become.

    Raises Refusal for a change that no lead could take, and Conflict once it is applied.
    """
    batch = _waiting(public_id, actor)
    if errors := _wrong(batch.kind, change, clock.local_date(now)):
        raise Refusal(errors)
    for line, key in _lines(batch):
        _try(line, partial(_changed, key, batch.kind, change, actor, now), keep=False)
    batch.change = change.as_json()
    batch.state = BulkState.PREVIEW
    db.session.flush()
    return batch


def apply(public_id: str, actor: Actor, now: datetime) -> BulkEdit:
    """Change every lead that the preview could change and that nobody touched since.

    Raises Conflict when it is applied already or was not previewed.
    """
    batch = _waiting(public_id, actor)
    if batch.state is not BulkState.PREVIEW:
        raise Conflict(msg("请先看会改什么，再改。"))
    change = BulkChange.from_json(batch.change)
    for line, key in _lines(batch, LineState.READY):
        _try(line, partial(_changed, key, batch.kind, change, actor, now, line.version))
    batch.state, batch.applied_at = BulkState.APPLIED, now
    db.session.flush()
    return batch


def undo(public_id: str, actor: Actor, now: datetime) -> BulkEdit:
    """Put back what the batch changed, lead by lead; what was changed since stays, and is said.

    Raises Conflict when there is nothing to undo.
    """
    batch = own_batch(public_id, actor, lock=True)
    if batch.state is not BulkState.APPLIED:
        raise Conflict(msg("这一批已经撤销过，或还没有改。"))
    for line, lead_id in _lines(batch, LineState.APPLIED):
        _put_back(line, lead_id, batch.kind, actor, now)
    batch.state, batch.undone_at = BulkState.UNDONE, now
    db.session.flush()
    return batch


def counts(batch: BulkEdit) -> dict[LineState, int]:
    """How many of the batch's leads are in each state."""
    rows = db.session.execute(
        sa.select(BulkEditLine.state, sa.func.count())
        .where(BulkEditLine.bulk_edit_id == batch.id)
        .group_by(BulkEditLine.state)
    )
    return {state: n for state, n in rows}  # noqa: C416 (rows are no pairs to mypy)


def _wrong(kind: BulkKind, change: BulkChange, today: date) -> Errors:
    if kind is BulkKind.TASK:
        return to_do.wrong_task(change.text, change.due_on, today)
    return wrong_change(kind, change, today)


def _waiting(public_id: str, actor: Actor) -> BulkEdit:
    require(actor, Right.WRITE_LEADS)
    batch = own_batch(public_id, actor, lock=True)
    if batch.state not in {BulkState.CHOSEN, BulkState.PREVIEW}:
        raise Conflict(msg("这一批已经改过了。"))
    return batch


def _lines(batch: BulkEdit, state: LineState | None = None) -> Sequence[tuple[BulkEditLine, str]]:
    """The batch's lines with their leads' public ids, in the order in which leads are locked."""
    query = (
        sa.select(BulkEditLine, Lead.public_id)
        .join(Lead, Lead.id == BulkEditLine.lead_id)
        .where(BulkEditLine.bulk_edit_id == batch.id)
        .order_by(BulkEditLine.lead_id)
    )
    if state is not None:
        query = query.where(BulkEditLine.state == state)
    return [(line, key) for line, key in db.session.execute(query)]


def _try(
    line: BulkEditLine, run: Callable[[], tuple[Facts, Facts, int]], *, keep: bool = True
) -> None:
    """Run one lead's change in a savepoint and write down on its line what came of it."""
    savepoint = db.session.begin_nested()
    try:
        before, after, version = run()
    except CrmError as refused:
        savepoint.rollback()
        line.state, line.why = LineState.REFUSED, pack_value(refused.texts[0])
        return
    if keep:
        savepoint.commit()
    else:
        savepoint.rollback()
    line.before, line.after, line.version, line.why = before, after, version, None
    line.state = LineState.APPLIED if keep else LineState.READY
    if not keep and before == after:
        line.state, line.why = LineState.REFUSED, pack_value(msg("本来就是这样，不用改。"))


def _changed(
    key: str,
    kind: BulkKind,
    change: BulkChange,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> tuple[Facts, Facts, int]:
    """Change one lead; what stood before and stands now, and the version a reader then knows.

    Of a preview (``seen`` None) that is the version before: what it changes is taken back.
    """
    lead = _held(key, actor)
    version = lead.version
    if seen is not None and seen != version:
        raise Conflict(msg("您看过之后有人改过，没有动它。"))
    if lead.status is Status.LOST:
        raise Refusal({}, msg("已流失，要先恢复跟进才能改。"))
    before, given = _facts(lead, kind), None
    match kind:
        case BulkKind.OWNER:
            edit_lead(key, LeadEdit(owner=change.owner), actor, now)
        case BulkKind.PLACE:
            edit_lead(key, LeadEdit(place=change.place), actor, now)
        case BulkKind.STEP:
            next_steps.set_next_step(
                lead, change.next_step, _day(change.next_step_on), now=now, by=actor.id
            )
        case BulkKind.STEP_DAY:
            next_steps.reschedule(lead, _day(change.next_step_on), now=now)
        case BulkKind.HOLD:
            asked = MoveRequest(
                to_status=Status.ON_HOLD, hold_until=change.hold_until, reason=change.reason
            )
            move_lead(key, asked, actor, now)
        case BulkKind.TASK:
            if to_do.is_set(lead, change.text, change.due_on):
                raise Conflict(msg("负责人已经有这件待办。"))
            given = to_do.assign(key, NewTask(change.text, change.due_on), actor, now=now)
    db.session.flush()
    after = _step_facts(given) if given else _facts(lead, kind)
    return before, after, lead.version if seen is not None else version


def _put_back(line: BulkEditLine, key: str, kind: BulkKind, actor: Actor, now: datetime) -> None:
    # What was given is taken away again; everything else is put back as it was.
    facts = (line.after if kind is BulkKind.TASK else line.before) or {}
    savepoint = db.session.begin_nested()
    try:
        _restore(key, line.version, kind, facts, actor, now)
    except CrmError as refused:
        savepoint.rollback()
        line.state, line.why = LineState.KEPT, pack_value(refused.texts[0])
        return
    savepoint.commit()
    line.state = LineState.UNDONE


def _restore(
    key: str, version: int, kind: BulkKind, facts: Facts, actor: Actor, now: datetime
) -> None:
    lead = _held(key, actor)
    if lead.version != version:
        raise Conflict(msg("之后有人改过，没有动它。"))
    match kind:
        case BulkKind.OWNER:
            edit_lead(key, LeadEdit(owner=facts["value"]), actor, now)
        case BulkKind.PLACE:
            edit_lead(key, LeadEdit(place=facts["value"]), actor, now)
        case BulkKind.STEP:
            next_steps.bring_back(lead, facts["task"], now=now)
        case BulkKind.STEP_DAY:
            next_steps.put_back(lead, date.fromisoformat(facts["on"]), now=now)
        case BulkKind.HOLD:
            until = date.fromisoformat(facts["until"]) if facts["until"] else None
            asked = MoveRequest(to_status=Status(facts["status"]), hold_until=until, reason=REASON)
            move_lead(key, asked, actor, now)
        case BulkKind.TASK:
            to_do.withdraw(db.session.get_one(Task, facts["task"]).public_id, actor, now=now)
    db.session.flush()


def _held(key: str, actor: Actor) -> Lead:
    try:
        return locked_lead(key, actor)
    except Forbidden as refused:
        raise Forbidden(msg("这条线索不归您的小分队，您能看，不能改。")) from refused


def _day(day: date | None) -> date:
    assert day is not None  # noqa: S101 (``wrong_change`` asks for it)
    return day


def _facts(lead: Lead, kind: BulkKind) -> Facts:
    """What of a lead this kind changes, with the words for it."""
    match kind:
        case BulkKind.OWNER:
            owner = db.session.get_one(User, lead.owner_id)
            return {"value": owner.public_id, "name": owner.name}
        case BulkKind.PLACE:
            park = db.session.get(Park, lead.park_id) if lead.park_id else None
            district = db.session.get(District, lead.district_id) if lead.district_id else None
            value = f"park:{park.code}" if park else f"district:{district.code}" if district else ""
            return {"value": value, "name": pack_value(place_name(park, district))}
        case BulkKind.HOLD:
            until = lead.hold_until.isoformat() if lead.hold_until else None
            return {"status": lead.status.value, "until": until}
        case BulkKind.TASK:
            return _step_facts(None)
        case _:
            return _step_facts(next_steps.open_next_step(lead))


def _step_facts(step: Task | None) -> Facts:
    if step is None:
        return {"task": None, "text": "", "on": None}
    day = step.due_on.isoformat() if step.due_on else None
    return {"task": step.id, "text": step.text, "on": day}
