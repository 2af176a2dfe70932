"""What a visit must say, and what it counts as."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from crm.errors import Refusal
from crm.visits.rules import VisitInput, check_visit, is_touch, is_visit
from models.enums import VisitMode

NOW = datetime(2026, 12, 2, 17, 0, tzinfo=timezone.utc)  # already 3 December where the teams work
GOOD = VisitInput(
    lead_id=1,
    company_id=None,
    mode=VisitMode.OUT,
    occurred_at=NOW - timedelta(hours=1),
    reached=True,
    contacts=1,
    client_key="k" * 8,
    summary="谈了场地",
    next_step="答复场地方案",
    next_step_on=date(2026, 12, 3),
)


def wrong(**changes: Any) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        check_visit(replace(GOOD, **changes), NOW)
    return list(refusal.value.errors)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lead_id": None, "company_id": 3},
        {"occurred_at": NOW + timedelta(minutes=5)},
        {"reached": False, "contacts": 0},
        {"next_step": "", "next_step_on": None},
        {"summary": "长" * 4000, "client_key": "k" * 64},
    ],
)
def test_what_is_enough(changes: dict[str, Any]) -> None:
    check_visit(replace(GOOD, **changes), NOW)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("company", {"lead_id": None}),
        ("mode", {"mode": None}),
        ("occurred_at", {"occurred_at": None}),
        ("occurred_at", {"occurred_at": NOW + timedelta(minutes=6)}),
        ("occurred_at", {"occurred_at": datetime(1999, 12, 31, tzinfo=timezone.utc)}),
        ("contacts", {"contacts": 0}),
        ("client_key", {"client_key": ""}),
        ("client_key", {"client_key": "k" * 65}),
        ("summary", {"summary": "长" * 4001}),
        ("need", {"need": "长" * 2001}),
        ("outcome", {"outcome": "长" * 401}),
        ("next_step", {"next_step": "长" * 401}),
        ("next_step", {"next_step": " "}),
        ("next_step_on", {"next_step_on": None}),
        ("next_step_on", {"next_step_on": date(2026, 12, 2)}),
    ],
)
def test_each_wrong_field_is_named(field: str, changes: dict[str, Any]) -> None:
    assert wrong(**changes) == [field]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert wrong(mode=None, contacts=0, next_step_on=None) == ["mode", "contacts", "next_step_on"]


def test_a_touch_reached_somebody_named() -> None:
    assert is_touch(reached=True, contacts=1)
    assert not is_touch(reached=True, contacts=0)
    assert not is_touch(reached=False, contacts=2)


def test_calls_and_messages_are_no_visits() -> None:
    assert {mode for mode in VisitMode if is_visit(mode, arranged=True)} == {
        VisitMode.OUT,
        VisitMode.IN,
        VisitMode.VIDEO,
    }
    assert not is_visit(VisitMode.VIDEO, arranged=False)
