"""Makers of leads that have been signed, and what their registration and landing are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from crm.demo.names import credit_code
from crm.landing.rules import Arrival, Registration, Space
from crm.leads.edits import edit_lead
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from models import db
from models.attachment import Attachment, AttachmentKind, Blob
from models.enums import OfferState, Stage
from models.lead import Lead
from models.offer import Offer
from models.user import User
from tests.leads.making import NOW, PLANS, TODAY, a_lead, a_visit, actor_of

SIGNED_ON = TODAY - timedelta(days=40)
REGISTERED_ON = TODAY - timedelta(days=20)
_chance = Random(7)

SPACE = Space(
    premises="park:nanhu",
    address="3 号楼 5 层",
    area_m2=800,
    lease_start=TODAY - timedelta(days=10),
    lease_end=TODAY + timedelta(days=1000),
)
ARRIVAL = Arrival(
    employees=12, employees_source="social_insurance", employees_on=TODAY, landed_on=TODAY
)


def a_code() -> str:
    """A credit code of a company of the city, never the same."""
    return credit_code(_chance, "330402")


def a_registration(name: str = "嘉兴新设软件有限公司", **more: Any) -> Registration:
    """A whole registration of a company that nobody knows yet."""
    whole = Registration(
        local_company=name,
        credit_code=a_code(),
        share_bp=10_000,
        registered_capital_cny=50_000_000,
        registered_on=REGISTERED_ON,
    )
    return replace(whole, **more)


def a_signed_lead(user: User, now: datetime = NOW, **more: Any) -> Lead:
    """A lead that went all the way to ``committed``; committed to the database, too."""
    lead = a_lead(user, **more)
    a_visit(lead, user)
    edit_lead(lead.public_id, PLANS, actor_of(user), now)
    sign(lead, user)
    move_lead(lead.public_id, MoveRequest(to_stage=Stage.COMMITTED), actor_of(user), now)
    db.session.commit()
    return lead


def sign(lead: Lead, user: User, signed_on: date = SIGNED_ON) -> None:
    """What the gate of ``committed`` asks for: date, amount, the agreement, nothing asked."""
    blob = Blob(sha256=f"{lead.id:064}", size=1, media_type="application/pdf", created_at=NOW)
    db.session.add(blob)
    db.session.flush()
    agreement = Attachment(
        blob_id=blob.id,
        kind=AttachmentKind.AGREEMENT,
        name="协议.pdf",
        lead_id=lead.id,
        created_by_id=user.id,
        created_at=NOW,
    )
    offer = Offer(
        lead_id=lead.id,
        version=1,
        rules_version="test",
        no_incentive=True,
        state=OfferState.RECORDED,
        note="企业自有资金充足",
        proposer_id=user.id,
        created_at=NOW,
    )
    db.session.add_all([agreement, offer])
    lead.signed_on, lead.signed_investment_cny = signed_on, 100_000_000
    db.session.flush()
