"""Single records around the leads of the walks' world."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm import clock
from crm.chain.judging import say
from crm.companies.service import create_company
from crm.events.invitations import Guest, invite, mark
from crm.events.leads import link_lead
from crm.events.rules import EventInput
from crm.events.service import create_event
from crm.mergers.service import merge
from crm.messages import msg
from crm.packing import pack
from crm.referrals.service import ReferralInput, refer_lead
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange
from crm.visits.people import NewPerson
from crm.visits.trips.service import TripInput, plan_trip
from crm.visits.trips.stops import add_stop
from models import db
from models.company import Company
from models.enums import Side, TaskKind, TaskState, VisitMode
from models.event import Attendance
from models.lead import Lead
from models.promise import Promise
from models.reminder import Reminder
from models.task import Task
from models.user import User
from models.visit import Visit
from tests.leads.making import NOW, TODAY, actor_of


def a_step(session: Any, lead: Lead) -> str:
    """A next step of a lead."""
    step = Task(
        lead_id=lead.id,
        kind=TaskKind.NEXT_STEP,
        text="答复场地方案",
        due_on=TODAY,
        state=TaskState.OPEN,
        created_at=NOW,
    )
    session.add(step)
    session.flush()
    return step.public_id


def a_notice(session: Any, lead: Lead, person: User) -> int:
    """A reminder about a lead that its person has not looked at."""
    said = pack(msg("约好 %(day)s %(text)s。", day=TODAY, text="回电"))
    reminder = Reminder(
        rule="cadence",
        subject=f"lead {lead.id}",
        lead_id=lead.id,
        person_id=person.id,
        occurrence="a notice",
        due_on=TODAY,
        reason={"tone": "ink", "headline": said, "reason": said},
        planned_at=NOW,
    )
    session.add(reminder)
    session.flush()
    return reminder.id


def a_directive(session: Any, lead: Lead) -> str:
    """A directive on a lead, of whoever made none of it."""
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.DIRECTIVE,
        text="周五前给我意见",
        due_on=TODAY,
        assignee_id=lead.owner_id,
        created_at=NOW,
    )
    session.add(task)
    session.flush()
    return task.public_id


def a_merger(by: User, company_id: str) -> str:
    """A second record of a company, merged into it."""
    second = create_company("走一走的另一份软件有限公司", now=NOW)
    return merge(second.public_id, company_id, actor_of(by), NOW).public_id


def a_judgement(by: User) -> str:
    """What a manager judged of a segment's gap."""
    return say("FND-DB", "weak", "走一走", actor_of(by), clock.now()).public_id


def a_matter(session: Any, lead: Lead) -> str:
    """Something that has to be coordinated about a lead."""
    task = Task(lead_id=lead.id, kind=TaskKind.MATTER, text="请区里定场地", created_at=NOW)
    session.add(task)
    session.flush()
    return task.public_id


def a_task(session: Any, lead: Lead) -> str:
    """What the lead's owner has to do beside the next step."""
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.TASK,
        text="寄样机",
        due_on=TODAY,
        assignee_id=lead.owner_id,
        created_at=NOW,
    )
    session.add(task)
    session.flush()
    return task.public_id


def a_promise(session: Any, lead: Lead) -> str:
    """What the lead's owner promised the company."""
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.PROMISE,
        text="给出人才公寓的书面答复",
        due_on=TODAY,
        assignee_id=lead.owner_id,
        created_at=NOW,
    )
    session.add(task)
    session.flush()
    session.add(Promise(task_id=task.id, side=Side.OURS))
    session.flush()
    return task.public_id


def an_appointment(lead: Lead, by: User) -> str:
    """Something arranged in the course of a lead."""
    at = clock.now() + timedelta(days=2)
    plan = Plan(VisitMode.IN, at, place="智创园 2 号楼", host="周晓")
    new = NewAppointment(f"walk-{lead.public_id}", plan, lead=lead.public_id)
    return arrange(new, actor_of(by), clock.now())[0].public_id


def a_trip(goes: list[User], visit: Visit) -> tuple[str, str]:
    """A trip of these people, the first of whom plans it, in the days of a visit; with its stop."""
    scout = actor_of(goes[0])
    new = TripInput("beijing", TODAY, TODAY, [one.public_id for one in goes], "拜访基础软件企业")
    trip = plan_trip(new, scout, NOW).public_id
    company = db.session.get_one(Company, visit.company_id).public_id
    return trip, add_stop(trip, company, None, scout, TODAY).public_id


def an_event(by: User, lead: Lead) -> dict[str, dict[str, str]]:
    """An event of today that a lead came of."""
    today = clock.today()
    event = create_event(EventInput("软件产业推介会", "conference", today), actor_of(by), NOW)
    link_lead(event.public_id, lead.public_id, actor_of(by), NOW)
    which = {"own": event.public_id}
    return {
        "events": which,
        "invitations": which,
        "event_leads": which,
        "removals.of_event": which,
        "exports.guest_list": which,
    }


def a_guest(ids: dict[str, dict[str, str]], by: User, company_id: str) -> dict[str, Any]:
    """Somebody who came to it."""
    event_id, who = ids["events"]["own"], actor_of(by)
    (guest,) = invite(event_id, [Guest(company_id, person=NewPerson("夏安"))], who, NOW).made
    mark(event_id, guest.public_id, Attendance.ATTENDED, who, clock.now())
    return {"invitation_id": guest.public_id}


def a_referral(
    by: User, lead: Lead, leads: dict[str, str], company: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Who led a lead to us."""
    source = ReferralInput(source="市软件行业协会")
    made = refer_lead(lead.public_id, source, actor_of(by), NOW)
    verbs = ("origins_of_lead", "of_lead", "forget_lead", "restore_lead")
    return {
        "referrals": {"own": made.public_id},
        **{f"referrals.{verb}": leads for verb in verbs},
        **{f"referrals.{verb.replace('lead', 'company')}": company for verb in verbs},
    }
