"""Offers through the service: two people, versions, statements, caps, and the gate they open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.formats import say
from crm.landing.filling import Filled, fill_and_move
from crm.leads.edits import edit_lead
from crm.leads.facts import facts_of
from crm.leads.inputs import LeadEdit
from crm.leads.rules import MoveRequest
from crm.offers.pages import offer_page
from crm.offers.queries import awaiting_decision, offers_of
from crm.offers.rules import Decision, Proposal
from crm.offers.service import decide, propose, withdraw
from models.audit import Change
from models.enums import OfferState, Role, Stage, Status
from models.lead import CreditShare, Lead
from models.offer import Offer, OfferLine
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.offers.making import (
    CAP,
    FUND,
    LINES,
    NOTHING,
    SUBSIDY,
    an_agreement,
    approved,
    negotiating,
    proposed,
)
from tests.people import People

SIGNED = LeadEdit(signed_on=TODAY, signed_investment_cny=100_000_000)
TO_SIGN = MoveRequest(to_stage=Stage.COMMITTED)


def states(session: Any, lead: Lead) -> list[OfferState]:
    found = sa.select(Offer.state).where(Offer.lead_id == lead.id).order_by(Offer.version)
    return list(session.scalars(found))


def refused(call: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as refusal:
        call()
    return {name: str(texts[0]) for name, texts in refusal.value.errors.items()}


def test_one_proposes_and_another_approves(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    lead = a_lead(scout)
    offer = proposed(lead, scout)
    assert (offer.version, offer.state, offer.proposer_id) == (1, OfferState.PROPOSED, scout.id)
    assert not facts_of(lead).offer_ready
    later = NOW + timedelta(days=2)
    decide(offer.public_id, Decision.APPROVE, " 同意 ", actor_of(boss), later)
    session.commit()
    assert (offer.state, offer.approver_id, offer.decided_at, offer.reason) == (
        OfferState.APPROVED,
        boss.id,
        later,
        "同意",
    )
    assert facts_of(lead).offer_ready
    assert offer.lines[0].amount_cny == LINES[SUBSIDY]
    assert offer.lines[0].cap_cny == CAP


def test_nobody_decides_their_own(session: Any, people: People) -> None:
    boss, other = people.manager(), people.manager()
    lead = a_lead(people.scout())
    offer = proposed(lead, boss)
    with pytest.raises(Forbidden, match="另一位"):
        decide(offer.public_id, Decision.APPROVE, "", actor_of(boss), NOW)
    for role in (Role.SCOUT, Role.TEAM_LEAD, Role.PARK_OFFICER, Role.AUDITOR):
        with pytest.raises(Forbidden):
            decide(offer.public_id, Decision.APPROVE, "", actor_of(people.make(role)), NOW)
    assert decide(offer.public_id, Decision.APPROVE, "", actor_of(other), NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE offer SET state = 'approved', approver_id = proposer_id, decided_at = created_at",
        "UPDATE offer SET state = 'approved'",
        "UPDATE offer SET state = 'refused', approver_id = :other, decided_at = created_at",
        "UPDATE offer SET approver_id = :other, decided_at = created_at",
        "UPDATE offer SET state = 'withdrawn'",
        "UPDATE offer SET state = 'recorded'",
        "UPDATE offer SET no_incentive = true",
        "UPDATE offer_line SET amount_cny = cap_cny + 1",
        "UPDATE offer_line SET amount_cny = -1",
    ],
)
def test_the_database_refuses_what_the_rules_refuse(
    session: Any, people: People, statement: str
) -> None:
    scout, boss = people.scout(), people.manager()
    proposed(a_lead(scout), scout)
    values = {"other": boss.id} if ":other" in statement else {}
    with pytest.raises(IntegrityError):
        session.execute(sa.text(statement), values)
    session.rollback()


@pytest.mark.parametrize("state", ["proposed", "approved"])
def test_the_database_admits_one_that_waits_and_one_that_stands(
    session: Any, people: People, state: str
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    (proposed if state == "proposed" else lambda one, by: approved(one, by, boss))(lead, scout)
    twin = (
        "INSERT INTO offer (public_id, lead_id, version, rules_version, no_incentive, state,"
        " proposer_id, approver_id, decided_at, created_at, facts) SELECT 'twin', lead_id, 2,"
        " rules_version, no_incentive, state, proposer_id, approver_id, decided_at, created_at,"
        " facts FROM offer"
    )
    with pytest.raises(IntegrityError):
        session.execute(sa.text(twin))
    session.rollback()


def test_a_refusal_has_a_reason_and_a_new_version_follows(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    offer = proposed(lead, scout)
    assert set(
        refused(lambda: decide(offer.public_id, Decision.REFUSE, " ", actor_of(boss), NOW))
    ) == {"reason"}
    assert set(refused(lambda: propose(lead.public_id, Proposal(LINES), actor_of(scout), NOW))) == {
        "lines"
    }
    decide(offer.public_id, Decision.REFUSE, "金额偏高", actor_of(boss), NOW)
    second = proposed(lead, scout, {SUBSIDY: 5_000_000})
    assert second.version == 2
    withdraw(second.public_id, actor_of(scout), NOW)
    approved(lead, scout, boss, {SUBSIDY: 4_000_000})
    assert states(session, lead) == [
        OfferState.REFUSED,
        OfferState.WITHDRAWN,
        OfferState.APPROVED,
    ]


def test_an_approved_one_gives_way_to_an_approved_one_only(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    first = approved(lead, scout, boss)
    with pytest.raises(Conflict):
        withdraw(first.public_id, actor_of(scout), NOW)
    second = proposed(lead, scout, {SUBSIDY: 9_000_000})
    assert facts_of(lead).offer_ready
    decide(second.public_id, Decision.REFUSE, "不再加", actor_of(boss), NOW)
    assert states(session, lead) == [OfferState.APPROVED, OfferState.REFUSED]
    nothing = propose(lead.public_id, NOTHING, actor_of(scout), NOW)
    assert nothing.state is OfferState.PROPOSED
    decide(nothing.public_id, Decision.APPROVE, "", actor_of(boss), NOW)
    session.commit()
    assert states(session, lead) == [
        OfferState.SUPERSEDED,
        OfferState.REFUSED,
        OfferState.APPROVED,
    ]
    assert facts_of(lead).offer_ready


def test_asking_nothing_is_on_record_and_counts_at_once(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    empty = Proposal(no_incentive=True)
    assert set(refused(lambda: propose(lead.public_id, empty, actor_of(scout), NOW))) == {"note"}
    said = propose(lead.public_id, NOTHING, actor_of(scout), NOW)
    session.commit()
    assert (said.state, said.note, said.proposer_id) == (
        OfferState.RECORDED,
        "企业书面放弃",
        scout.id,
    )
    assert facts_of(lead).offer_ready
    asked = proposed(lead, scout)
    assert not facts_of(lead).offer_ready
    decide(asked.public_id, Decision.REFUSE, "条件不够", actor_of(boss), NOW)
    assert facts_of(lead).offer_ready
    propose(lead.public_id, NOTHING, actor_of(scout), NOW)
    assert states(session, lead) == [
        OfferState.SUPERSEDED,
        OfferState.REFUSED,
        OfferState.RECORDED,
    ]


def test_a_statement_that_a_signing_rests_on_stays(session: Any, people: People) -> None:
    scout = people.scout()
    lead = negotiating(scout)
    said = propose(lead.public_id, NOTHING, actor_of(scout), NOW)
    an_agreement(lead, scout)
    fill_and_move(lead.public_id, Filled(SIGNED), TO_SIGN, actor_of(scout), NOW)
    assert refused(lambda: withdraw(said.public_id, actor_of(scout), NOW)) == {}
    assert set(
        refused(lambda: edit_lead(lead.public_id, LeadEdit(signed_on=None), actor_of(scout), NOW))
    ) == {"signed_on"}
    young = a_lead(scout)
    other = propose(young.public_id, NOTHING, actor_of(scout), NOW)
    assert withdraw(other.public_id, actor_of(scout), NOW).state is OfferState.WITHDRAWN


def test_the_way_to_committed(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)

    def missing() -> set[str]:
        return set(
            refused(lambda: fill_and_move(lead.public_id, Filled(), TO_SIGN, actor_of(scout), NOW))
        )

    assert missing() == {"signed_on", "signed_investment_cny", "agreement", "offer"}
    an_agreement(lead, scout)
    assert missing() == {"signed_on", "signed_investment_cny", "offer"}
    offer = proposed(lead, scout)
    assert missing() == {"signed_on", "signed_investment_cny", "offer"}
    decide(offer.public_id, Decision.APPROVE, "", actor_of(boss), NOW)
    tomorrow = LeadEdit(signed_on=TODAY + timedelta(days=1), signed_investment_cny=1)
    wrong = Filled(tomorrow, fields=frozenset(tomorrow))
    assert set(
        refused(lambda: fill_and_move(lead.public_id, wrong, TO_SIGN, actor_of(scout), NOW))
    ) == {"signed_on"}
    change = fill_and_move(lead.public_id, Filled(SIGNED), TO_SIGN, actor_of(scout), NOW)
    session.commit()
    assert (lead.stage, change.to_stage) == (Stage.COMMITTED, Stage.COMMITTED)
    assert (lead.signed_on, lead.signed_investment_cny) == (TODAY, 100_000_000)
    assert change.facts["offer_ready"]
    assert change.facts["has_agreement"]


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ({SUBSIDY: CAP}, {}),
        ({SUBSIDY: CAP + 1}, {"lines.project-subsidy": "最多"}),
        ({SUBSIDY: 1}, {}),
        ({SUBSIDY: 0}, {"lines.project-subsidy": "大于 0"}),
        ({SUBSIDY: -1}, {"lines.project-subsidy": "大于 0"}),
        ({SUBSIDY: 10**15}, {"lines.project-subsidy": "太大"}),
        ({FUND: 5_000_000_000}, {}),
        ({FUND: 5_000_000_001}, {"lines.fund": "最多"}),
        ({"outsourcing": 1_000_001}, {"lines.outsourcing": "最多"}),
        ({"top100-first": 10**9}, {"lines.top100-first": "最多"}),
        ({"scout-reward": 10_000}, {"lines.scout-reward": "没有这一条"}),
        ({"nonsense": 10_000}, {"lines.nonsense": "没有这一条"}),
        ({}, {"lines": "至少填一条"}),
    ],
)
def test_amounts_are_held_to_their_caps(
    session: Any, people: People, lines: dict[str, int], wrong: dict[str, str]
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    if not wrong:
        offer = propose(lead.public_id, Proposal(lines), actor_of(scout), NOW)
        assert {line.rule_code: line.amount_cny for line in offer.lines} == lines
        return
    said = refused(lambda: propose(lead.public_id, Proposal(lines), actor_of(scout), NOW))
    assert set(said) == set(wrong)
    assert all(words in said[name] for name, words in wrong.items())
    assert session.scalar(sa.select(sa.func.count()).select_from(Offer)) == 0


def test_a_fund_that_others_used_up_stops_the_approval(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    first, second = a_lead(scout), a_lead(scout)
    late = proposed(second, scout, {FUND: 3_000_000_000})
    approved(first, scout, boss, {FUND: 4_000_000_000})
    said = refused(lambda: decide(late.public_id, Decision.APPROVE, "", actor_of(boss), NOW))
    assert "1000000000" in said["lines.fund"]
    session.rollback()
    assert decide(late.public_id, Decision.REFUSE, "基金不够", actor_of(boss), NOW)


def test_who_sees_offers(session: Any, people: People) -> None:
    scout = people.scout()
    lead = negotiating(scout)
    offer = proposed(lead, scout)
    sharing, place = people.scout("chengdu"), people.make(Role.PARK_OFFICER, park="nanhu")
    liaison = people.make(Role.LIAISON_LEADER)
    lead.liaison_id = liaison.id
    session.add(
        CreditShare(agreement="a", lead_id=lead.id, user_id=sharing.id, basis_points=10_000)
    )
    session.commit()
    sees = [scout, people.team_lead(), people.manager(), people.make(Role.AUDITOR), place]
    not_there = [
        people.scout(),
        sharing,
        liaison,
        people.team_lead("chengdu"),
        people.make(Role.PARK_OFFICER, park="haining"),
        people.administrator(),
        people.make(Role.SECURITY_OFFICER),
    ]
    for user in sees:
        found = offers_of(lead.public_id, actor_of(user))
        assert found is not None
        assert say(found.versions[0].what) == "政策测算 860万元"
        assert offer_page(offer.public_id, actor_of(user)).offer.id == offer.id
    for user in not_there:
        assert offers_of(lead.public_id, actor_of(user)) is None, user.role
        with pytest.raises(NotFound):
            offer_page(offer.public_id, actor_of(user))
        with pytest.raises((NotFound, Forbidden)):
            propose(lead.public_id, Proposal(LINES), actor_of(user), NOW)
        with pytest.raises((NotFound, Forbidden)):
            withdraw(offer.public_id, actor_of(user), NOW)


def test_a_lost_lead_is_offered_nothing(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    fill_and_move(
        lead.public_id,
        Filled(),
        MoveRequest(to_status=Status.LOST, reason="去了外地"),
        actor_of(scout),
        NOW,
    )
    assert set(refused(lambda: propose(lead.public_id, Proposal(LINES), actor_of(scout), NOW))) == {
        "lines"
    }


def test_what_waits_for_a_manager(session: Any, people: People) -> None:
    scout, boss, other = people.scout(), people.manager(), people.manager()
    old, own, gone = a_lead(scout), a_lead(scout), a_lead(scout)
    first = proposed(old, scout, {SUBSIDY: 1_000_000, FUND: 2_000_000_000})
    proposed(own, boss)
    proposed(gone, scout)
    gone.status = Status.LOST
    approved(a_lead(scout), scout, boss)
    session.commit()
    waiting = awaiting_decision(actor_of(boss))
    assert [(one.offer, say(one.what), one.proposer) for one in waiting] == [
        (first.public_id, "政策测算 100万元、基金投资 20亿元", scout.name)
    ]
    assert len(awaiting_decision(actor_of(other))) == 2
    assert awaiting_decision(actor_of(scout)) == []


def test_the_trail_of_a_lead_names_no_amount_of_its_offers(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    approved(lead, scout, boss, {SUBSIDY: 7_654_321})
    subject = Change.subject == Lead.audit_subject
    of_lead = session.scalars(sa.select(Change).where(subject, Change.subject_id == lead.id))
    assert all("7654321" not in f"{one.before}{one.after}" for one in of_lead)
    of_line = sa.select(Change).where(Change.subject == OfferLine.audit_subject)
    assert session.scalars(of_line).one().after["amount_cny"] == 7_654_321


def test_the_working_can_be_shown_again(session: Any, people: People) -> None:
    scout: User = people.scout()
    lead = negotiating(scout)
    offer = proposed(lead, scout)
    page = offer_page(offer.public_id, actor_of(scout))
    assert page.same_rules
    assert page.lines[0].result is not None
    offer.rules_version = "an older one"
    session.commit()
    page = offer_page(offer.public_id, actor_of(scout))
    assert (page.same_rules, page.lines[0].result) == (False, None)
    assert page.lines[0].amount_cny == LINES[SUBSIDY]
