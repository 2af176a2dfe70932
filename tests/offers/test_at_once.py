"""Two people at once: the first has the last word, the other is told who it was and when."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.access import Actor
from crm.errors import Conflict, Refusal
from crm.offers.facts import pools_of
from crm.offers.policy import policy
from crm.offers.rules import Decision, Proposal
from crm.offers.service import decide, propose, withdraw
from models.enums import OfferState
from models.offer import Offer, OfferLine
from tests.at_once import Deed, at_once
from tests.clients import Client
from tests.leads.making import NOW, a_lead, actor_of
from tests.offers.making import FUND, LINES, proposed
from tests.people import People


@pytest.mark.parametrize(
    "decisions",
    [(Decision.APPROVE, Decision.APPROVE), (Decision.APPROVE, Decision.REFUSE)],
    ids=["both approve", "one refuses"],
)
def test_two_decide_at_once(
    app: Flask, session: Any, people: People, decisions: tuple[Decision, Decision]
) -> None:
    scout = people.scout()
    bosses = {name: actor_of(people.manager(name=name)) for name in ("钟文", "沈立军")}
    offer = proposed(a_lead(scout), scout).public_id
    session.commit()

    def deed(boss: Actor, decision: Decision) -> Deed:
        return lambda: decide(offer, decision, "看过了", boss, NOW)

    got = at_once(
        app,
        {
            name: (boss, deed(boss, decision))
            for (name, boss), decision in zip(bosses.items(), decisions, strict=True)
        },
    )
    winner = next(name for name, told in got.items() if told == "done")
    loser = next(name for name in got if name != winner)
    assert isinstance(got[loser], Conflict)
    assert winner in str(got[loser].message)
    session.expire_all()
    found = session.scalars(sa.select(Offer)).one()
    assert found.approver_id == bosses[winner].id


def test_two_propose_at_once(app: Flask, session: Any, people: People) -> None:
    scout, lead_of_team = people.scout(), people.team_lead()
    lead = a_lead(scout).public_id
    actors = {"scout": actor_of(scout), "lead": actor_of(lead_of_team)}
    session.commit()
    got = at_once(
        app,
        {
            name: (actor, lambda actor=actor: propose(lead, Proposal(LINES), actor, NOW))  # type: ignore[misc]
            for name, actor in actors.items()
        },
    )
    assert sorted(str(told) == "done" for told in got.values()) == [False, True]
    assert any(isinstance(told, Refusal) and told.code == "waiting" for told in got.values())
    assert session.scalar(sa.select(sa.func.count()).select_from(Offer)) == 1


def test_approved_at_once_they_do_not_exceed_the_fund(
    app: Flask, session: Any, people: People
) -> None:
    """Four projects ask for more than half of it each: it is there for one."""
    scout, pool = people.scout(), pools_of(policy())[FUND]
    asked = {FUND: pool // 2 + 10_000}
    leads = [a_lead(scout, f"第{number}软件有限公司") for number in range(4)]
    offers = [proposed(lead, scout, asked).public_id for lead in leads]
    bosses = [actor_of(people.manager()) for _offer in offers]
    session.commit()

    def deed(offer: str, boss: Actor) -> Deed:
        return lambda: decide(offer, Decision.APPROVE, "", boss, NOW)

    got = at_once(
        app,
        {offer: (boss, deed(offer, boss)) for offer, boss in zip(offers, bosses, strict=True)},
    )
    told = [one for one in got.values() if one != "done"]
    assert len(told) == len(offers) - 1
    assert all(list(one.errors) == [f"lines.{FUND}"] for one in told)
    session.expire_all()
    given = sa.select(sa.func.sum(OfferLine.amount_cny)).join(Offer)
    assert session.scalar(given.where(Offer.state == OfferState.APPROVED)) == asked[FUND]


def test_withdrawn_while_it_is_approved(app: Flask, session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    offer = proposed(a_lead(scout), scout).public_id
    by, deciding = actor_of(scout), actor_of(boss)
    session.commit()
    got = at_once(
        app,
        {
            "withdraws": (by, lambda: withdraw(offer, by, NOW)),
            "approves": (deciding, lambda: decide(offer, Decision.APPROVE, "", deciding, NOW)),
        },
    )
    session.expire_all()
    state = session.scalar(sa.select(Offer.state))
    won = {OfferState.WITHDRAWN: "withdraws", OfferState.APPROVED: "approves"}[state]
    assert got.pop(won) == "done"
    assert all(isinstance(told, Conflict) for told in got.values())


def test_the_slower_one_sees_who_decided(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    slow = Client(client.app).sign_in(people.manager().email)
    offer = proposed(a_lead(scout), scout).public_id
    path = f"/offers/{offer}/decision"
    client.sign_in(boss.email)
    assert slow.get(f"/offers/{offer}").status_code == 200
    sent = {"decision": "approve", "seen": "proposed"}
    assert client.post(path, sent).status_code == 302
    late = slow.post(path, sent)
    assert late.status_code == 409
    assert 'data-testid="conflict"' in late.text
    assert "钟文 " in late.text
    assert "已经批准了这一版" in late.text
    as_json = slow.post(path, sent, headers={"Accept": "application/json"})
    assert as_json.status_code == 409
    assert as_json.json is not None
    assert as_json.json["changed"] == {"state": {"theirs": "approved", "yours": "approve"}}
