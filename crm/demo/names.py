"""Names of people and of companies beyond the published lists, and credit codes that hold."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from stdnum.cn import uscc

from crm.demo.words import (
    BRANDS_FIRST,
    BRANDS_SECOND,
    BUSINESSES,
    GIVEN,
    LEGAL_ENDINGS,
    SURNAMES,
)

_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person_name(random: Random) -> str:
    """A Chinese name of two or three characters."""
    return random.choice(SURNAMES) + random.choice(GIVEN)


def company_names(random: Random, cities: list[str]) -> Iterator[tuple[str, str, str]]:
    """Legal name, short name and city of companies that nobody has listed; never one twice."""
    used: set[tuple[str, str, str]] = set()
    while True:
        city = random.choice(cities)
        brand = random.choice(BRANDS_FIRST) + random.choice(BRANDS_SECOND)
        business = random.choice(BUSINESSES)
        if (city, brand, business) in used:
            continue
        used.add((city, brand, business))
        place = city.removesuffix("市")
        ending = random.choice(LEGAL_ENDINGS)
        yield f"{place}{brand}{business}{ending}", f"{brand}{_field(business)}", city


def _field(business: str) -> str:
    """A line of business as a short name says it: 网络科技 is 网络, and 科技 stays 科技."""
    return next(
        (short for end in ("技术", "科技", "开发") if (short := business.removesuffix(end))),
        business,
    )


def credit_code(random: Random, division: str) -> str:
    """A unified social credit code of a company in an administrative division (six digits)."""
    body = f"91{division}" + "".join(random.choices(_CODE_CHARACTERS, k=9))
    return body + str(uscc.calc_check_digit(body))
