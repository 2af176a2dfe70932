"""Log visits: one entry is the touch, the evidence, the need and the next step. Nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.access import Actor, Right, may_write, require, visible_leads
from crm.clock import local_date
from crm.companies.archiving import refuse_archived
from crm.companies.survivors import company_of
from crm.errors import NotFound, Refusal
from crm.leads.inputs import wrong_values
from crm.leads.next_steps import set_next_step
from crm.leads.touches import apply_touch, relatives
from crm.messages import Message, msg
from crm.promises import service as promises
from crm.promises.rules import MOST, NewPromise
from crm.visits import people
from crm.visits.appointments.closing import close
from crm.visits.people import NewPerson
from crm.visits.queries import meant_unnamed
from crm.visits.rules import VisitInput, check_visit, is_touch
from crm.visits.trips.linking import join_trips
from models import db
from models.company import Company
from models.enums import VisitMode
from models.lead import Lead
from models.visit import Reception, Visit, VisitContact, VisitLead, VisitUser

# What the company plans here, as far as it said so.
PLANNED = ("planned_investment_cny", "planned_revenue_cny", "planned_headcount", "space_m2")
# Where a form has the parts of its n-th promise.
_AT = {"text": "", "due_on": "_on", "who": "_who"}


@dataclass(frozen=True)
class NewVisit:
    """A visit as a person logs it. Leads, companies, contacts and people stand by public id.

    One of ``lead`` and ``company`` is enough; ``leads`` are further ones it was about, also of the
    company's recorded parents and subsidiaries: need, plans and next step are those of ``lead``, or
    of the only lead that is meant where none is named.
    ``client_key`` is the form's own number: the same author and key is the same visit. Three fields
    say how who came to us was received. ``promises`` are those of both sides, on ``lead`` or the
    first of its leads. ``appointment`` is the one that the visit came of.
    """

    client_key: str
    lead: str | None = None
    company: str | None = None
    leads: tuple[str, ...] = ()
    mode: VisitMode | None = None
    arranged: bool = True
    occurred_at: datetime | None = None
    reached: bool = False
    contacts: tuple[str, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    companions: tuple[str, ...] = ()
    summary: str = ""
    need: str = ""
    outcome: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    planned_investment_cny: int | None = None
    planned_revenue_cny: int | None = None
    planned_headcount: int | None = None
    space_m2: int | None = None
    rival_cities: str = ""
    reception_host: str = ""
    reception_place: str = ""
    reception_materials: str = ""
    promises: tuple[NewPromise, ...] = ()
    appointment: str | None = None


@dataclass(frozen=True)
class Logged:
    """The visit, and whether this call made it (False: it was sent before)."""

    visit: Visit
    created: bool


def log_visit(new: NewVisit, actor: Actor, now: datetime) -> Logged:
    """Log a visit, call or message with all that follows from it.

    Raises Forbidden (the role logs none), NotFound (a lead the actor may not see) and Refusal that
    names each wrong field. Sent again, also at the same moment, it returns the first visit.
    """
    require(actor, Right.LOG_VISITS)
    if first := _sent_before(new.client_key, actor):
        return Logged(first, created=False)
    leads = _leads(new, actor)
    company = _company(new, leads)
    promised = _check(new, leads, company, actor, now)
    assert company  # noqa: S101 (checked just now)
    visit = Visit(
        author_id=actor.id,
        client_key=new.client_key,
        company_id=company.id,
        mode=new.mode,
        arranged=new.arranged,
        reached=new.reached,
        summary=new.summary.strip(),
        need=new.need.strip() or None,
        outcome=new.outcome.strip() or None,
        rival_cities=new.rival_cities.strip() or None,
        occurred_at=new.occurred_at,
        recorded_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(visit)
    except IntegrityError:
        if first := _sent_before(new.client_key, actor):
            return Logged(first, created=False)
        raise
    refuse_archived(visit.company_id)
    contacts = people.their_people(company, new.contacts, new.new_people, actor, now)
    _follow(visit, new, leads, contacts, actor, now)
    if promised:
        lead = _main(new, leads)
        promises.write(promised, lead, actor, now=now, visit_id=visit.id)
    join_trips(visit)
    if new.appointment:
        close(new.appointment, visit, actor, now)
    return Logged(visit, created=True)


def _sent_before(client_key: str, actor: Actor) -> Visit | None:
    found: Visit | None = db.session.scalar(
        sa.select(Visit).where(Visit.author_id == actor.id, Visit.client_key == client_key)
    )
    return found


def _leads(new: NewVisit, actor: Actor) -> list[Lead]:
    """The leads it is about: those named, else the actor's open ones of the company."""
    wanted = list(dict.fromkeys(filter(None, (new.lead, *new.leads))))
    condition = Lead.public_id.in_(wanted) if wanted else _open_leads(new, actor)
    found = db.session.scalars(
        sa.select(Lead)
        .where(condition, visible_leads(actor))
        .order_by(Lead.id)
        .with_for_update(of=Lead)
        .execution_options(populate_existing=True)
    ).all()
    if len(found) < len(wanted):
        raise NotFound
    return list(found)


def _open_leads(new: NewVisit, actor: Actor) -> sa.ColumnElement[bool]:
    if not new.company:
        return sa.false()
    of_company = Lead.company_id.in_(sa.select(Company.id).where(Company.public_id == new.company))
    return sa.and_(of_company, meant_unnamed(actor))


def _company(new: NewVisit, leads: list[Lead]) -> Company | None:
    if not new.company:
        return db.session.get(Company, leads[0].company_id) if leads else None
    return company_of(new.company)


def _check(
    new: NewVisit, leads: list[Lead], company: Company | None, actor: Actor, now: datetime
) -> list[promises.Read]:
    """All that is wrong at once: the rules' sentences, and what only the records know.

    Returns the promises with their people.
    """
    errors = wrong_values({name: getattr(new, name) for name in PLANNED})
    try:
        check_visit(
            VisitInput(
                lead_id=None,
                company_id=company.id if company else None,
                mode=new.mode,
                occurred_at=new.occurred_at,
                reached=new.reached,
                contacts=len(new.contacts) + len(new.new_people),
                client_key=new.client_key,
                summary=new.summary,
                need=new.need,
                outcome=new.outcome,
                next_step=new.next_step,
                next_step_on=new.next_step_on,
                rival_cities=new.rival_cities,
                reception_host=new.reception_host,
                reception_place=new.reception_place,
                reception_materials=new.reception_materials,
            ),
            now,
        )
    except Refusal as refusal:
        errors |= refusal.errors
    errors |= people.wrong_people(new.new_people)
    if new.company and company is None:
        errors["company"] = [msg("没有找到这家企业，请重新选。")]
    if company:
        errors |= _strangers(new, leads, company, local_date(now))
    errors |= _unteachable(new, leads, actor)
    promised, wrong = _promised(new, leads, company, actor, now)
    if errors := errors | wrong:
        raise Refusal(errors | _nobodies(new, company, actor, now))
    return promised


def _nobodies(
    new: NewVisit, company: Company | None, actor: Actor, now: datetime
) -> dict[str, list[Message]]:
    """Who is named and is none of theirs or ours; asked apart only where all else is refused."""
    errors: dict[str, list[Message]] = {}
    try:
        if company:
            people.their_people(company, new.contacts, (), actor, now)
    except Refusal as refusal:
        errors |= refusal.errors
    try:
        people.our_people(new.companions, actor.id)
    except Refusal as refusal:
        errors |= refusal.errors
    return errors


def _promised(
    new: NewVisit, leads: list[Lead], company: Company | None, actor: Actor, now: datetime
) -> tuple[list[promises.Read], dict[str, list[Message]]]:
    """The promises with their people, and what is wrong: the first at ``promise_1`` and so on."""
    numbered = {n: row for n, row in enumerate(new.promises, 1) if row.text.strip() or row.due_on}
    if not numbered or company is None:
        return [], {}
    if not leads:
        return [], {"promise_1": [msg("这家企业还没有您的线索。先登记线索，再记承诺。")]}
    if len(new.promises) > MOST:
        return [], {"promise_1": [msg("一次最多记 %(n)s 条承诺。", n=MOST)]}
    today = local_date(now)
    # What waited on a phone, or is written down late, may have come due since.
    first = min(today, local_date(new.occurred_at)) if new.occurred_at else today
    rows = list(numbered.values())
    found, wrong = promises.read(rows, _main(new, leads), company.id, actor, first, today)
    return found, {
        f"promise_{number}{_AT[name]}": texts
        for number, errors in zip(numbered, wrong, strict=True)
        for name, texts in errors.items()
    }


def _main(new: NewVisit, leads: list[Lead]) -> Lead:
    """The lead that a visit is about first of all."""
    return next((lead for lead in leads if lead.public_id == new.lead), leads[0])


def _taught(new: NewVisit, leads: list[Lead]) -> Lead | None:
    """The lead that learns what was said; None where several are meant and none is named."""
    return _main(new, leads) if new.lead or len(leads) == 1 else None


def _unteachable(new: NewVisit, leads: list[Lead], actor: Actor) -> dict[str, list[Message]]:
    """What no lead is there to learn, or none that the actor may change."""
    planned = bool(new.next_step.strip())
    if not leads:
        text = msg("这家企业还没有您的线索。先登记线索，再写下一步。")
        return {"next_step": [text]} if planned else {}
    taught = _taught(new, leads)
    theirs = [taught] if taught else leads
    if not any(may_write(lead, actor) for lead in theirs):
        # A need stands in the visit all the same; an owner's next step is not another's to replace.
        text = msg("下一步由跟进这条线索的小分队定，请去掉，写在走访内容里。")
        return {"next_step": [text]} if planned else {}
    if taught:
        return {}
    said = {"need": bool(new.need.strip()), "next_step": planned}
    said |= {name: getattr(new, name) is not None for name in PLANNED}
    return {
        name: [msg("这次谈到几条线索，请选这是哪一条的。")]
        for name, is_said in said.items()
        if is_said
    }


def _strangers(
    new: NewVisit, leads: list[Lead], company: Company, today: date
) -> dict[str, list[Message]]:
    """Leads of another company; a further one may be of its parents and subsidiaries."""
    others = [lead for lead in leads if lead.company_id != company.id]
    if not others:
        return {}
    if any(lead.public_id == new.lead for lead in others):
        return {"lead": [msg("这条线索是另一家企业的，请分开记。")]}
    family = relatives(company.id, today)
    if all(lead.company_id in family for lead in others):
        return {}
    return {"leads": [msg("一起谈的线索要是同一集团的，其他企业的请分开记。")]}


def _follow(
    visit: Visit,
    new: NewVisit,
    leads: list[Lead],
    contacts: list[int],
    actor: Actor,
    now: datetime,
) -> None:
    """Everything else that a visit is: who was there, the touch, the need, the next step."""
    db.session.add_all(VisitLead(visit_id=visit.id, lead_id=lead.id) for lead in leads)
    db.session.add_all(VisitContact(visit_id=visit.id, contact_id=key) for key in contacts)
    db.session.add_all(
        VisitUser(visit_id=visit.id, user_id=key)
        for key in people.our_people(new.companions, actor.id)
    )
    if visit.mode is VisitMode.IN and (reception := _reception(new)):
        db.session.add(Reception(visit_id=visit.id, **reception))
    if is_touch(reached=visit.reached, contacts=len(contacts)):
        apply_touch(visit.company_id, visit.occurred_at, leads)
    for lead in leads:
        lead.updated_at = now
    taught = _taught(new, leads)
    if taught and may_write(taught, actor):
        _learn(taught, new)
        if new.next_step.strip() and new.next_step_on:
            set_next_step(taught, new.next_step, new.next_step_on, now=now, by=actor.id)
    db.session.flush()


def _reception(new: NewVisit) -> dict[str, str]:
    """What was said of it; nothing when nothing was."""
    said = {
        "host": new.reception_host.strip(),
        "place": new.reception_place.strip(),
        "materials": new.reception_materials.strip(),
    }
    return said if any(said.values()) else {}


def _learn(lead: Lead, new: NewVisit) -> None:
    """What the company said of itself is now known of the lead; silence changes nothing."""
    if need := new.need.strip():
        lead.need = need
    for name in PLANNED:
        if (value := getattr(new, name)) is not None:
            setattr(lead, name, value)
