"""What people say of a local company, its premises and its first people, and what can not be right.

Pure: the dates of the lead and "today" are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from crm.amounts import LARGEST_CNY, out_of_range
from crm.companies.credit_code import code_problem
from crm.leads.inputs import MAX_HEADCOUNT, MAX_SPACE_M2, Errors
from crm.messages import Message, msg
from crm.spans import wrong_year
from models.company import NAME_LENGTH
from models.premises import ADDRESS_LENGTH

FULL_SHARE_BP = 10_000
# A lease may be signed for a building that is still being finished, not for the next decade.
LEASE_AHEAD_DAYS = 730


@dataclass(frozen=True)
class Registration:
    """What is known of the local company; what is empty or None stays as it is.

    ``local_company`` is a public id or the name on its licence; ``local_company_is`` answers
    whether it is one of the companies that look alike: a public id, or ``new``. Amounts are whole
    CNY, the share in basis points. ``before_signing``: a person has looked, and it was registered
    before the agreement was signed.
    """

    local_company: str = ""
    local_company_is: str = ""
    credit_code: str = ""
    share_bp: int | None = None
    registered_capital_cny: int | None = None
    funds_in_place_cny: int | None = None
    registered_on: date | None = None
    before_signing: bool = False


@dataclass(frozen=True)
class Space:
    """Premises as somebody describes them. ``premises`` is one choice, ``park:CODE`` or
    ``district:CODE``; the area is in whole square metres."""

    premises: str = ""
    address: str = ""
    area_m2: int | None = None
    lease_start: date | None = None
    lease_end: date | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """As it travels with the way back of what was taken away."""
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Space:
        """The same read back."""
        days = {n: date.fromisoformat(v) for n, v in values.items() if n.startswith("lease") and v}
        return cls(**{**values, **days})


@dataclass(frozen=True)
class Arrival:
    """The first local people and the day of landing; what is None stays as it is.

    ``employees_on`` is the day on which there were so many, ``employees_source`` a code of
    ``crm.landing.words.SOURCE_WORDS``.
    """

    employees: int | None = None
    employees_source: str = ""
    employees_on: date | None = None
    landed_on: date | None = None


@dataclass(frozen=True)
class Milestones:
    """The dates of a lead that the dates of an input are held against."""

    signed_on: date | None = None
    registered_on: date | None = None
    landed_on: date | None = None


def wrong_registration(given: Registration, known: Milestones, today: date) -> Errors:
    """Every value of a registration that can not be right, by its field."""
    found = {
        "local_company": _long(given.local_company, NAME_LENGTH),
        "credit_code": code_problem(given.credit_code) if given.credit_code else None,
        "share": _wrong_share(given.share_bp),
        "registered_capital_cny": out_of_range(given.registered_capital_cny, LARGEST_CNY),
        "funds_in_place_cny": out_of_range(given.funds_in_place_cny, LARGEST_CNY),
        "registered_on": _wrong_registered_on(given, known, today),
    }
    return _only(found)


def wrong_space(given: Space, today: date) -> Errors:
    """Everything missing or wrong in a description of premises; all but the address and the end
    of the lease is asked for."""
    found = {
        "premises": None if given.premises else msg("请选区县；在园区里的，选到园区。"),
        "address": _long(given.address, ADDRESS_LENGTH),
        "area_m2": msg("请填面积（平方米）。")
        if given.area_m2 is None
        else out_of_range(given.area_m2, MAX_SPACE_M2),
        "lease_start": _wrong_lease_start(given.lease_start, today),
        "lease_end": _wrong_lease_end(given),
    }
    return _only(found)


def wrong_arrival(given: Arrival, known: Milestones, today: date) -> Errors:
    """Every value about the first people and the landing that can not be right."""
    found = {
        "employees": out_of_range(given.employees, MAX_HEADCOUNT),
        "employees_on": _past(given.employees_on, today),
        "landed_on": _wrong_landed_on(given.landed_on, known, today),
    }
    return _only(found)


def _wrong_registered_on(given: Registration, known: Milestones, today: date) -> Message | None:
    day = given.registered_on
    if day is None:
        return None
    if problem := _past(day, today):
        return problem
    if known.landed_on is not None and day > known.landed_on:
        return msg("注册日期晚于落地日期 %(day)s，请核对。", day=known.landed_on)
    # A company that was here before the agreement is rare, a wrong month is not.
    if known.signed_on is not None and day < known.signed_on and not given.before_signing:
        return msg(
            "早于签约日期 %(day)s。请核对；没有填错的，请勾选“签约前已注册”再保存。",
            day=known.signed_on,
        )
    return None


def _wrong_landed_on(day: date | None, known: Milestones, today: date) -> Message | None:
    if day is None:
        return None
    if problem := _past(day, today):
        return problem
    if known.registered_on is not None and day < known.registered_on:
        return msg("早于注册日期 %(day)s，请核对。", day=known.registered_on)
    return None


def _wrong_lease_start(day: date | None, today: date) -> Message | None:
    if day is None:
        return msg("请填起租日期。")
    if day > today + timedelta(days=LEASE_AHEAD_DAYS):
        return msg("起租日期在两年以后，请核对年份。")
    return wrong_year(day)


def _wrong_lease_end(given: Space) -> Message | None:
    if given.lease_end is None:
        return None
    if given.lease_start is not None and given.lease_end <= given.lease_start:
        return msg("要晚于起租日期，请核对。")
    return wrong_year(given.lease_end)


def _past(day: date | None, today: date) -> Message | None:
    if day is None:
        return None
    if day > today:
        return msg("日期还没有到，请填今天或以前的日期。")
    return wrong_year(day)


def _wrong_share(share_bp: int | None) -> Message | None:
    if share_bp is None or 0 <= share_bp <= FULL_SHARE_BP:
        return None
    return msg("持股比例应在 0 到 100 之间。")


def _long(text: str, most: int) -> Message | None:
    if len(text) <= most:
        return None
    return msg("最多 %(most)s 个字，这里有 %(n)s 个。请写短一些。", most=most, n=len(text))


def _only(found: dict[str, Message | None]) -> Errors:
    return {field: [problem] for field, problem in found.items() if problem}
