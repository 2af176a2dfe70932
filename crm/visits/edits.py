"""A visit corrected by its author: freely for a day, after that with a trace its readers see.

What follows from when it was, how, and who was there, follows anew: last touches, protection, and
the counts of visits (``totals.py``, in the same flush).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from crm.access import Actor, Right, require, visible_visits
from crm.audit import history
from crm.audit.recorder import note
from crm.errors import Conflict, Forbidden, Refusal
from crm.held import held
from crm.leads.touches import apply_touch, withdraw_touch
from crm.leads.words import MODE_WORDS
from crm.messages import Message, msg
from crm.together import Read, merged
from crm.visits import people
from crm.visits.rules import (
    FREE_EDITS,
    LABELS,
    Facts,
    check_facts,
    is_touch,
    leaves_a_trace,
    too_long,
)
from models import db
from models.audit import Change, ChangeSet
from models.company import Company
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.user import User
from models.visit import Reception, Visit, VisitContact, VisitLead, VisitUser

# What was said, and what touches and reports rest on: when, how and with whom.
FIELDS = ("summary", "need", "outcome", "rival_cities")
# How they were received (接待方案): of who came to us only.
RECEPTION = {f"reception_{name}": name for name in ("host", "place", "materials")}
WORDS = (*FIELDS, *RECEPTION)
FACTS = ("occurred_at", "mode", "reached", "contacts", "companions")
_PEOPLE: dict[str, type[Contact] | type[User]] = {"contacts": Contact, "companions": User}
_YES, _NO = "1", "0"
Told: TypeAlias = Message | datetime | str
_MET: dict[bool, Message] = {True: msg("见到了"), False: msg("没见到")}


@dataclass(frozen=True)
class Amended:
    """One field of a late correction; of words the trail keeps only that they changed."""

    label: Message
    before: Told | None = None
    after: Told | None = None


@dataclass(frozen=True)
class Amendment:
    """One late correction: when, by whom, and of what."""

    at: datetime
    who: str
    fields: tuple[Amended, ...]


def own_visit(actor: Actor, public_id: str) -> Visit:
    """The visit, its row held, for its author; Forbidden for its other readers, else NotFound."""
    require(actor, Right.LOG_VISITS)
    visit = held(Visit, Visit.public_id == public_id, visible_visits(actor))
    if visit.author_id != actor.id:
        raise Forbidden(msg("走访由记的人自己改。有补充请写在线索的评论里。"))
    return visit


def known_of(visit: Visit) -> dict[str, Any]:
    """What stands in a visit, as it would be typed: its moment to the minute, people by public id
    in order, whether somebody was reached as 1 or 0."""
    told = db.session.get(Reception, visit.id)
    received = {name: getattr(told, column, "") for name, column in RECEPTION.items()}
    return (
        {name: getattr(visit, name) or "" for name in FIELDS}
        | received
        | {
            "occurred_at": visit.occurred_at.replace(second=0, microsecond=0),
            "mode": visit.mode.value,
            "reached": _YES if visit.reached else _NO,
            "contacts": _public_ids(Contact, _met_by(visit)),
            "companions": _public_ids(User, _with(visit)),
        }
    )


def edit_visit(
    visit: Visit, typed: Mapping[str, Any], actor: Actor, now: datetime, *, read: Read | None = None
) -> bool:
    """Correct a visit that its author holds (``own_visit``); False for no change.

    ``typed`` has values like those of ``known_of``, of any of its fields. ``read`` is what they
    had read of it, perhaps on another screen. Raises Refusal and Stale.
    """
    known = known_of(visit)
    yours = {name: _plain(value) for name, value in typed.items()}
    values = known | merged(known, yours, read, [visit])
    if values["mode"] != VisitMode.IN:
        values |= {name: known[name] for name in RECEPTION}
    if errors := _wrong(values, visit, now, facts=_differ(known, values, FACTS)):
        raise Refusal(errors)
    if values == known:
        return False
    counted, moment = _touched(visit), visit.occurred_at
    for name in FIELDS:
        setattr(visit, name, values[name] if name == "summary" else values[name] or None)
    if values["occurred_at"] != known["occurred_at"]:
        visit.occurred_at = values["occurred_at"]
    visit.mode = VisitMode(values["mode"])
    visit.reached = values["reached"] == _YES
    if leaves_a_trace(visit.recorded_at, now):
        visit.amended_at = now
    db.session.flush()
    _write_reception(visit, known, values)
    _write_people(visit, known, values, actor, now)
    _touch_anew(visit, counted, moment)
    return True


def put_back(
    visit: Visit, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """When, how and with whom, as it stood before an edit that left it as ``after``.

    Raises Conflict when it was changed again since.
    """
    if _differ(known_of(visit), after, FACTS):
        raise Conflict(msg("之后又改过这次走访，不能撤销了。请看最新情况。"))
    edit_visit(visit, {name: before[name] for name in FACTS}, actor, now)


def amendments_of(visit: Visit) -> list[Amendment]:
    """The late corrections, the latest first, as the trail has them (three queries at most)."""
    if visit.amended_at is None:
        return []
    found = history.edits(
        history.of(visit),
        Change.field.in_((*WORDS, *FACTS)),
        ChangeSet.known_at > visit.recorded_at + FREE_EDITS,
    )
    names = _names(change for edit in found for change in edit.changes)
    return [
        Amendment(edit.at, edit.who, tuple(_amended(change, names) for change in edit.changes))
        for edit in found
    ]


def _amended(change: Change, names: Mapping[str, str]) -> Amended:
    before, after = (_said(change.field, one, names) for one in (change.before, change.after))
    return Amended(LABELS[change.field], before, after)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    return sorted(value) if isinstance(value, list | tuple) else value


def _differ(one: Mapping[str, Any], other: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(one[name] != other[name] for name in names)


def _wrong(
    values: Mapping[str, Any], visit: Visit, now: datetime, *, facts: bool
) -> dict[str, list[Message]]:
    """What is wrong; of when, how and with whom only when that is changed."""
    errors = {
        name: [wrong] for name in WORDS if (wrong := too_long(name, values[name])) is not None
    }
    if facts:
        mode = values["mode"]
        same = values["occurred_at"] == visit.occurred_at.replace(second=0, microsecond=0)
        errors |= check_facts(
            Facts(
                VisitMode(mode) if mode in set(VisitMode) else None,
                visit.occurred_at if same else values["occurred_at"],
                values["reached"] == _YES,
                len(values["contacts"]),
            ),
            now,
        )
    return errors


def _write_reception(visit: Visit, known: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """How they were received; the trail keeps that it changed, as of the visit's other words."""
    changed = [name for name in RECEPTION if values[name] != known[name]]
    if not changed:
        return
    told = db.session.get(Reception, visit.id)
    if told is None:
        told = Reception(visit_id=visit.id)
        db.session.add(told)
    for name in changed:
        setattr(told, RECEPTION[name], values[name])
        note(visit, name, None, None)
    db.session.flush()


def _write_people(
    visit: Visit,
    known: Mapping[str, Any],
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Who was there; the trail keeps their public ids, which say nothing of who was purged."""
    company = db.session.get_one(Company, visit.company_id)
    if values["contacts"] != known["contacts"]:
        were = _met_by(visit)
        met = people.their_people(company, values["contacts"], (), actor, now, kept=were)
        _replace(VisitContact, "contact_id", visit, set(met))
    if values["companions"] != known["companions"]:
        came = people.our_people(values["companions"], visit.author_id, kept=_with(visit))
        _replace(VisitUser, "user_id", visit, set(came))
    for name in _PEOPLE:
        if values[name] != known[name]:
            note(visit, name, known[name], values[name])


def _replace(model: Any, name: str, visit: Visit, keys: set[int]) -> None:
    rows = db.session.scalars(sa.select(model).where(model.visit_id == visit.id)).all()
    for row in rows:
        if getattr(row, name) not in keys:
            db.session.delete(row)
    there = {getattr(row, name) for row in rows}
    db.session.add_all(model(visit_id=visit.id, **{name: key}) for key in keys - there)
    db.session.flush()


def _touch_anew(visit: Visit, counted: bool, moment: datetime) -> None:
    """The touch that it was goes back, and the one that it is comes."""
    counts = _touched(visit)
    if (counted, moment) == (counts, visit.occurred_at):
        return
    named = sa.select(VisitLead.lead_id).where(VisitLead.visit_id == visit.id)
    leads = db.session.scalars(sa.select(Lead).where(Lead.id.in_(named))).all()
    if counted:
        withdraw_touch(visit.company_id, moment, leads)
    if counts:
        apply_touch(visit.company_id, visit.occurred_at, leads)


def _touched(visit: Visit) -> bool:
    return is_touch(reached=visit.reached, contacts=len(_met_by(visit)))


def _met_by(visit: Visit) -> set[int]:
    rows = sa.select(VisitContact.contact_id).where(VisitContact.visit_id == visit.id)
    return set(db.session.scalars(rows))


def _with(visit: Visit) -> set[int]:
    rows = sa.select(VisitUser.user_id).where(VisitUser.visit_id == visit.id)
    return set(db.session.scalars(rows))


def _public_ids(noun: type[Contact] | type[User], keys: set[int]) -> list[str]:
    return sorted(db.session.scalars(sa.select(noun.public_id).where(noun.id.in_(keys))))


def _names(changes: Iterable[Change]) -> dict[str, str]:
    """The names of everybody whom these corrections are about, by public id."""
    found: dict[str, str] = {}
    about = list(changes)
    for name, noun in _PEOPLE.items():
        lists = [one for c in about if c.field == name for one in (c.before, c.after) if one]
        ids = {key for one in lists for key in one}
        if ids:
            pairs = sa.select(noun.public_id, noun.name).where(noun.public_id.in_(ids))
            found |= {row[0]: row[1] for row in db.session.execute(pairs)}
    return found


def _said(name: str, value: Any, names: Mapping[str, str]) -> Told | None:
    if name in WORDS or value is None:
        return None
    match name:
        case "occurred_at":
            return datetime.fromisoformat(value)
        case "mode":
            return MODE_WORDS[VisitMode(value)]
        case "reached":
            return _MET[bool(value)]
        case _:
            return "、".join(names[key] for key in value if key in names) or msg("没有")
