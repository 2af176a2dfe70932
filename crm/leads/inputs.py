"""What people say of a lead, and what of it can not be right. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from crm.amounts import LARGEST_CNY, out_of_range
from crm.messages import Message, msg
from crm.spans import wrong_year
from crm.texts import too_long

Errors = dict[str, list[Message]]

MAX_PROJECT = 200
MAX_NEED = 2000
MAX_STEP = 400
MAX_HEADCOUNT = 1_000_000
MAX_SPACE_M2 = 10_000_000

AMOUNTS = ("planned_investment_cny", "planned_revenue_cny", "signed_investment_cny")
DAYS = ("expected_signing_on", "expected_landing_on", "signed_on")
# Days on which something has happened: none of them lies ahead.
PAST_DAYS = ("signed_on",)


class LeadEdit(TypedDict, total=False):
    """What is to become of a lead; what is left out stays as it is. Codes name rows of data.

    ``place`` is one choice, ``park:CODE`` or ``district:CODE`` (empty: not decided); ``owner`` and
    ``liaison`` are people's public ids. Amounts are whole CNY, the area is in square metres.
    """

    project: str
    segment: str
    channel: str
    need: str
    place: str
    planned_investment_cny: int | None
    planned_revenue_cny: int | None
    planned_headcount: int | None
    space_m2: int | None
    expected_signing_on: date | None
    expected_landing_on: date | None
    signed_on: date | None
    signed_investment_cny: int | None
    owner: str
    team: str
    liaison: str
    next_step: str
    next_step_on: date | None


@dataclass(frozen=True)
class NewLead:
    """A lead to be made. ``company`` is a public id or the name of a company not known yet.

    Without an owner and a team it becomes the actor's, of the actor's team. ``more`` is whatever
    else is known already.
    """

    company: str
    segment: str
    channel: str
    owner: str = ""
    team: str = ""
    project: str = ""
    need: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    more: LeadEdit = field(default_factory=LeadEdit)


def wrong_values(values: Mapping[str, Any]) -> Errors:
    """Every value that can not be right, by its field, with what to do."""
    found = {
        "project": too_long(_stripped(values, "project"), MAX_PROJECT, msg("项目名称")),
        "need": too_long(_stripped(values, "need"), MAX_NEED, msg("企业诉求")),
        "planned_headcount": out_of_range(values.get("planned_headcount"), MAX_HEADCOUNT),
        "space_m2": out_of_range(values.get("space_m2"), MAX_SPACE_M2),
        **{name: out_of_range(values.get(name), LARGEST_CNY) for name in AMOUNTS},
        **{name: wrong_year(values.get(name)) for name in DAYS},
    }
    return {name: [message] for name, message in found.items() if message}


def wrong_past(values: Mapping[str, Any], today: date) -> Errors:
    """Every day that should have come already and has not."""
    return {
        name: [msg("这一天还没有到，请核对。")]
        for name in PAST_DAYS
        if values.get(name) is not None and values[name] > today
    }


def wrong_next_step(
    text: str, due_on: date | None, today: date, *, required: bool = False
) -> Errors:
    """A next step has words and a day to come; unless it is ``required``, there may be none."""
    if not (required or text.strip() or due_on):
        return {}
    found = {
        "next_step": _wrong_step(text, required),
        "next_step_on": wrong_step_day(due_on, today),
    }
    return {name: [message] for name, message in found.items() if message}


def _wrong_step(text: str, required: bool) -> Message | None:
    if not text.strip():
        return msg("请写下一步做什么。") if required else msg("写下下一步做什么，或去掉日期。")
    return too_long_step(text)


def too_long_step(text: str) -> Message | None:
    """What is wrong with the length of a next step's words; None when they will do."""
    if len(text.strip()) <= MAX_STEP:
        return None
    return msg("下一步最多 %(n)s 字，请写短一些。", n=MAX_STEP)


def wrong_step_day(due_on: date | None, today: date) -> Message | None:
    """What is wrong with the day of a next step; None when it will do."""
    if due_on is None:
        return msg("请给下一步选一个日期。")
    if due_on < today:
        return msg("下一步的日期已经过去，请选今天或以后。")
    return wrong_year(due_on)


def _stripped(values: Mapping[str, Any], name: str) -> str:
    return (values.get(name) or "").strip()
