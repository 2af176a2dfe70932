"""Whatever happens to leads, companies and figures, what the goals are read from is a recount."""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.companies import settlement
from crm.companies.figures import EMPLOYEES, REVENUE, record_figure
from crm.leads.archiving import archive_lead
from crm.reports.goals import goals
from models import db, engine
from models.company import Company
from models.enums import Stage, Status
from models.lead import EntityPhase, Lead, LeadEntity
from models.place import Park
from models.settled import SettledCompany
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

Row = tuple[int, int | None, int | None, int | None]


def _kept(session: Any) -> dict[int, Row]:
    session.expire_all()
    rows = [tuple(row) for row in session.execute(sa.select(*SettledCompany.__table__.columns))]
    assert set(rows) == {tuple(row) for row in session.execute(settlement.counted())}
    return {row[0]: row for row in rows}


def _landed(session: Any, user: User, park: str) -> Lead:
    """A landed lead whose local company is the investor itself."""
    lead, there = a_lead(user), session.get_one(Park, _park(session, park))
    lead.stage, lead.landed_on, lead.signed_on = Stage.LANDED, TODAY, TODAY
    lead.park_id, lead.district_id = there.id, there.district_id
    entity = LeadEntity(lead_id=lead.id, company_id=lead.company_id, phase=EntityPhase.LANDED)
    session.add(entity)
    session.commit()
    return lead


def _park(session: Any, code: str) -> int:
    key: int = session.scalars(sa.select(Park.id).where(Park.code == code)).one()
    return key


def _note(company_id: int, metric: str, value: int) -> None:
    record_figure(company_id, metric, value, source="company", now=NOW, as_of=TODAY)


def test_the_rows_follow_leads_companies_and_figures(session: Any, people: People) -> None:
    scout = people.scout()
    nanhu, haining = _park(session, "nanhu"), _park(session, "haining")
    lead, other = _landed(session, scout, "nanhu"), _landed(session, scout, "haining")
    company, elsewhere = lead.company_id, other.company_id
    assert _kept(session) == {
        company: (company, nanhu, None, None),
        elsewhere: (elsewhere, haining, None, None),
    }
    _note(company, EMPLOYEES, 80)
    _note(a_lead(scout).company_id, EMPLOYEES, 7)
    session.commit()
    assert _kept(session)[company] == (company, nanhu, 80, None)
    _note(company, EMPLOYEES, 90)
    _note(company, REVENUE, 600_000_000)
    session.commit()
    assert _kept(session)[company] == (company, nanhu, 90, 600_000_000)
    # A lead that led to the same company elsewhere: it counts once, in the later park.
    tie = session.get_one(LeadEntity, (other.id, elsewhere))
    tie.company_id = company
    session.commit()
    assert _kept(session) == {company: (company, max(nanhu, haining), 90, 600_000_000)}
    lead.park_id = None
    session.commit()
    other.stage = Stage.NEGOTIATING
    session.commit()
    assert _kept(session) == {company: (company, None, 90, 600_000_000)}
    lead.status = Status.LOST
    other.stage = Stage.LANDED
    session.commit()
    assert _kept(session) == {company: (company, haining, 90, 600_000_000)}
    archive_lead(other.public_id, "重复", actor_of(people.manager()), NOW)
    session.commit()
    assert _kept(session) == {}
    settlement.rebuild(session)
    assert _kept(session) == {}


def test_goals_count_what_is_one_with_another_company_no_more(session: Any, people: People) -> None:
    leads = [_landed(session, people.scout(), "nanhu") for _ in range(2)]
    for lead in leads:
        _note(lead.company_id, REVENUE, 600_000_000)
    session.commit()
    manager = actor_of(people.manager())

    def many() -> int | None:
        session.expire_all()
        return next(line.value for line in goals(manager) if line.goal.code == "firms-500m")

    assert many() == 2
    session.get_one(Company, leads[1].company_id).merged_into_id = leads[0].company_id
    session.commit()
    assert many() == 1


def test_two_figures_of_one_company_at_once(app: Flask, session: Any, people: People) -> None:
    company = _landed(session, people.scout(), "nanhu").company_id
    session.commit()
    start = threading.Barrier(2)
    failed: list[Exception] = []

    def write(metric: str, value: int) -> None:
        engine.set_writing(True)
        with app.app_context():
            start.wait()
            try:
                for more in range(10):
                    _note(company, metric, value + more)
                    db.session.commit()
            except Exception as error:
                failed.append(error)

    threads = [
        threading.Thread(target=write, args=each) for each in ((EMPLOYEES, 80), (REVENUE, 900))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert _kept(session)[company][2:] == (89, 909)
