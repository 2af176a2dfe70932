"""A rank as lists write it: 7, 第7名, No.7, TOP 7, 7（并列）. Pure."""

from __future__ import annotations

import re
import unicodedata

from crm.imports.cells import is_unknown
from crm.imports.outcomes import Problem
from crm.messages import msg
from crm.numerals import WRITTEN, number_of

RANK_MAX = 1_000_000
# What is longer is no rank, and is not looked at.
_LONGEST = 40

_NUMBER = re.compile(r"\d+")
_TIE = r"(?:并列|tied?|joint)"
# What says before a number that it is a rank, and what says so behind it; of one width and case.
_BEFORE = (
    rf"(?:(?:排名|名次|位次|位列|位居|排行|第|top|no|number|rank(?:ed|ing)?|#|=|{_TIE})[\s.:]*)+"
)
_AFTER = rf"(?:名|位|st|nd|rd|th)?\s*(?:[(\[【〔]\s*{_TIE}\s*[)\]】〕]|{_TIE}|=)?\s*[.、]?"
_RANK = re.compile(rf"(?:{_BEFORE})?([0-9]+)\s*{_AFTER}")


def read_rank(text: str) -> tuple[int | None, Problem | None]:
    """A rank from 1 on; none where it is unknown; a problem where it is no rank.

    Words that only say that it is a rank, or that it is shared, may stand around the number.
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if is_unknown(plain):
        return None, None
    rank = _rank(plain)
    if rank is None:
        guess = guess_rank(plain)
        if guess is None:
            return None, Problem("rank", msg("名次要填 1 以上的整数，不知道的请留空。"))
        return None, Problem("rank", msg("名次要填数字，请改成 %(rank)s", rank=guess), str(guess))
    if rank < 1:
        return None, Problem("rank", msg("名次从 1 开始，请改成 1 或更大的数。"))
    if rank > RANK_MAX:
        return None, Problem("rank", msg("名次太大，请核对是不是放错了列。"))
    return rank, None


def _rank(plain: str) -> int | None:
    """The number that stands in the words of a rank; in Chinese numerals a person confirms it."""
    found = _RANK.fullmatch(plain) if len(plain) <= _LONGEST else None
    # Digits of any length are a number; beyond the greatest rank it does not matter which.
    return int(found[1][:10]) if found else None


def guess_rank(text: str) -> int | None:
    """The number somebody most likely meant: 七十八 is 78, 约17 and 17强 are 17."""
    if text.startswith("-") or "." in text:
        return None
    numbers = _NUMBER.findall(text)
    if len(numbers) == 1 and len(numbers[0]) <= 6:
        return int(numbers[0]) or None
    written = WRITTEN.findall(text)
    if not numbers and len(written) == 1:
        return number_of(written[0]) or None
    return None
