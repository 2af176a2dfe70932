"""What is kept of leads and companies beside them, so that no page counts them all.

Each follows its records in their own flush (``install``) and can be written anew (``rebuild``);
``doctor`` compares each with a count.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.companies import in_chain as companies_in_chain
from crm.companies import settlement
from crm.leads import expanding, months, totals
from crm.leads import in_chain as leads_in_chain

_KEPT = (totals, months, settlement, companies_in_chain, leads_in_chain, expanding)


def install() -> None:
    """Hang the upkeep on every session of the process."""
    for one in _KEPT:
        one.install()


def rebuild(session: Session) -> None:
    """Write all of it anew (a command, and after a bulk load)."""
    for one in _KEPT:
        one.rebuild(session)
