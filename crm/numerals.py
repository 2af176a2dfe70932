"""Numbers in Chinese numerals, as people write them in lists and ledgers. Pure."""

from __future__ import annotations

import re

NUMERALS = "零〇一二两三四五六七八九十百千"
WRITTEN = re.compile(f"[{NUMERALS}]+")
_DIGITS = dict(zip("零〇一二三四五六七八九", (0, 0, *range(1, 10)), strict=True)) | {"两": 2}
_TENS = {"十": 10, "百": 100, "千": 1_000}


def number_of(text: str) -> int:
    """七十八, 一百零三, 五千, and digits alone: 一〇三. ``text`` matches ``WRITTEN`` as a whole."""
    if not any(character in _TENS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text[:6]))
    total = digit = 0
    for character in text:
        if character in _TENS:
            total += (digit or 1) * _TENS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit
