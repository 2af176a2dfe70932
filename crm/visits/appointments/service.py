"""Arrange a meeting, change and move it, call it off and take that back.

Each is told to who takes part in the same transaction (``invitations.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.access import (
    Actor,
    Right,
    may_write_held,
    readable_lead,
    require,
    visible_appointments,
)
from crm.clock import ZONE
from crm.companies.archiving import refuse_archived
from crm.companies.survivors import company_of
from crm.errors import Conflict, Forbidden, Refusal
from crm.held import held
from crm.messages import Message, msg
from crm.together import Read, merged
from crm.visits import people
from crm.visits.appointments.invitations import Invited, tell
from crm.visits.appointments.rules import Plan, check_plan
from crm.visits.rules import wrong_key
from models import db
from models.appointment import Appointment, AppointmentContact, AppointmentUser
from models.company import Company
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.user import User

_TEXTS = ("place", "host", "materials")
# What who takes part has to hear of; the plan of a reception is ours.
_TOLD = ("mode", "starts_at", "minutes", "place")


@dataclass(frozen=True)
class NewAppointment:
    """A meeting to arrange; ``lead`` or ``company`` by public id. ``client_key`` is the form's."""

    client_key: str
    plan: Plan
    lead: str | None = None
    company: str | None = None


def arrange(new: NewAppointment, actor: Actor, now: datetime) -> tuple[Appointment, bool]:
    """Arrange it and invite who takes part; False when the same form was sent before.

    Raises Forbidden, NotFound (a lead the actor may not see) and Refusal at each wrong field.
    """
    require(actor, Right.LOG_VISITS)
    if first := _sent_before(new.client_key, actor):
        return first, False
    lead = readable_lead(actor, new.lead) if new.lead else None
    company = db.session.get(Company, lead.company_id) if lead else None
    if company is None and new.company:
        company = company_of(new.company)
    errors: dict[str, list[Message]] = {}
    if company is None:
        errors["company"] = [msg("请选约的是哪家企业。")]
    if text := wrong_key(new.client_key):
        errors["client_key"] = [text]
    errors |= _wrong(new.plan, now)
    if errors or company is None:
        raise Refusal(errors)
    refuse_archived(company.id)
    one = Appointment(
        author_id=actor.id,
        client_key=new.client_key,
        company_id=company.id,
        lead_id=lead.id if lead else None,
        created_at=now,
        updated_at=now,
        **_columns(new.plan),
    )
    try:
        with db.session.begin_nested():
            db.session.add(one)
    except IntegrityError:
        if first := _sent_before(new.client_key, actor):
            return first, False
        raise
    _write_people(one, new.plan, actor, now)
    tell(one, invited_to(one), "REQUEST", actor, now)
    return one, True


def own_appointment(actor: Actor, public_id: str) -> Appointment:
    """The appointment, its row held, for who may change it: who takes part, and who works on its
    lead. Forbidden for its other readers, else NotFound."""
    require(actor, Right.LOG_VISITS)
    one = held(Appointment, Appointment.public_id == public_id, visible_appointments(actor))
    if not may_change(one, actor):
        raise Forbidden(msg("约定由参加的人和跟进这条线索的人改。"))
    return one


def may_change(one: Appointment, actor: Actor) -> bool:
    """Whether the actor may change an appointment that they can read."""
    if one.author_id == actor.id or actor.id in _user_keys(one):
        return True
    lead = db.session.get(Lead, one.lead_id) if one.lead_id else None
    return lead is not None and may_write_held(lead.team_id, lead.owner_id, actor)


def known_of(one: Appointment) -> dict[str, Any]:
    """What is arranged, as it would be typed; people by public id, in order."""
    ours = db.session.scalars(sa.select(User.public_id).where(User.id.in_(_user_keys(one))))
    rows = _their_rows(one)
    return {
        "mode": one.mode.value,
        "starts_at": one.starts_at,
        "minutes": one.minutes,
        **{name: getattr(one, name) for name in _TEXTS},
        "companions": sorted(ours),
        "contacts": sorted(key for key, _invited in rows.values()),
        "invited": sorted(key for key, invited in rows.values() if invited),
    }


def plan_of(values: dict[str, Any]) -> Plan:
    """The plan in values like those of ``known_of``."""
    lists = ("companions", "contacts", "invited")
    mode = values["mode"]
    return Plan(
        **{
            **values,
            "mode": VisitMode(mode) if mode in set(VisitMode) else None,
            **{name: tuple(values[name]) for name in lists},
        }
    )


def change(
    one: Appointment,
    plan: Plan,
    actor: Actor,
    now: datetime,
    *,
    read: Read | None = None,
    back: bool = False,
) -> bool:
    """Change an appointment that the actor holds, and tell who takes part; False for no change.

    ``read`` is what somebody had read of it; ``back``: it stood so before, so its moment may have
    passed. Raises Refusal, Conflict when it has ended, and Stale for what two changed.
    """
    _still_open(one)
    known = known_of(one)
    typed = asdict(plan) | {"mode": plan.mode.value if plan.mode else ""}
    for name in ("companions", "contacts", "invited"):
        typed[name] = sorted(typed[name])
    values = merged(known, typed, read, [one])
    wanted = plan_of(values)
    stood_at = wanted.starts_at if back else one.starts_at
    if errors := _wrong(wanted, now, stood_at=stood_at):
        raise Refusal(errors)
    if plan_of(known) == wanted:
        return False
    before = invited_to(one)
    for name, value in _columns(wanted).items():
        setattr(one, name, value)
    told = any(sa.inspect(one).attrs[name].history.has_changes() for name in _TOLD)
    one.updated_at = now
    _write_people(one, wanted, actor, now)
    after = invited_to(one)
    if told or after != before:
        one.sequence += 1
        db.session.flush()
        tell(one, after, "REQUEST", actor, now)
        tell(one, before.without(after), "CANCEL", actor, now)
    return True


def move_to(
    one: Appointment, day: date, actor: Actor, now: datetime, *, back: bool = False
) -> None:
    """The same hour of another day. Raises Refusal at ``starts_at``."""
    at = one.starts_at.astimezone(ZONE)
    moment = datetime.combine(day, at.time(), ZONE)
    plan = plan_of(known_of(one) | {"starts_at": moment})
    change(one, plan, actor, now, back=back)


def cancel(one: Appointment, actor: Actor, now: datetime) -> None:
    """Call off an appointment that the actor holds. Raises Conflict when it has ended."""
    _still_open(one)
    one.cancelled_at = one.updated_at = now
    one.sequence += 1
    db.session.flush()
    tell(one, invited_to(one), "CANCEL", actor, now)


def restore(one: Appointment, actor: Actor, now: datetime) -> None:
    """It takes place after all; what stands already is left as it is."""
    if one.cancelled_at is None:
        return
    one.cancelled_at = None
    one.updated_at = now
    one.sequence += 1
    db.session.flush()
    tell(one, invited_to(one), "REQUEST", actor, now)


def invited_to(one: Appointment) -> Invited:
    """Who of ours takes part and who of theirs gets a mail, by key."""
    rows = _their_rows(one)
    return Invited(
        frozenset(_user_keys(one)),
        frozenset(key for key, (_public, invited) in rows.items() if invited),
    )


def changed_since() -> Message:
    """Why a change can not be taken back any more."""
    return msg("之后又改过这个约定，不能撤销了。请看最新情况。")


def _still_open(one: Appointment) -> None:
    if one.visit_id is not None:
        raise Conflict(msg("这次见面已经记成走访，请改那次走访。"))
    if one.cancelled_at is not None:
        raise Conflict(msg("这个约定已经取消。要恢复请先撤销取消。"))


def _sent_before(client_key: str, actor: Actor) -> Appointment | None:
    found: Appointment | None = db.session.scalar(
        sa.select(Appointment).where(
            Appointment.author_id == actor.id, Appointment.client_key == client_key
        )
    )
    return found


def _wrong(
    plan: Plan, now: datetime, *, stood_at: datetime | None = None
) -> dict[str, list[Message]]:
    """What is wrong by the rules, and who is invited without an address."""
    errors: dict[str, list[Message]] = {}
    try:
        check_plan(plan, now, stood_at=stood_at)
    except Refusal as refusal:
        errors |= refusal.errors
    silent = sa.select(Contact.name).where(
        Contact.public_id.in_(plan.invited), sa.func.coalesce(Contact.email, "") == ""
    )
    if names := db.session.scalars(silent.order_by(Contact.id)).all():
        text = msg("%(name)s还没有邮箱。先在联系人里填上，或去掉邀请。", name=names[0])
        errors["invited"] = [text]
    return errors


def _columns(plan: Plan) -> dict[str, Any]:
    reception = plan.mode is VisitMode.IN
    return {
        "mode": plan.mode,
        "starts_at": plan.starts_at,
        "minutes": plan.minutes,
        "place": plan.place.strip(),
        "host": plan.host.strip() if reception else "",
        "materials": plan.materials.strip() if reception else "",
    }


def _write_people(one: Appointment, plan: Plan, actor: Actor, now: datetime) -> None:
    """Who takes part now; who is invited takes part."""
    company = db.session.get_one(Company, one.company_id)
    were, theirs = _user_keys(one), _their_rows(one)
    ours = people.our_people(plan.companions, one.author_id, kept=were)
    known = {*plan.contacts, *plan.invited}
    met = people.their_people(company, tuple(known), (), actor, now, kept=tuple(theirs))
    invited = set(
        db.session.scalars(sa.select(Contact.id).where(Contact.public_id.in_(plan.invited)))
    )
    _delete(AppointmentUser, AppointmentUser.user_id, one, were - set(ours))
    _delete(AppointmentContact, AppointmentContact.contact_id, one, theirs.keys() - set(met))
    db.session.add_all(
        AppointmentUser(appointment_id=one.id, user_id=key) for key in ours if key not in were
    )
    for key in met:
        row = db.session.get(AppointmentContact, (one.id, key))
        if row is None:
            row = AppointmentContact(appointment_id=one.id, contact_id=key)
            db.session.add(row)
        row.invited = key in invited
    db.session.flush()


def _delete(model: Any, column: Any, one: Appointment, keys: Iterable[int]) -> None:
    rows = sa.select(model).where(model.appointment_id == one.id, column.in_(list(keys)))
    for row in db.session.scalars(rows):
        db.session.delete(row)
    db.session.flush()


def _user_keys(one: Appointment) -> set[int]:
    rows = sa.select(AppointmentUser.user_id).where(AppointmentUser.appointment_id == one.id)
    return set(db.session.scalars(rows))


def _their_rows(one: Appointment) -> dict[int, tuple[str, bool]]:
    """Who of theirs takes part: by key the public id, and whether they are invited."""
    rows = db.session.execute(
        sa.select(Contact.id, Contact.public_id, AppointmentContact.invited)
        .join(AppointmentContact, AppointmentContact.contact_id == Contact.id)
        .where(AppointmentContact.appointment_id == one.id)
    )
    return {key: (public_id, invited) for key, public_id, invited in rows}
