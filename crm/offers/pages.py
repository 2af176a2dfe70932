"""One offer with its working, and the form of a new version."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.access import Actor, may_see_offers, readable_lead, visible_offers
from crm.errors import Forbidden, NotFound
from crm.leads.papers import Paper, papers_of_offer
from crm.leads.queries import page_options
from crm.messages import Message, Name
from crm.offers import rules
from crm.offers.facts import Known, known_of_lead
from crm.offers.incentives import Calculation, Result, Verdict, calculate
from crm.offers.policy import policy
from crm.offers.queries import OffersOfLead, Summary, offers_of
from crm.offers.rules import Version
from crm.offers.service import is_signed, version_of
from crm.offers.terms import Kind, Rule
from crm.offers.words import STATE_WORDS, ended
from models import db
from models.enums import OfferState
from models.lead import Lead
from models.offer import Offer, OfferLine


@dataclass(frozen=True)
class LineView:
    """A line of an offer: its rule (None when the policy has it no more), and its working."""

    code: str
    rule: Rule | None
    amount_cny: int
    calculated_cny: int | None
    cap_cny: int | None
    result: Result | None


@dataclass(frozen=True)
class OfferPage:
    """Everything that the page of an offer shows. ``same_rules``: the policy is still that one."""

    offer: Offer
    version: Version
    lines: Sequence[LineView]
    totals: Mapping[Kind, int]
    caveats: Sequence[Message]
    others: Sequence[Summary]
    papers: Sequence[Paper]
    same_rules: bool
    own: bool
    may_decide: bool
    may_withdraw: bool
    may_propose: bool

    @property
    def state(self) -> Message:
        """What its state is called."""
        return STATE_WORDS[self.version.state]

    @property
    def ended(self) -> Message:
        """Who decided or withdrew it, and at which moment."""
        return ended(self.version)


@dataclass(frozen=True)
class Option:
    """A rule that a new version may have a line of: what it gives, and the most it may hold."""

    rule: Rule
    result: Result
    most_cny: int | None

    @property
    def calculated_cny(self) -> int | None:
        """The amount that follows from what is known, where nobody has to propose it."""
        return None if rules.is_negotiated(self.rule) else self.result.amount_cny


@dataclass(frozen=True)
class Again:
    """The version that was refused, from which the next one starts.

    ``lines`` are its amounts by the rules that can still be chosen, ``left`` names the others.
    """

    refused: Summary
    lines: Mapping[str, int]
    left: Sequence[Name | str]


@dataclass(frozen=True)
class Drafting:
    """What the form of a new version shows: each rule with what it gives, and what is known."""

    lead: Lead
    options: Sequence[Option]
    excluded: Sequence[Option]
    known: Sequence[tuple[Name, Known]]
    calculation: Calculation
    offers: OffersOfLead
    again: Again | None = None


def drafting(public_id: str, actor: Actor) -> Drafting:
    """The form of a new version for a lead.

    Raises NotFound for who may not see its offers, Forbidden for who proposes none.
    """
    lead = readable_lead(actor, public_id, *page_options())
    if not may_see_offers(lead, actor):
        raise NotFound
    offers = offers_of(public_id, actor)
    if offers is None or not rules.may_propose(actor):
        raise Forbidden
    known = known_of_lead(lead, policy())
    calculation = calculate({name: one.value for name, one in known.items()}, policy())
    options = [
        Option(rule, result, rules.most_of(result))
        for rule in rules.offered(policy())
        for result in (calculation.of(rule.code),)
    ]
    chosen = [one for one in options if one.result.verdict is not Verdict.DOES_NOT]
    return Drafting(
        lead=lead,
        options=chosen,
        excluded=[one for one in options if one.result.verdict is Verdict.DOES_NOT],
        known=[(label, known[name]) for name, label in _labels().items() if name in known],
        calculation=calculation,
        offers=offers,
        again=_again(offers, {one.rule.code for one in chosen}),
    )


def _again(offers: OffersOfLead, can: Container[str]) -> Again | None:
    last = next(iter(offers.versions), None)
    if last is None or last.version.state is not OfferState.REFUSED:
        return None
    rows = db.session.execute(
        sa.select(OfferLine.rule_code, OfferLine.amount_cny)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .where(Offer.public_id == last.public_id)
        .order_by(OfferLine.id)
    ).all()
    rules_now = policy().by_code
    return Again(
        refused=last,
        lines={code: cny for code, cny in rows if code in can},
        left=[
            rules_now[code].name if code in rules_now else code
            for code, _cny in rows
            if code not in can
        ],
    )


def _labels() -> dict[str, Name]:
    """What the facts are called, in the order in which the policy asks them."""
    return {fact.name: fact.label for rule in policy().rules for fact in rule.facts}


def offer_page(public_id: str, actor: Actor) -> OfferPage:
    """The page of an offer; NotFound when it is not there for this actor."""
    offer = db.session.scalar(
        sa.select(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(Offer.public_id == public_id, visible_offers(actor))
        .options(
            joinedload(Offer.lead).options(
                joinedload(Lead.company), joinedload(Lead.owner), joinedload(Lead.team)
            ),
            joinedload(Offer.proposer),
            joinedload(Offer.approver),
            joinedload(Offer.withdrawn_by),
            selectinload(Offer.lines),
        )
    )
    if offer is None:
        raise NotFound
    offers = offers_of(offer.lead.public_id, actor)
    assert offers is not None  # noqa: S101 (the same condition let this one through)
    version = version_of(offer)
    calculation = _worked_then(offer)
    return OfferPage(
        offer=offer,
        version=version,
        lines=[_line(line, calculation) for line in offer.lines],
        totals=_totals(offer.lines),
        caveats=calculation.caveats if calculation and offer.lines else (),
        others=[one for one in offers.versions if one.public_id != public_id],
        papers=papers_of_offer(offer, actor),
        same_rules=calculation is not None,
        own=offer.proposer_id == actor.id,
        may_decide=rules.may_decide(version, actor),
        may_withdraw=rules.may_withdraw(version, actor, signed=is_signed(offer.lead)),
        may_propose=offers.may_propose and version.state is not OfferState.PROPOSED,
    )


def _worked_then(offer: Offer) -> Calculation | None:
    """The calculation as it was when the offer was made; None once the policy is another."""
    if offer.rules_version != policy().rules_version:
        return None
    lines = {line.rule_code: line.amount_cny for line in offer.lines}
    return calculate(rules.with_amounts(offer.facts, lines, policy()), policy(), rules=lines)


def _line(line: OfferLine, calculation: Calculation | None) -> LineView:
    return LineView(
        code=line.rule_code,
        rule=policy().by_code.get(line.rule_code),
        amount_cny=line.amount_cny,
        calculated_cny=line.calculated_cny,
        cap_cny=line.cap_cny,
        result=calculation.of(line.rule_code) if calculation else None,
    )


def _totals(lines: Iterable[OfferLine]) -> dict[Kind, int]:
    """Sums by kind, never of two kinds together."""
    sums: dict[Kind, int] = {}
    for line in lines:
        if (rule := policy().by_code.get(line.rule_code)) is not None:
            sums[rule.kind] = sums.get(rule.kind, 0) + line.amount_cny
    return sums
