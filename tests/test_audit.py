"""The trail is written by one mechanism, and nobody rewrites it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from crm import audit
from crm.audit.recorder import BulkWriteRefused
from crm.companies.relations import add_relation, remove_relation
from crm.companies.service import create_company
from models.audit import Change, ChangeSet
from models.enums import Via
from models.user import User
from tests.leads.making import NOW
from tests.people import People


def test_a_change_says_who_what_before_and_after(session: Any, people: People) -> None:
    user = people.scout()
    admin = people.administrator()
    with audit.acting(admin.id, Via.WEB, reason="改名"):
        user.name = "周敏"
        session.commit()
    change = session.scalars(sa.select(Change).order_by(Change.id.desc())).first()
    made = session.get_one(ChangeSet, change.change_set_id)
    assert (change.subject, change.subject_id, change.field) == ("user", user.id, "name")
    assert (change.before, change.after, change.seq) == ("测试员1", "周敏", 2)
    assert (made.actor_id, made.via, made.reason) == (admin.id, Via.WEB, "改名")


def test_what_is_rolled_back_leaves_no_trail(session: Any, people: People) -> None:
    user = people.scout()
    before = session.scalar(sa.select(sa.func.count()).select_from(Change))
    user.name = "周敏"
    session.flush()
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == before


def test_secrets_are_not_in_the_trail(session: Any, people: People) -> None:
    user = people.scout()
    user.password = "another-hash"
    session.commit()
    told = sa.select(Change).where(Change.subject == "user").order_by(Change.id)
    rows = session.scalars(told).all()
    assert all("another-hash" not in str((c.before, c.after)) for c in rows)
    assert rows[-1].field == "password"


def test_bulk_writes_that_pass_by_the_trail_are_refused(session: Any, people: People) -> None:
    people.scout()
    with pytest.raises(BulkWriteRefused):
        session.execute(sa.update(User).values(name="x"))
    with pytest.raises(BulkWriteRefused):
        session.execute(sa.delete(User.__table__))


@pytest.mark.parametrize("statement", ["UPDATE change SET field = 'x'", "DELETE FROM change_set"])
def test_the_trail_refuses_to_be_rewritten(session: Any, people: People, statement: str) -> None:
    people.scout()
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(sa.text(statement))


def sets_of(session: Any, after: int) -> list[int]:
    """The change sets of the changes that were written since."""
    query = sa.select(Change.change_set_id).where(Change.id > after).distinct()
    return list(session.scalars(query))


def newest(session: Any) -> int:
    found: int = session.scalar(sa.select(sa.func.max(Change.id))) or 0
    return found


def test_a_transaction_has_one_change_set_whatever_its_savepoints(
    session: Any, people: People
) -> None:
    user = people.scout()
    before, sets = newest(session), session.scalar(sa.select(sa.func.count(ChangeSet.id)))
    with session.begin_nested(), session.begin_nested():
        user.name = "周敏"
        session.flush()
    user.name = "周敏之"
    session.flush()
    with session.begin_nested():
        user.name = "周知之"
    session.commit()
    assert newest(session) == before + 3
    assert len(sets_of(session, before)) == 1
    user.name = "周行之"
    session.commit()
    assert len(sets_of(session, before)) == 2
    assert session.scalar(sa.select(sa.func.count(ChangeSet.id))) == sets + 2


def test_a_savepoint_rolled_back_takes_only_its_own_change_set_along(
    session: Any, people: People
) -> None:
    user = people.scout()
    before = newest(session)
    outer = session.begin_nested()
    with session.begin_nested():
        user.name = "周敏"
    outer.rollback()
    user.name = "周行之"
    session.flush()
    savepoint = session.begin_nested()
    user.name = "周知之"
    session.flush()
    savepoint.rollback()
    user.name = "周敏之"
    session.commit()
    assert len(sets_of(session, before)) == 1
    known = session.scalars(sa.select(Change.after).where(Change.id > before).order_by(Change.id))
    assert list(known) == ["周行之", "周敏之"]


def test_a_key_that_is_given_out_again_goes_on_in_the_trail(session: Any, people: People) -> None:
    """SQLite reuses the key of a last row that was deleted."""
    first, second = (create_company(f"重用{n}软件有限公司", now=NOW) for n in "甲乙")
    for _ in range(2):
        relation = add_relation(first, second, now=NOW)
        session.commit()
        remove_relation(first, relation.id)
        session.commit()
    told = session.scalars(
        sa.select(Change.field).where(Change.subject == "company_relation").order_by(Change.id)
    ).all()
    assert told == ["*"] * 4
