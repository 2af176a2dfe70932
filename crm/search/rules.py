"""In which order what was found is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm.companies.name_parts import unify
from crm.companies.tokens import NUMBER_ENDS, Place, digits_of, place_of

Rank = tuple[Place, bool, bool, float]


def rank(query: str, names: Iterable[str], *, own: bool, is_open: bool, at: datetime) -> Rank:
    """Where a record stands among those a query found; the smaller comes first.

    Who is called exactly so comes before who begins so, and that before who only contains it;
    then what sounds so. Among equals one's own comes before others', what is open before what is
    lost, and the newer before the older (``at``).
    """
    return place_of(query, names), not own, not is_open, -at.timestamp()


def as_number(query: str) -> str:
    """The digits of a query that is a phone number or the end of one; else nothing."""
    digits = digits_of(query)
    plain = unify(query).lstrip("+").replace(" ", "").replace("-", "")
    return digits if len(digits) >= NUMBER_ENDS and plain == digits else ""
