"""Whom a refused offer asks to do something about it, and until when; both engines."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm.errors import Forbidden, NotFound
from crm.offers import refusals
from crm.offers.service import propose, withdraw
from models.enums import Role
from models.lead import Lead
from models.offer import Offer
from models.user import User
from tests.leads.making import NOW, a_lead, actor_of
from tests.offers.making import NOTHING, proposed, sent_back
from tests.people import People


def test_a_refusal_asks_its_proposer_until_a_version_or_their_word_answers_it(
    session: Any, people: People
) -> None:
    scout, leader, boss = people.scout(), people.team_lead(), people.manager()
    lead = a_lead(scout)
    assert asked_again(session, lead) == []
    sent_back(lead, scout, boss)
    assert asked_again(session, lead) == [scout.id]
    refusals.see(lead.public_id, actor_of(leader), NOW)
    assert asked_again(session, lead) == [scout.id]
    refusals.see(lead.public_id, actor_of(scout), NOW)
    refusals.see(lead.public_id, actor_of(scout), NOW)
    assert asked_again(session, lead) == []
    for answer in (lambda: proposed(lead, scout), lambda: nothing_asked(lead, scout)):
        sent_back(lead, leader, boss)
        assert asked_again(session, lead) == [leader.id]
        answered = answer()
        assert asked_again(session, lead) == []
        withdraw(answered.public_id, actor_of(scout), NOW)
        assert asked_again(session, lead) == []
    with pytest.raises(Forbidden):
        refusals.see(lead.public_id, actor_of(people.make(Role.AUDITOR)), NOW)
    with pytest.raises(NotFound):
        refusals.see(lead.public_id, actor_of(people.scout("chengdu")), NOW)


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


def asked_again(session: Any, lead: Lead) -> list[int]:
    """Who is to do something about what was refused on a lead."""
    asks = (
        sa.select(refusals.who_answers())
        .select_from(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(refusals.PROPOSER, refusals.PROPOSER.id == Offer.proposer_id)
    )
    return list(session.scalars(asks.where(Offer.lead_id == lead.id, refusals.unanswered())))


def nothing_asked(lead: Lead, by: User) -> Offer:
    return propose(lead.public_id, NOTHING, actor_of(by), NOW)
