"""Leads as the reminder rules see them: short to write, nothing due unless asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa

from models.channel import Channel
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import MatchState, MessageState, Stage, Status, TaskKind, TaskState, VisitMode
from models.lead import Lead
from models.message import Message
from models.segment import Segment
from models.target import ListEdition, ListEntry, TargetList
from models.task import Task
from models.team import Team
from models.user import User
from models.visit import Visit, VisitContact, VisitLead

# Thursday, 08:00 in Shanghai: the moment of these tests unless they say another.
TODAY = date(2026, 12, 3)
MORNING = datetime(2026, 12, 3, 0, 0, tzinfo=timezone.utc)


# The list that a company stands on which wants a touch every so many days.
LISTS = {14: "china-software-100", 30: "china-internet-100"}
TOP = frozenset({14})
YEAR = 2026


def morning(day: date) -> datetime:
    """08:00 in Shanghai on that day."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def delivered(session: Any) -> None:
    """What waited in the outbox went out meanwhile."""
    waited = sa.update(Message).where(Message.state == MessageState.QUEUED)
    session.execute(waited.values(state=MessageState.SENT))
    session.commit()


class Leads:
    """Makes leads of one owner."""

    def __init__(self, session: Any, owner: User) -> None:
        self.session = session
        self.owner = owner
        self.team_id = session.scalar(sa.select(Team.id).where(Team.code == "beijing"))
        self.segment_id = session.scalar(sa.select(sa.func.min(Segment.id)))
        self.channel_id = session.scalar(sa.select(sa.func.min(Channel.id)))
        self.count = 0

    def make(
        self, name: str = "", *, age: int = 0, cadence: int = 60, today: date = TODAY, **more: Any
    ) -> Lead:
        """A lead registered ``age`` days before ``today``; committed."""
        company = self._company(name, morning(today - timedelta(days=age)), cadence)
        self.session.add(company)
        self.session.flush()
        if cadence in LISTS:
            self._list(company, LISTS[cadence])
        return self._leads([company], **more)[0]

    def many(self, count: int, *, age: int) -> list[Lead]:
        """So many leads, all registered ``age`` days ago; committed together."""
        began = morning(TODAY - timedelta(days=age))
        companies = [self._company("", began, 60) for _ in range(count)]
        self.session.add_all(companies)
        self.session.flush()
        return self._leads(companies)

    def _company(self, name: str, began: datetime, cadence: int) -> Company:
        self.count += 1
        name = name or f"测试软件{self.owner.id}第{self.count}"
        return Company(
            name=f"{name}股份有限公司",
            short_name=name,
            normal_form=name,
            cadence_days=cadence,
            rewarded=cadence in TOP,
            created_at=began,
        )

    def _leads(self, companies: list[Company], **more: Any) -> list[Lead]:
        leads = [
            Lead(
                company_id=company.id,
                segment_id=self.segment_id,
                channel_id=self.channel_id,
                owner_id=self.owner.id,
                team_id=self.team_id,
                created_by_id=self.owner.id,
                created_at=company.created_at,
                updated_at=company.created_at,
                stage_since=company.created_at.date(),
                **{"stage": Stage.IDENTIFIED, "status": Status.ACTIVE, **more},
            )
            for company in companies
        ]
        self.session.add_all(leads)
        self.session.flush()
        for lead in leads:
            # Whoever has no next step at all is reminded of that.
            self._step(lead, "再联系", None)
        self.session.commit()
        return leads

    def _list(self, company: Company, code: str) -> None:
        of_list = self.session.scalar(sa.select(TargetList.id).where(TargetList.code == code))
        edition = self.session.scalar(
            sa.select(ListEdition).where(ListEdition.list_id == of_list, ListEdition.year == YEAR)
        )
        if edition is None:
            edition = ListEdition(list_id=of_list, year=YEAR)
            self.session.add(edition)
            self.session.flush()
        entry = ListEntry(
            edition_id=edition.id,
            row_key=company.name,
            name=company.name,
            raw={},
            match_state=MatchState.NEW,
            company_id=company.id,
        )
        self.session.add(entry)

    def _step(self, lead: Lead, text: str, due_on: date | None) -> Task:
        step = Task(
            lead_id=lead.id,
            kind=TaskKind.NEXT_STEP,
            text=text,
            due_on=due_on,
            assignee_id=self.owner.id,
            created_at=lead.created_at,
        )
        self.session.add(step)
        lead.next_step_on = due_on
        return step

    def task(
        self, lead: Lead, text: str, due_on: date, kind: TaskKind = TaskKind.NEXT_STEP
    ) -> Task:
        """An open next step, promise or directive."""
        if kind is TaskKind.NEXT_STEP:
            open_ones = sa.select(Task).where(
                Task.lead_id == lead.id, Task.kind == kind, Task.state == TaskState.OPEN
            )
            for before in self.session.scalars(open_ones):
                self.session.delete(before)
            self.session.flush()
            task = self._step(lead, text, due_on)
            self.session.commit()
            return task
        task = Task(
            lead_id=lead.id,
            kind=kind,
            text=text,
            due_on=due_on,
            assignee_id=self.owner.id,
            created_at=lead.created_at,
        )
        self.session.add(task)
        self.session.commit()
        return task

    def done(self, task: Task) -> None:
        """The task is done."""
        task.state = TaskState.DONE
        self.session.commit()

    def touch(self, lead: Lead, on: date, *, summary: str = "", who: Contact | None = None) -> None:
        """Somebody was reached."""
        visit = Visit(
            author_id=self.owner.id,
            client_key=f"k{self.owner.id}-{lead.id}-{on}",
            company_id=lead.company_id,
            mode=VisitMode.CALL,
            reached=True,
            summary=summary,
            occurred_at=morning(on),
            recorded_at=morning(on),
        )
        self.session.add(visit)
        self.session.flush()
        self.session.add(VisitLead(visit_id=visit.id, lead_id=lead.id))
        if who is not None:
            self.session.add(VisitContact(visit_id=visit.id, contact_id=who.id))
        company = self.session.get_one(Company, lead.company_id)
        company.last_touch_at = lead.last_touch_at = morning(on)
        self.session.commit()

    def contact(self, lead: Lead, name: str, title: str, phone: str) -> Contact:
        """A person of theirs."""
        person = Contact(name=name, phone=phone, created_at=lead.created_at)
        self.session.add(person)
        self.session.flush()
        self.session.add(ContactRole(contact_id=person.id, company_id=lead.company_id, title=title))
        self.session.commit()
        return person
