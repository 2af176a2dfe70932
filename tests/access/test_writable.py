"""Who is given a lead to change it."""

from __future__ import annotations

import pytest

from crm.access import writable_lead
from crm.errors import Forbidden, NotFound
from models.enums import Role
from tests.leads.making import a_lead, actor_of
from tests.people import People


def test_a_lead_to_change_is_given_to_its_team_and_to_nobody_who_only_reads_it(
    people: People,
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    for writer in (scout, people.team_lead(), people.manager()):
        assert writable_lead(actor_of(writer), lead.public_id) is lead
    with pytest.raises(Forbidden):
        writable_lead(actor_of(people.make(Role.AUDITOR)), lead.public_id)
    with pytest.raises(NotFound):
        writable_lead(actor_of(people.scout("shenzhen")), lead.public_id)
