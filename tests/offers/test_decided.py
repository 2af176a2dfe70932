"""Who is to hear of a decided offer, and until when; both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.errors import Forbidden, NotFound
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.moves import move_lead
from crm.leads.reversals import reverse_move
from crm.leads.rules import MoveRequest
from crm.offers import decided
from crm.offers.service import propose, withdraw
from models import db
from models.enums import Role, Stage
from models.lead import Lead
from models.offer import Offer
from models.stage_change import StageChange as Move
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.offers.making import (
    NOTHING,
    an_agreement,
    approved,
    negotiating,
    proposed,
    sent_back,
)
from tests.people import People


def test_a_refusal_asks_its_proposer_until_a_version_or_their_word_answers_it(
    session: Any, people: People
) -> None:
    scout, leader, boss = people.scout(), people.team_lead(), people.manager()
    lead = a_lead(scout)
    assert asked_again(session, lead) == []
    sent_back(lead, scout, boss)
    assert asked_again(session, lead) == [scout.id]
    decided.see(lead.public_id, actor_of(leader), NOW)
    assert asked_again(session, lead) == [scout.id]
    decided.see(lead.public_id, actor_of(scout), NOW)
    decided.see(lead.public_id, actor_of(scout), NOW)
    assert asked_again(session, lead) == []
    for answer in (lambda: proposed(lead, scout), lambda: nothing_asked(lead, scout)):
        sent_back(lead, leader, boss)
        assert asked_again(session, lead) == [leader.id]
        answered = answer()
        assert asked_again(session, lead) == []
        withdraw(answered.public_id, actor_of(scout), NOW)
        assert asked_again(session, lead) == []
    with pytest.raises(Forbidden):
        decided.see(lead.public_id, actor_of(people.make(Role.AUDITOR)), NOW)
    with pytest.raises(NotFound):
        decided.see(lead.public_id, actor_of(people.scout("chengdu")), NOW)


def test_a_refusal_asks_who_has_the_lead_now_where_its_proposer_has_it_no_more(
    session: Any, people: People
) -> None:
    before, heir, boss = people.scout(), people.scout(), people.manager()
    lead = a_lead(before)
    sent_back(lead, before, boss)
    lead.owner_id = heir.id
    session.commit()
    assert asked_again(session, lead) == [heir.id]
    sent_back(lead, heir, boss)
    lead.owner_id, heir.active = before.id, False
    session.commit()
    assert asked_again(session, lead) == [before.id]


def test_an_approval_is_told_until_its_proposers_word_a_version_or_the_signing(
    session: Any, people: People
) -> None:
    scout, leader, boss = people.scout(), people.team_lead(), people.manager()
    lead = negotiating(scout)
    approved(lead, scout, boss)
    decided.see(lead.public_id, actor_of(leader), NOW)
    assert asked_again(session, lead) == [scout.id]
    decided.see(lead.public_id, actor_of(scout), NOW)
    assert asked_again(session, lead) == []
    approved(lead, leader, boss)
    assert asked_again(session, lead) == [leader.id]
    # What was told before the newer version is not told again when that comes to nothing.
    sent_back(lead, scout, boss)
    assert asked_again(session, lead) == [scout.id]
    approved(lead, scout, boss)
    sign(lead, scout)
    assert asked_again(session, lead) == []
    states = session.scalars(sa.select(Offer.answered_at).where(Offer.lead_id == lead.id))
    assert None not in list(states)
    # After the signing it is told all the same, until the lead goes on.
    approved(lead, scout, boss)
    assert asked_again(session, lead) == [scout.id]


@pytest.mark.parametrize("undone", [True, False])
def test_an_approval_is_told_again_when_the_signing_is_taken_back(
    session: Any, people: People, *, undone: bool
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)

    def back(at: datetime) -> None:
        seq = len(session.scalars(sa.select(Move).where(Move.lead_id == lead.id)).all())
        if undone:
            reverse_move(lead.public_id, seq, actor_of(scout), at)
        else:
            asked = MoveRequest(to_stage=Stage.NEGOTIATING, reason="企业要重谈")
            move_lead(lead.public_id, asked, actor_of(scout), at)
        session.commit()

    minute = timedelta(minutes=1)
    approved(lead, scout, boss)
    sign(lead, scout, NOW + minute)
    assert asked_again(session, lead) == []
    back(NOW + 2 * minute)
    assert asked_again(session, lead) == [scout.id]
    # Signed once more, it is answered once more.
    sign(lead, scout, NOW + 3 * minute)
    assert asked_again(session, lead) == []
    back(NOW + 4 * minute)
    assert asked_again(session, lead) == [scout.id]
    # A word of theirs stands, whatever becomes of the signing.
    decided.see(lead.public_id, actor_of(scout), NOW + 5 * minute)
    session.commit()
    sign(lead, scout, NOW + 6 * minute)
    back(NOW + 7 * minute)
    assert asked_again(session, lead) == []


def test_a_newer_version_keeps_an_approval_answered_when_the_signing_is_taken_back(
    session: Any, people: People
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)
    approved(lead, scout, boss)
    sign(lead, scout, NOW + timedelta(minutes=1))
    proposed(lead, scout)
    asked = MoveRequest(to_stage=Stage.NEGOTIATING, reason="企业要重谈")
    move_lead(lead.public_id, asked, actor_of(scout), NOW + timedelta(minutes=2))
    session.commit()
    assert asked_again(session, lead) == []


def test_a_decision_is_not_told_to_who_has_left(session: Any, people: People) -> None:
    before, heir, boss = people.scout(), people.scout(), people.manager()
    lead = negotiating(before)
    approved(lead, before, boss)
    lead.owner_id, before.active = heir.id, False
    session.commit()
    assert asked_again(session, lead) == [heir.id]


@pytest.mark.only_sqlite
@pytest.mark.parametrize("approved", [True, False])
def test_what_waits_is_found_among_all_that_was_ever_decided(
    session: Any, *, approved: bool
) -> None:
    asked = sa.select(Offer.lead_id).where(decided.unanswered(), decided.of_kind(approved=approved))
    text = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
    (plan,) = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all()
    assert "ix_offer_unanswered" in plan.detail


def sign(lead: Lead, by: User, at: datetime = NOW) -> None:
    """The lead goes into the stage that an approval opens."""
    an_agreement(lead, by)
    signed = LeadEdit(signed_on=TODAY, signed_investment_cny=100_000_000)
    edit_lead(lead.public_id, signed, actor_of(by), at)
    move_lead(lead.public_id, MoveRequest(to_stage=Stage.COMMITTED), actor_of(by), at)
    db.session.commit()


def asked_again(session: Any, lead: Lead) -> list[int]:
    """Who is to do something about what was refused on a lead."""
    asks = (
        sa.select(decided.who_hears())
        .select_from(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(decided.PROPOSER, decided.PROPOSER.id == Offer.proposer_id)
    )
    return list(session.scalars(asks.where(Offer.lead_id == lead.id, decided.unanswered())))


def nothing_asked(lead: Lead, by: User) -> Offer:
    return propose(lead.public_id, NOTHING, actor_of(by), NOW)
