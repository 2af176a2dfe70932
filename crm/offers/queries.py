"""What pages read of offers: those of a lead, and what waits for a decision.

Everything here starts from ``visible_offers``: who may not see a lead's offers gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from crm.access import Actor, Right, allowed, visible_offers
from crm.leads.entries import Entry, EntryKind
from crm.messages import Message, Name, Value, msg
from crm.offers import rules
from crm.offers.policy import policy
from crm.offers.rules import Version
from crm.offers.service import STANDING, version_of
from crm.offers.terms import Kind
from crm.offers.words import STATE_WORDS, asked_for, ended, outcome, what_is_asked
from models import db
from models.enums import OfferState, Status
from models.lead import Lead
from models.offer import Offer, OfferLine

MOST_WAITING = 50


@dataclass(frozen=True)
class Summary:
    """A version in a sentence or a row: what is asked in all, and what became of it."""

    public_id: str
    version: Version
    no_incentive: bool
    sums: Value | None
    """What is asked, by kind; None where it is no sum."""
    note: str
    reason: str
    proposer: str
    created_at: datetime
    may_decide: bool

    @property
    def state(self) -> Message:
        """What its state is called."""
        return STATE_WORDS[self.version.state]

    @property
    def what(self) -> Message:
        """What it is called, with its sums."""
        return what_is_asked(self.sums, no_incentive=self.no_incentive)

    @property
    def outcome(self) -> Message:
        """Who did the last thing with it, and when."""
        return outcome(self.version, self.proposer, self.created_at)

    @property
    def ended(self) -> Message:
        """Who decided or withdrew it, and at which moment."""
        return ended(self.version)


@dataclass(frozen=True)
class OffersOfLead:
    """The versions of a lead, the newest first, for who may see them."""

    versions: Sequence[Summary]
    may_propose: bool

    def _first(self, *states: OfferState) -> Summary | None:
        return next((one for one in self.versions if one.version.state in states), None)

    @property
    def waiting(self) -> Summary | None:
        """The one that waits for a decision."""
        return self._first(OfferState.PROPOSED)

    @property
    def standing(self) -> Summary | None:
        """The one that holds: approved, or the statement that nothing is asked."""
        return self._first(*STANDING)

    @property
    def shown(self) -> Summary | None:
        """The one to speak of: what waits, else what holds, else the last."""
        return self.waiting or self.standing or next(iter(self.versions), None)


@dataclass(frozen=True)
class Waiting:
    """An offer that waits for this person's decision."""

    offer: str
    lead: str
    company: str
    project: str
    team: Name
    version: int
    no_incentive: bool
    sums: Value | None
    proposer: str
    created_at: datetime

    @property
    def what(self) -> Message:
        """What it is called, with its sums."""
        return what_is_asked(self.sums, no_incentive=self.no_incentive)


def offers_of(public_id: str, actor: Actor) -> OffersOfLead | None:
    """The offers of a lead (one statement); None for who may not see them."""
    if not allowed(actor, Right.READ_OFFERS):
        return None
    rows = db.session.execute(
        sa.select(Lead.status, Offer, *_sums())
        .select_from(Lead)
        .outerjoin(Offer, Offer.lead_id == Lead.id)
        .where(Lead.public_id == public_id, visible_offers(actor))
        .order_by(Offer.version.desc())
        .options(
            joinedload(Offer.proposer), joinedload(Offer.approver), joinedload(Offer.withdrawn_by)
        )
    ).all()
    if not rows:
        return None
    versions = [_summary(offer, sums, actor) for _, offer, *sums in rows if offer]
    waits = any(one.version.state is OfferState.PROPOSED for one in versions)
    lost = rows[0][0] is Status.LOST
    return OffersOfLead(versions, rules.may_propose(actor) and not lost and not waits)


def told(offers: OffersOfLead | None) -> Iterable[Entry]:
    """The offers in a lead's timeline, without amounts: when proposed, and what became of each."""
    for one in offers.versions if offers else ():
        what = msg("不申请扶持") if one.no_incentive else msg("政策测算")
        line = msg("提出第 %(n)s 版", n=one.version.number)
        yield _entry(one, one.created_at, what, one.proposer, line, one.note)
        if one.version.at is not None:
            line = msg("第 %(n)s 版%(state)s", n=one.version.number, state=_became(one))
            yield _entry(one, one.version.at, what, one.version.by, line, one.reason)


def _became(one: Summary) -> Message:
    """What was done with it at its moment; that another took its place came later."""
    replaced = one.version.state is OfferState.SUPERSEDED
    return STATE_WORDS[OfferState.APPROVED] if replaced else one.state


def awaiting_decision(actor: Actor, limit: int = MOST_WAITING) -> list[Waiting]:
    """What waits for this person to approve or refuse it, the oldest first (one statement).

    Empty for roles that decide nothing; what they proposed themselves is for somebody else.
    """
    if not allowed(actor, Right.DECIDE_OFFERS):
        return []
    rows = db.session.execute(
        sa.select(Offer, *_sums())
        .join(Lead, Lead.id == Offer.lead_id)
        .where(
            Offer.state == OfferState.PROPOSED,
            Offer.proposer_id != actor.id,
            Lead.status != Status.LOST,
            visible_offers(actor),
        )
        .order_by(Offer.created_at, Offer.id)
        .limit(limit)
        .options(
            contains_eager(Offer.lead).options(joinedload(Lead.company), joinedload(Lead.team)),
            joinedload(Offer.proposer),
        )
    )
    return [_waiting(offer, sums) for offer, *sums in rows]


_SUMMED = (Kind.GRANT, Kind.EQUITY, Kind.CREDIT)


def _sums() -> Iterator[sa.ColumnElement[int]]:
    """What an offer asks in all, a column a kind."""
    for kind in _SUMMED:
        codes = [rule.code for rule in policy().rules if rule.kind is kind]
        lines = sa.select(sa.func.coalesce(sa.func.sum(OfferLine.amount_cny), 0)).where(
            OfferLine.offer_id == Offer.id, OfferLine.rule_code.in_(codes)
        )
        yield sa.cast(lines.correlate(Offer).scalar_subquery(), sa.BigInteger)


def _said(sums: Iterable[int]) -> Value | None:
    return asked_for({kind: cny for kind, cny in zip(_SUMMED, sums, strict=True) if cny})


def _summary(offer: Offer, sums: Iterable[int], actor: Actor) -> Summary:
    version = version_of(offer)
    return Summary(
        public_id=offer.public_id,
        version=version,
        no_incentive=offer.no_incentive,
        sums=_said(sums),
        note=offer.note or "",
        reason=offer.reason or "",
        proposer=offer.proposer.name,
        created_at=offer.created_at,
        may_decide=rules.may_decide(version, actor),
    )


def _entry(one: Summary, at: datetime, title: Message, who: str, line: Message, text: str) -> Entry:
    lines: tuple[Message | str, ...] = (line, text) if text else (line,)
    return Entry(at, EntryKind.OFFERS, title, who, lines, offer=one.public_id)


def _waiting(offer: Offer, sums: Iterable[int]) -> Waiting:
    lead = offer.lead
    return Waiting(
        offer=offer.public_id,
        lead=lead.public_id,
        company=lead.company.short_name,
        project=lead.project,
        team=Name(lead.team.short_zh, lead.team.en),
        version=offer.version,
        no_incentive=offer.no_incentive,
        sums=_said(sums),
        proposer=offer.proposer.name,
        created_at=offer.created_at,
    )
