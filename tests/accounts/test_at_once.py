"""Two administrators at the same moment: one stays, and an address is given once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.access import Actor
from crm.accounts.rules import AccountInput
from crm.accounts.service import create_user, deactivate
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


def test_two_administrators_give_one_address_once(app: Flask, people: People, session: Any) -> None:
    both = [actor_of(people.administrator()) for _ in range(2)]
    session.commit()
    new = AccountInput("new.scout@test.example", "何立群", Role.AUDITOR)

    def make() -> User:
        return create_user(new, password="long-enough-123", now=clock.now())

    got = at_once(app, {str(who.id): (who, make) for who in both})
    [refused] = [told for told in got.values() if isinstance(told, Refusal)]
    assert list(got.values()).count("done") == 1, got
    assert "已经有账号" in str(refused.errors["email"][0])
