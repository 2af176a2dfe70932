"""What was purged since is printed as it was known."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from crm import clock
from crm.companies.archiving import archive_company
from crm.companies.service import rename_company
from crm.leads.archiving import archive_lead
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.trash.purging import purge
from models.company import Company
from models.visit import Visit
from tests.leads.making import a_lead, actor_of
from tests.people import People
from tests.reports.test_past import leads_of, printed


@pytest.mark.parametrize("its_company", [False, True])
def test_a_lead_and_its_company_that_were_purged_since_are_printed_as_they_were(
    app: Flask, session: Any, people: People, its_company: bool
) -> None:
    manager, admin = actor_of(people.manager()), actor_of(people.administrator())
    files = app.extensions["crm.files"]
    lead = a_lead(people.scout(), "要清除的软件有限公司")
    company = session.get_one(Company, lead.company_id)
    rename_company(company, "先改名的软件有限公司", now=clock.now())
    session.commit()
    public_id, key, known_at = lead.public_id, company.public_id, clock.now()
    text = printed(known_at)

    edit_lead(public_id, LeadEdit(project="后来的项目"), manager, clock.now())
    rename_company(company, "再改名的软件有限公司", now=clock.now())
    entry = archive_lead(public_id, "登记重了", manager, clock.now())
    purge(entry.public_id, "应要求删除", admin, files)
    if its_company:
        for visit in session.query(Visit).where(Visit.company_id == company.id):
            session.delete(visit)
        session.flush()
        entry = archive_company(company.public_id, "不做软件了", manager, clock.now())
        purge(entry.public_id, "应要求删除", admin, files)
    session.commit()

    assert printed(known_at) == text
    found = leads_of(text)[public_id]
    assert (found["company"], found["company_name"]) == (key, "先改名的软件有限公司")
    assert public_id not in leads_of(printed(clock.now()))
