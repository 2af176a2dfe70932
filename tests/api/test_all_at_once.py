"""All that is wrong with a request is named at once; nothing of it is done."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.companies.service import create_company
from models import db
from models.company import Company
from models.idempotency import IdempotentRequest
from models.lead import Lead
from models.user import User
from tests.api.machine import Machine
from tests.leads.making import a_lead

UNKNOWN = {"segment": "NONE", "channel": "nowhere"}


@pytest.fixture
def company() -> Company:
    made = create_company("星环软件有限公司", now=clock.now())
    db.session.commit()
    return made


def named(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.text
    return set(answer.json["errors"])


def test_what_can_not_be_read_keeps_nothing_else_unsaid(
    machine: Machine, company: Company, session: Any
) -> None:
    sent = {"company": company.public_id, "segment": "FND-DB", "channel": "resident"}
    wrong = {"planned_headcount": "160", "foo": 1}
    assert named(machine.post("/leads", sent | UNKNOWN)) == {"segment", "channel"}
    found = named(machine.post("/leads", sent | UNKNOWN | wrong))
    assert found == {"segment", "channel", "planned_headcount", "foo"}
    # What would have been right is not done, with a key neither.
    assert named(machine.post("/leads", sent | wrong)) == {"planned_headcount", "foo"}
    again = machine.post("/leads", sent | wrong, Idempotency_Key="machine-1")
    assert named(again) == {"planned_headcount", "foo"}
    for nothing in (Lead, IdempotentRequest):
        assert session.scalar(sa.select(sa.func.count()).select_from(nothing)) == 0
    assert machine.post("/leads", sent, Idempotency_Key="machine-1").status_code == 201


def test_a_change_names_all_of_it_and_changes_nothing(
    machine: Machine, scout: User, session: Any
) -> None:
    lead = a_lead(scout)
    path = f"/leads/{lead.public_id}"
    sent = {"need": "改了", "segment": "NONE", "planned_headcount": "160"}
    assert named(machine.patch(path, sent, If_Match="*")) == {"segment", "planned_headcount"}
    del sent["segment"]
    assert named(machine.patch(path, sent, If_Match="*")) == {"planned_headcount"}
    session.expire_all()
    assert (lead.need, lead.version) == (None, 1)


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"reached": True}, {"client_key", "mode", "occurred_at", "company", "contacts"}),
        ({"reached": False}, {"client_key", "mode", "occurred_at", "company"}),
        (
            {"reached": True, "mode": "call", "lead": "k3x8m2qwe7ra"},
            {"client_key", "occurred_at", "contacts"},
        ),
        ({}, {"client_key", "mode", "occurred_at", "reached", "company"}),
    ],
)
def test_a_visit_names_whom_it_was_with_beside_all_else(
    machine: Machine, sent: dict[str, Any], fields: set[str]
) -> None:
    assert named(machine.post("/visits", sent)) == fields
