"""What a goal of landings may be. Pure."""

from __future__ import annotations

from datetime import date

from crm.messages import Message, msg
from crm.spans import YEARS

MOST = 9999
# The years that are asked for: this one and the next.
YEARS_AHEAD = 1


def asked_years(today: date) -> list[int]:
    """The years whose goals matter now."""
    return [today.year + n for n in range(YEARS_AHEAD + 1)]


def wrong_year(year: int) -> bool:
    """Whether no goal can be of that year."""
    first, last = YEARS
    return not first <= year <= last


def wrong(landings: int | None) -> Message | None:
    """What is wrong with a number of landings; None when it will do."""
    if landings is None:
        return msg("请填全年要落地多少条，例如 12。")
    if not 1 <= landings <= MOST:
        return msg("请填 1 到 %(most)s 之间的整数。", most=MOST)
    return None
