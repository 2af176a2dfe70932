"""Which record a company's id stands for today: a merged one lives on in another."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access import present
from crm.errors import Refusal
from crm.held import held
from crm.messages import msg
from models import db
from models.company import Company


def survivor(company: Company) -> Company:
    """What the company became when it was merged, else itself."""
    while company.merged_into_id is not None:
        company = db.session.get_one(Company, company.merged_into_id)
    return company


def company_of(public_id: str) -> Company | None:
    """The company that this id stands for; None where there is none, or it is archived."""
    found = db.session.scalar(
        sa.select(Company).where(Company.public_id == public_id, present(Company))
    )
    return found and survivor(found)


def still_itself(company_id: int) -> None:
    """Hold a company of which something is about to be written down.

    Raises the Refusal of one that is one with another by now: who merges holds it, too.
    """
    refuse_merged(held(Company, Company.id == company_id, referable=True).merged_into_id)


def refuse_merged(merged_into_id: int | None) -> None:
    """Raise the Refusal of what is written of a company that is one with another by now."""
    if merged_into_id is not None:
        text = msg("这家企业刚并入了另一家，请重新选企业。")
        raise Refusal({"company": [text]}, text, code="merged")
