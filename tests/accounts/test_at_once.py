"""Two administrators who take the role from one another at the same moment: one stays."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.access import Actor
from crm.accounts.service import deactivate
from crm.errors import Refusal
from models.enums import Role
from models.user import User
from tests.at_once import Deed, at_once
from tests.leads.making import actor_of
from tests.people import People


def test_two_administrators_do_not_switch_each_other_off(
    app: Flask, people: People, session: Any
) -> None:
    both = [people.administrator(), people.administrator()]
    actors, ids = [actor_of(one) for one in both], [one.public_id for one in both]
    session.commit()

    def switch_off(by: int, other: int) -> tuple[Actor, Deed]:
        who = actors[by]
        return who, lambda: deactivate(ids[other], by=who.id, now=clock.now())

    got = at_once(app, {"one": switch_off(0, 1), "other": switch_off(1, 0)})
    refused = [told for told in got.values() if isinstance(told, Refusal)]
    assert len(refused) == 1, got
    assert "最后一位" in str(refused[0].texts[0])
    session.rollback()
    left = sa.select(User.id).where(User.role == Role.ADMINISTRATOR, User.active)
    assert len(session.scalars(left).all()) == 1
