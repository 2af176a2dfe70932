"""What the records say of a lead, as facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from crm.offers.facts import facts_of_lead, known_of_lead
from crm.offers.incentives import calculate
from crm.offers.policy import policy
from models.company import Company, CompanyRelation, RelationKind
from models.enums import MatchState, OfferState, Stage
from models.figure import Figure
from models.lead import CreditShare, EntityPhase, Lead, LeadEntity
from models.offer import Offer, OfferLine
from models.place import Place
from models.target import ListEdition, ListEntry, TargetList
from models.user import User
from tests.leads.making import NOW, a_lead
from tests.people import People

POLICY = policy()


@pytest.fixture
def lead(people: People) -> Lead:
    return a_lead(people.scout())


def on_list(session: Any, company_id: int, code: str) -> None:
    key = session.scalar(sa.select(TargetList.id).where(TargetList.code == code))
    edition = ListEdition(list_id=key, year=2025)
    session.add(edition)
    session.flush()
    session.add(
        ListEntry(
            edition_id=edition.id,
            row_key="1",
            name="甲",
            raw={},
            rank=1,
            match_state=MatchState.MATCHED,
            company_id=company_id,
        )
    )
    session.flush()


def an_offer(
    session: Any, lead: Lead, people: People, rule: str, cny: int, version: int = 1
) -> None:
    offer = Offer(
        lead_id=lead.id,
        version=version,
        rules_version="1",
        state=OfferState.APPROVED,
        proposer_id=lead.owner_id,
        approver_id=people.manager().id,
        created_at=NOW,
        decided_at=NOW,
    )
    session.add(offer)
    session.flush()
    session.add(OfferLine(offer_id=offer.id, rule_code=rule, amount_cny=cny))
    session.flush()


def test_a_new_lead(lead: Lead, session: Any) -> None:
    lead.planned_investment_cny = 50_000_000
    session.flush()
    facts = facts_of_lead(lead, POLICY)
    assert facts["agreed_investment_cny"] == 50_000_000
    assert facts["segment_in_chain"] is True
    assert (facts["landed"], facts["registered"], facts["committed"]) == (False, False, False)
    assert facts["target_list"] == []
    assert facts["already_paid"] == []
    assert facts["fund_left_cny"] == 5_000_000_000
    assert "software_revenue_cny" not in facts
    assert "is_leading_company" not in facts
    # Whatever the records say is right for the calculation.
    assert calculate(facts, POLICY).results


def test_the_signed_amount_goes_before_the_plan(lead: Lead, session: Any) -> None:
    lead.planned_investment_cny, lead.signed_investment_cny = 50_000_000, 40_000_000
    lead.stage = Stage.REGISTERED
    session.flush()
    facts = facts_of_lead(lead, POLICY)
    assert facts["agreed_investment_cny"] == 40_000_000
    assert (facts["landed"], facts["registered"], facts["committed"]) == (False, True, True)


@pytest.mark.parametrize(("city", "outside"), [("beijing", True), ("jiaxing", False), (None, None)])
def test_attracted_from_outside(
    lead: Lead, session: Any, city: str | None, outside: bool | None
) -> None:
    company = session.get_one(Company, lead.company_id)
    company.place_id = session.scalar(sa.select(Place.id).where(Place.code == city))
    session.flush()
    assert facts_of_lead(lead, POLICY).get("is_attracted") is outside


@pytest.mark.parametrize(("share", "counts"), [(None, True), (5001, True), (5000, False)])
def test_the_lists_of_the_group_count(
    lead: Lead, people: People, session: Any, share: int | None, counts: bool
) -> None:
    parent = a_lead(people.scout("chengdu")).company_id
    session.add(
        CompanyRelation(
            parent_id=parent, child_id=lead.company_id, kind=RelationKind.SUBSIDIARY, share_bp=share
        )
    )
    on_list(session, parent, "china-software-100")
    on_list(session, lead.company_id, "china-internet-100")
    facts = facts_of_lead(lead, POLICY)
    wanted = ["china-internet-100"] + (["china-software-100"] if counts else [])
    assert facts["target_list"] == wanted
    assert ("group" in facts) is counts


def test_who_shares_the_credit(lead: Lead, people: People, session: Any) -> None:
    owner = session.get_one(User, lead.owner_id)
    assert facts_of_lead(lead, POLICY)["main_people"] == [owner.name]
    first, second = people.scout(name="陈思远"), people.scout(name="赵一鸣")
    for agreement, shares in (("old", (5000, 5000)), ("new", (6000, 4000))):
        for user, points in zip((first, second), shares, strict=True):
            session.add(
                CreditShare(
                    agreement=agreement, lead_id=lead.id, user_id=user.id, basis_points=points
                )
            )
        session.flush()
    people_named = [{"name": "陈思远", "share": 60}, {"name": "赵一鸣", "share": 40}]
    assert facts_of_lead(lead, POLICY)["main_people"] == people_named


def test_what_was_approved_may_have_been_paid(lead: Lead, people: People, session: Any) -> None:
    an_offer(session, lead, people, "project-subsidy", 1_000)
    assert "already_paid" not in facts_of_lead(lead, POLICY)


def test_the_fund_is_less_by_what_others_were_last_approved(
    lead: Lead, people: People, session: Any
) -> None:
    other = a_lead(people.scout("chengdu"))
    an_offer(session, other, people, "fund", 700, version=1)
    session.scalars(sa.select(Offer)).one().state = OfferState.SUPERSEDED
    session.flush()
    an_offer(session, other, people, "fund", 300, version=2)
    an_offer(session, lead, people, "fund", 100)
    assert facts_of_lead(lead, POLICY)["fund_left_cny"] == 5_000_000_000 - 300


def test_revenue_of_the_local_company(lead: Lead, people: People, session: Any) -> None:
    local = a_lead(people.scout("chengdu")).company_id
    session.add(LeadEntity(lead_id=lead.id, company_id=local, phase=EntityPhase.REGISTERED))
    for year, value in ((2024, 30), (2025, 20), (2026, 40)):
        session.add(
            Figure(
                company_id=local,
                year=year,
                metric="software_revenue_cny",
                value=value,
                source="统计",
                recorded_at=NOW,
            )
        )
    lead.registered_on = date(2024, 5, 1)
    session.flush()
    facts = facts_of_lead(lead, POLICY)
    assert facts["software_revenue_cny"] == 40
    assert facts["prior_year_software_revenue_cny"] == 20
    assert facts["best_prior_software_revenue_cny"] == 30
    lead.registered_on = date(2023, 5, 1)
    session.flush()
    assert "best_prior_software_revenue_cny" not in facts_of_lead(lead, POLICY)


def test_each_says_where_it_is_from(lead: Lead) -> None:
    assert all(str(known.source) for known in known_of_lead(lead, POLICY).values())
