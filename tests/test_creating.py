"""What records leave behind that are made as rows is what a session's flush leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.companies import index
from crm.companies.service import create_company
from crm.leads import in_chain, totals
from models.audit import Change, LeadVersion
from models.company import Company
from models.contact import Contact, ContactRole
from models.creating import create, numbered
from models.enums import Status
from models.lead import Lead, LeadTotal
from tests.leads.making import NOW, TODAY, a_lead
from tests.people import People
from tests.search.making import kept

# What differs between any two records of a kind.
OWN = {"id", "public_id", "contact_id", "lead_id"}


def values_of(pattern: Lead, **more: Any) -> dict[str, Any]:
    """What another lead of the same company is given."""
    names = (
        *("company_id", "segment_id", "channel_id", "owner_id", "team_id"),
        *("district_id", "park_id", "planned_investment_cny", "stage_since"),
    )
    values = {name: getattr(pattern, name) for name in names}
    made = {"created_by_id": pattern.owner_id, "created_at": NOW, "updated_at": NOW}
    return {**values, **made, **more}


def left_by(session: Any, subject: str, key: int) -> list[Any]:
    """A record's trail, without what tells two records apart."""
    query = sa.select(Change).where(Change.subject == subject, Change.subject_id == key)
    return [
        (c.seq, c.field, c.before, {k: v for k, v in c.after.items() if k not in OWN})
        for c in session.scalars(query)
    ]


def version_of(session: Any, lead_id: int) -> dict[str, Any]:
    version = session.scalars(sa.select(LeadVersion).where(LeadVersion.lead_id == lead_id)).one()
    return {
        column.key: getattr(version, column.key)
        for column in sa.inspect(LeadVersion).column_attrs
        if column.key not in OWN | {"known_from", "change_set_id", "project"}
    }


def counts(session: Any) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in session.execute(sa.select(*LeadTotal.__table__.c)) if row.n}


def test_rows_leave_what_a_flush_leaves(session: Any, people: People) -> None:
    scout = people.scout()
    pattern = a_lead(scout, "科大讯飞股份有限公司")
    other = a_lead(people.scout("chengdu"), "云知声有限公司")
    held = {"status": Status.ON_HOLD, "hold_until": TODAY + timedelta(9), "held_since": TODAY}
    one = Lead(**values_of(pattern, project="华东研发中心", **held))
    session.add(one)
    (two,) = numbered(session(), Lead, [values_of(pattern, project="华北研发中心", **held)])
    person = {"name": "欧阳明珠", "phone": "13812345678", "created_at": NOW}
    contact = Contact(**person)
    place = {"company_id": other.company_id, "from_on": TODAY}
    role = ContactRole(contact=contact, **place)
    session.add(role)
    (row,) = numbered(session(), Contact, [person])
    (at,) = numbered(session(), ContactRole, [{**place, "contact_id": row["id"]}])
    create(session(), {Lead: [two], Contact: [row], ContactRole: [at]})
    pairs = [("lead", one.id, two["id"]), ("contact", contact.id, row["id"])]
    for subject, first, second in (*pairs, ("contact_role", role.id, at["id"])):
        left, wanted = left_by(session, subject, second), left_by(session, subject, first)
        for edit in (left[0][3], wanted[0][3]):
            edit.pop("project", None)
        assert left == wanted
    assert version_of(session, two["id"]) == version_of(session, one.id)
    session.commit()
    before = (counts(session), kept())
    totals.rebuild(session())
    index.rebuild(session())
    assert (counts(session), kept()) == before
    assert not in_chain.wrong(session())
    read = session.get_one(Lead, two["id"])
    assert (read.version, len(read.public_id), read.need) == (1, 12, None)


def test_a_lead_of_another_team_lets_it_find_who_is_there(session: Any, people: People) -> None:
    lead = a_lead(people.scout())
    pattern = a_lead(people.scout("chengdu"))
    values = {"name": "石敢当", "created_at": NOW, "team_id": lead.team_id}
    contact = Contact(**values)
    session.add(ContactRole(contact=contact, company_id=lead.company_id))
    session.flush()
    new = values_of(pattern, project="二期", company_id=lead.company_id)
    create(session(), {Lead: numbered(session(), Lead, [new])})
    teams = {row[0] for row in kept()["contact_token"] if row[2] == contact.id}
    assert teams == {lead.team_id, pattern.team_id}


@pytest.mark.parametrize("many", [1, 300])
def test_what_the_database_refuses_is_said_as_a_flush_says_it(
    session: Any, people: People, many: int
) -> None:
    pattern = a_lead(people.scout())
    company = create_company("用友网络科技股份有限公司", now=NOW)
    assert session.get(Company, company.id)
    rows = [values_of(pattern, project=str(n), company_id=company.id) for n in range(many)]
    with pytest.raises(IntegrityError):
        create(session(), {Lead: numbered(session(), Lead, [*rows, rows[0]])})
    session.rollback()
