"""What a company's lists are worth to the policy, as a condition on its leads."""

from __future__ import annotations

import sqlalchemy as sa

from models.company import Company
from models.lead import Lead
from models.target import ListEntry

LISTED = ("rewarded", "other")
ANY = "any"
"""On whatever list: what ``none`` leaves out."""
TIERS = (*LISTED, "none")


def of_tier(tier: str) -> sa.ColumnElement[bool]:
    """One of ``TIERS``: on a list that the policy rewards, only on others, on no list; ``ANY``."""
    rewarded = Lead.company_id.in_(sa.select(Company.id).where(Company.rewarded.is_(True)))
    listed = Lead.company_id.in_(
        sa.select(ListEntry.company_id).where(ListEntry.company_id.is_not(None))
    )
    match tier:
        case "rewarded":
            return rewarded
        case "other":
            return sa.and_(listed, ~rewarded)
        case "any":
            return listed
        case _:
            return ~listed
