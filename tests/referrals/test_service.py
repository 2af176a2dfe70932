"""Who led whom to us: written down, refused, taken back, read as a tree."""

from __future__ import annotations

from typing import Any

import pytest

from crm.access import Actor
from crm.companies.contacts import ContactInput, add_contact
from crm.companies.service import create_company
from crm.errors import NotFound, Refusal
from crm.leads.counting import count
from crm.leads.filters import LeadFilter
from crm.referrals import queries, service
from crm.referrals.service import ReferralInput
from models.company import Company
from models.contact import Contact
from models.lead import Lead
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of, some_leads
from tests.people import People
from tests.views.counting import statements


@pytest.fixture
def user(session: Any, people: People) -> User:
    return people.scout()


@pytest.fixture
def scout(user: User) -> Actor:
    return actor_of(user)


def _company(session: Any, lead: Lead) -> Company:
    return session.get_one(Company, lead.company_id)


def _leads(reader: Actor, choice: str) -> int:
    return count(reader, LeadFilter(referrer=choice, status="all"), TODAY).n


def test_no_company_leads_itself_to_us_through_others(
    user: User, scout: Actor, session: Any
) -> None:
    leads = [a_lead(user) for _ in range(3)]
    a, b, c = (_company(session, lead).public_id for lead in leads)
    service.refer_lead(leads[1].public_id, ReferralInput(a), scout, NOW)
    service.refer_lead(leads[2].public_id, ReferralInput(b), scout, NOW)
    for referrer in (a, b, c):
        with pytest.raises(Refusal) as refused:
            service.refer_lead(leads[0].public_id, ReferralInput(referrer), scout, NOW)
        assert set(refused.value.errors) == {"referrer"}
    # What is replaced is no edge any more.
    service.refer_lead(leads[1].public_id, ReferralInput(source="软件协会"), scout, NOW)
    service.refer_lead(leads[0].public_id, ReferralInput(c), scout, NOW)


def test_all_that_is_wrong_stands_at_its_field(user: User, scout: Actor, session: Any) -> None:
    lead, other = a_lead(user), create_company("别家软件有限公司", now=NOW)
    stranger = add_contact(other, ContactInput("夏安"), scout, NOW)
    contact = session.get_one(Contact, stranger.contact_id).public_id
    referrer = create_company("引荐软件有限公司", now=NOW).public_id

    def refused(typed: ReferralInput) -> set[str]:
        with pytest.raises(Refusal) as found:
            service.refer_lead(lead.public_id, typed, scout, NOW)
        return set(found.value.errors)

    assert refused(ReferralInput()) == {"referrer"}
    assert refused(ReferralInput(referrer, source="协会")) == {"referrer"}
    assert refused(ReferralInput(contact="夏安")) == {"referrer", "contact"}
    assert refused(ReferralInput("zzzzzzzzzzzz")) == {"referrer"}
    assert refused(ReferralInput(referrer, contact=contact)) == {"contact"}
    service.refer_lead(lead.public_id, ReferralInput(source="协会"), scout, NOW)
    service.refer_lead(lead.public_id, ReferralInput(referrer, contact="夏安"), scout, NOW)
    known = queries.referral_of_lead(lead)
    assert known
    assert known.contact
    assert known.contact.public_id != contact


def test_the_tree_counts_what_its_reader_may_read(
    user: User, scout: Actor, people: People, session: Any
) -> None:
    far = people.scout("chengdu")
    boss = actor_of(people.manager())
    first, second, foreign = a_lead(user), a_lead(user), a_lead(far)
    source = create_company("源头软件有限公司", now=NOW)
    middle = _company(session, first)
    service.refer_lead(first.public_id, ReferralInput(source.public_id), scout, NOW)
    service.refer_lead(second.public_id, ReferralInput(middle.public_id), scout, NOW)
    # What was said of the company speaks for its lead.
    company = _company(session, foreign)
    service.refer_company(company.public_id, ReferralInput(middle.public_id), boss, NOW)
    service.refer_lead(foreign.public_id, ReferralInput(middle.public_id), boss, NOW)
    service.forget_lead(foreign.public_id, boss)
    outside = a_lead(user)
    service.refer_lead(outside.public_id, ReferralInput(source="软件协会"), scout, NOW)
    for reader, under in ((scout, 2), (boss, 3), (actor_of(far), 1)):
        tree = queries.tree_page(reader, None)
        assert tree.sources == ["软件协会", source.id]
        branch = tree.branches[1]
        assert len(branch.under) == under == _leads(reader, tree.choice(source.id))
        assert [one.company for one in branch.below] == [middle.id]
        assert len(tree.branches[0].under) == _leads(reader, tree.choice("软件协会"))
    assert company.id in queries.tree_page(scout, None).followed
    sides = queries.sides_of(middle)
    assert [one.referrer_id for one in sides.came] == [source.id]
    assert len(sides.led) == 2
    with pytest.raises(NotFound):
        service.refer_lead(foreign.public_id, ReferralInput(source="协会"), scout, NOW)


def test_hundreds_cost_no_more_statements_than_one(
    user: User, scout: Actor, app: Any, session: Any
) -> None:
    client = Client(app).sign_in(user.email)
    leads = some_leads(user, 60)
    service.refer_lead(leads[0].public_id, ReferralInput(source="软件协会"), scout, NOW)
    few = statements(client.get("/referrals"))
    for number, lead in enumerate(leads[1:], 1):
        referrer = _company(session, leads[(number - 1) // 3]).public_id
        service.refer_lead(lead.public_id, ReferralInput(referrer), scout, NOW)
    page = client.get("/referrals")
    assert statements(page) <= min(few + 1, 15)
    assert page.text.count('data-testid="led"') == 1 + 60
