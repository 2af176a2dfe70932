"""Makers of leads on their way to be signed."""

from __future__ import annotations

import io
from typing import Any

from flask import current_app

from crm.files import FileStore
from crm.leads.attachments import attach_to_lead
from crm.leads.edits import edit_lead
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from crm.offers.rules import Decision, Proposal
from crm.offers.service import decide, propose
from models import db
from models.attachment import Attachment, AttachmentKind
from models.enums import Stage
from models.lead import Lead
from models.offer import Offer
from models.user import User
from tests.files.making import PDF
from tests.leads.making import NOW, PLANS, a_lead, a_visit, actor_of

SUBSIDY, FUND, TIER, CMMI = "project-subsidy", "fund", "revenue-tier", "cert-cmmi"
CAP = 30_000_000
LINES = {SUBSIDY: 8_600_000}
NOTHING = Proposal(no_incentive=True, note="企业书面放弃")


def negotiating(owner: User, **more: Any) -> Lead:
    """A lead that terms are discussed with, committed to the database."""
    lead = a_lead(owner, **more)
    a_visit(lead, owner)
    edit_lead(lead.public_id, PLANS, actor_of(owner), NOW)
    move_lead(lead.public_id, MoveRequest(to_stage=Stage.NEGOTIATING), actor_of(owner), NOW)
    db.session.commit()
    return lead


def proposed(lead: Lead, by: User, lines: dict[str, int] | None = None) -> Offer:
    """A version that waits."""
    offer = propose(lead.public_id, Proposal(lines or LINES), actor_of(by), NOW)
    db.session.commit()
    return offer


def approved(lead: Lead, by: User, boss: User, lines: dict[str, int] | None = None) -> Offer:
    """A version that holds."""
    offer = proposed(lead, by, lines)
    decide(offer.public_id, Decision.APPROVE, "", actor_of(boss), NOW)
    db.session.commit()
    return offer


def sent_back(lead: Lead, by: User, boss: User, lines: dict[str, int] | None = None) -> Offer:
    """A version that was refused."""
    offer = proposed(lead, by, lines)
    decide(offer.public_id, Decision.REFUSE, "金额偏高", actor_of(boss), NOW)
    db.session.commit()
    return offer


def an_agreement(lead: Lead, by: User, name: str = "协议.pdf") -> Attachment:
    """The signed paper, in its place."""
    store: FileStore = current_app.extensions["crm.files"]
    with store.receive(name, io.BytesIO(PDF)) as file:
        paper = attach_to_lead(lead.public_id, file, AttachmentKind.AGREEMENT, actor_of(by), NOW)
        db.session.commit()
    return paper
