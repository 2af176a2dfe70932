"""Take an edit of a lead back: what one person changed at one moment, as the trail has it.

The way back is an edit like any other: the same rules, and a trail of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from crm.access import Actor
from crm.audit import history
from crm.audit.acting import acting, current
from crm.audit.recorder import made_now
from crm.audit.versions import VERSIONED, plain_version
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads.edits import COLUMNS, edit_lead, known_of
from crm.leads.inputs import LeadEdit
from crm.leads.moves import locked_lead
from crm.leads.words import FIELD_WORDS
from crm.messages import enumerated, msg
from models import db
from models.audit import Change, ChangeSet, LeadVersion
from models.channel import Channel
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import User

WINDOW = timedelta(minutes=10)
REASON = "撤销"  # what the trail keeps; a reason is text as somebody wrote it, in no other language

# Columns that an edit sets, each with those that are one choice with it.
_TOGETHER = (("district_id", "park_id"), ("owner_id", "team_id"))
EDITED = frozenset(FIELD_WORDS) - {"registered_on", "landed_on"}


def number_of_edit(lead: Lead) -> int | None:
    """The number of the edit that this transaction made; None when it changed nothing."""
    made = made_now(db.session)
    if made is None:
        return None
    number: int | None = db.session.scalar(
        sa.select(sa.func.min(Change.seq)).where(
            Change.change_set_id == made,
            Change.subject == Lead.audit_subject,
            Change.subject_id == lead.id,
            Change.field.in_(EDITED),
        )
    )
    return number


def reverse_edit(public_id: str, seq: int, actor: Actor, now: datetime) -> Lead:
    """Put back what the edit with this number changed; nothing else is touched.

    Raises NotFound, Forbidden (somebody else's edit), Conflict that names each field which was
    changed again since, and Refusal (too late, no edit, or what the form would refuse too).
    """
    lead = locked_lead(public_id, actor)
    made = _change_set(lead, seq)
    before, after = _versions(lead, made.id)
    if made.actor_id != actor.id:
        raise Forbidden(msg("谁改的由谁撤销。"))
    if now - made.known_at > WINDOW:
        raise Refusal({}, msg("过了 %(n)s 分钟就不能撤销了，请在页面上改回来。", n=_MINUTES))
    changed = {name for name in VERSIONED if before[name] != after[name]}
    if not changed or not changed <= EDITED:
        raise Refusal({}, msg("这一步不能撤销，请用页面上的按钮改回来。"))
    now_there = {name: plain_version(getattr(lead, name)) for name in EDITED}
    back = _whole_choices(changed)
    if all(now_there[name] == before[name] for name in back):
        raise Conflict(msg("这次修改已经撤销了。"))
    if again := sorted(name for name in back if now_there[name] != after[name]):
        raise _changed_since(lead, again)
    return _taken_back(public_id, _edit(changed, before), actor, now)


def put_back(
    public_id: str, before: LeadEdit, after: Mapping[str, Any], actor: Actor, now: datetime
) -> Lead:
    """Put back what one choice changed: ``after`` is what it left there, ``before`` what stood.

    What else was edited since stays. Raises NotFound, Forbidden, Refusal (what the form would
    refuse too) and Conflict, which names who changed one of these fields again.
    """
    lead = locked_lead(public_id, actor)
    known = known_of(lead)
    again = {name for name, value in after.items() if known[name] != value}
    if again and all(known[name] == value for name, value in before.items()):
        raise Conflict(msg("这次修改已经撤销了。"))
    if again:
        columns = {column for name in again for column in COLUMNS.get(name, (name,))}
        raise _changed_since(lead, sorted(columns))
    return _taken_back(public_id, before, actor, now)


def _taken_back(public_id: str, edit: LeadEdit, actor: Actor, now: datetime) -> Lead:
    """The edit back, which the trail tells from one that somebody thought of."""
    who = current()
    with acting(who.actor_id, who.via, request_id=who.request_id, reason=REASON):
        return edit_lead(public_id, edit, actor, now)


_MINUTES = WINDOW.seconds // 60


def _change_set(lead: Lead, seq: int) -> ChangeSet:
    found = db.session.scalar(
        sa.select(ChangeSet)
        .join(Change, Change.change_set_id == ChangeSet.id)
        .where(
            Change.subject == Lead.audit_subject,
            Change.subject_id == lead.id,
            Change.seq == seq,
        )
    )
    if found is None:
        raise NotFound
    return found


def _versions(lead: Lead, change_set: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The lead before and after a change set, as its versions have it; several flushes are one."""
    first, last = db.session.execute(
        sa.select(sa.func.min(LeadVersion.seq), sa.func.max(LeadVersion.seq)).where(
            LeadVersion.lead_id == lead.id, LeadVersion.change_set_id == change_set
        )
    ).one()
    found = {
        version.seq: {name: getattr(version, name) for name in VERSIONED}
        for version in db.session.scalars(
            sa.select(LeadVersion).where(
                LeadVersion.lead_id == lead.id,
                LeadVersion.seq.in_([(first or 0) - 1, last or 0]),
            )
        )
    }
    if first is None or first - 1 not in found:
        # Registering, or coming back from the trash: there was nothing to go back to.
        raise Refusal({}, msg("这一步不能撤销，请用页面上的按钮改回来。"))
    return found[first - 1], found[last]


def _whole_choices(changed: Collection[str]) -> set[str]:
    """The columns to look at: of a choice that is two columns, both."""
    found = set(changed)
    for columns in _TOGETHER:
        if found.intersection(columns):
            found.update(columns)
    return found


def _changed_since(lead: Lead, again: list[str]) -> Conflict:
    """The refusal that names the fields (columns), and who changed one of them last."""
    last = history.last(history.of(lead), Change.field.in_(again))
    fields = enumerated([msg("“%(field)s”", field=FIELD_WORDS[field]) for field in again])
    if last is None:
        return Conflict(msg("%(fields)s之后又改过，没有撤销。请看最新情况。", fields=fields))
    text = msg(
        "%(name)s之后又改过%(fields)s，没有撤销。请看最新情况。", name=last[0], fields=fields
    )
    return Conflict(text)


def _edit(changed: Collection[str], before: Mapping[str, Any]) -> LeadEdit:
    """What stood there before, in the words of an edit."""
    edit: dict[str, Any] = {}
    for name in changed:
        match name:
            case "district_id" | "park_id":
                edit["place"] = _place(before)
            case "owner_id" | "team_id":
                edit |= {
                    "owner": _code(User.public_id, before["owner_id"]),
                    "team": _code(Team.code, before["team_id"]),
                }
            case "liaison_id":
                edit["liaison"] = _code(User.public_id, before[name])
            case "segment_id":
                edit["segment"] = _code(Segment.code, before[name])
            case "channel_id":
                edit["channel"] = _code(Channel.code, before[name])
            case "project" | "need":
                edit[name] = before[name] or ""
            case _:
                edit[name] = before[name]
    return cast("LeadEdit", edit)


def _place(before: Mapping[str, Any]) -> str:
    if before["park_id"]:
        return f"park:{_code(Park.code, before['park_id'])}"
    return (
        f"district:{_code(District.code, before['district_id'])}" if before["district_id"] else ""
    )


def _code(column: Any, key: int | None) -> str:
    """What an edit calls the row with this key."""
    if key is None:
        return ""
    return str(db.session.scalar(sa.select(column).where(column.class_.id == key)))
