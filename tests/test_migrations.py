"""The tables go up and down on both engines and are what the models say."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy.exc import DatabaseError, IntegrityError

from models import db
from models.append_only import APPEND_ONLY, CLOSED_ONCE, FIXED_CODES
from models.audit import LeadVersion
from models.enums import Role
from models.every import TABLES
from models.lead import Lead
from tests.leads.making import PLANS, a_lead
from tests.people import People


def _tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


# What a cause was called before rules were data, and the step that it reached since.
SAID_BEFORE = {
    ("next_step_overdue", "task 7 due 2026-11-20"),
    ("next_step_due", "task 8 due 2026-11-25"),
    ("promise_broken", "task 9 due 2026-11-14"),
    ("protection", "protected until 2026-12-01 later 2026-11-28"),
    ("signing", "signing 2026-12-02"),
    ("landing", "landing 2026-11-01 passed"),
    ("cadence", "touch 812 +60"),
    ("stalled", "negotiating stalled 2026-11-14"),
}
SAID_SINCE = {
    ("next_step", "task 7 due 2026-11-20 +1"),
    ("next_step", "task 8 due 2026-11-25"),
    ("promise_broken", "task 9 due 2026-11-14 +1"),
    ("protection", "protected until 2026-12-01 -14 later 2026-11-28"),
    ("signing", "signing 2026-12-02 -7"),
    ("landing", "landing 2026-11-01 +1"),
    ("cadence", "touch 812 +60"),
    ("stalled", "negotiating stalled 2026-11-14"),
}


# Two that were refused before decisions were told: the later one answered all before it.
REFUSED_THEN = sa.text(
    "INSERT INTO offer (public_id, lead_id, version, rules_version, no_incentive, state, note,"
    " reason, facts, proposer_id, approver_id, created_at, decided_at) VALUES"
    " ('four', :lead, 4, 'v', false, 'refused', null, '—', '{}', :scout, :boss, :at, :at),"
    " ('five', :lead, 5, 'v', false, 'refused', null, '—', '{}', :scout, :boss, :at, :at)"
)
ANSWERED = sa.text(
    "SELECT answered_at IS NOT NULL FROM offer WHERE decided_at IS NOT NULL ORDER BY version"
)


def test_all_the_way_down_and_up_nothing_is_left_and_nothing_lost(
    app: Flask, session: Any, people: People
) -> None:
    """One way with everything aboard, for each takes seconds.

    A table that is made anew keeps its rows and theirs; of two offers that stood, the last one
    does. What was said before rules were data is said no second time: a cause names the step that
    it reached since, and there and back it is the same row. Versions get their new columns from
    the trail.
    """
    tables = _tables()
    assert tables >= set(TABLES.tables)
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout, more=PLANS)
    # As plain values: the tables of an older revision have fewer columns than the models.
    keys = {"lead": lead.id, "scout": scout.id, "boss": boss.id, "at": "2026-11-25 00:00:00+00:00"}
    versions = _written_versions(session, lead, people)

    flask_migrate.downgrade(revision="0001")
    _offers_of_then(session, keys)
    flask_migrate.upgrade(revision="0025")
    _said_then(session, keys)
    session.execute(REFUSED_THEN, keys)
    session.commit()
    _left_a_step_behind(session, keys)
    flask_migrate.upgrade()
    db.engine.dispose()
    assert session.execute(STEPS, keys).all() == [(keys["scout"],)]
    assert list(session.scalars(ANSWERED, keys)) == [True, True, True, False]
    rows = session.execute(sa.text("SELECT state, note FROM offer ORDER BY version")).all()
    assert [tuple(row) for row in rows] == [
        ("superseded", None),
        ("approved", None),
        ("withdrawn", "—"),
        ("refused", None),
        ("refused", None),
    ]
    assert session.scalar(sa.text("SELECT amount_cny FROM offer_line")) == 5
    assert _said(session) == SAID_SINCE
    assert set(session.scalars(sa.text("SELECT subject FROM reminder"))) == {f"lead {keys['lead']}"}
    assert session.execute(VERSIONS).all() == versions
    lead.need = "改了"
    session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(sa.text("UPDATE lead_version SET need = 'x'"))
    session.rollback()

    session.execute(
        sa.text(
            "INSERT INTO reminder (rule, subject, lead_id, person_id, occurrence, due_on, reason,"
            " state, planned_at) VALUES ('no_step', 'lead 1', :lead, :scout, 'lead 1 without step"
            " +1', '2026-11-25', '{}', 'planned', :at)"
        ),
        keys,
    )
    session.commit()  # an open reading would hold the tables against the migration
    flask_migrate.downgrade(revision="0025")
    assert _said(session) == SAID_BEFORE
    flask_migrate.downgrade(revision="0001")
    assert session.scalar(sa.text("SELECT count(*) FROM offer")) == 5
    session.commit()
    flask_migrate.downgrade(revision="base")
    db.engine.dispose()
    assert _tables() == {"alembic_version"}
    flask_migrate.upgrade()
    db.engine.dispose()
    assert _tables() == tables


STEPS = sa.text(
    "SELECT assignee_id FROM task WHERE lead_id = :lead AND kind = 'next_step' AND state = 'open'"
)


def _left_a_step_behind(session: Any, keys: dict[str, Any]) -> None:
    """The open step of a lead is with who is not its owner."""
    session.execute(
        sa.text(
            "INSERT INTO task (public_id, lead_id, kind, state, text, due_on, assignee_id,"
            " created_at) VALUES ('abcdefghijkm', :lead, 'next_step', 'open', '打电话',"
            " '2026-11-25', :boss, :at)"
        ),
        keys,
    )
    session.commit()


_READ = ("seq", "need", "space_m2", "stalls_on", "liaison_id")
VERSIONS = sa.select(*(LeadVersion.__table__.c[name] for name in _READ)).order_by(LeadVersion.seq)


def _written_versions(session: Any, lead: Lead, people: People) -> list[Any]:
    """Versions of a lead that differ in columns which the table did not always have."""
    for need, space in (("想租两千平", 2000), (None, None), ("想买地", 5000)):
        lead.need, lead.space_m2 = need, space
        lead.stalls_on = date(2027, 1, space // 1000 if space else 9)
        lead.liaison_id = people.make(Role.LIAISON_LEADER).id
        session.commit()
    found: list[Any] = session.execute(VERSIONS).all()
    assert len({row[1:] for row in found}) > 3
    session.commit()
    return found


def _offers_of_then(session: Any, keys: dict[str, Any]) -> None:
    """Offers as the first tables kept them."""
    session.execute(
        sa.text(
            "INSERT INTO offer (public_id, lead_id, version, rules_version, no_incentive, state,"
            " proposer_id, approver_id, created_at) VALUES"
            " ('one', :lead, 1, 'v', false, 'approved', :scout, :boss, :at),"
            " ('two', :lead, 2, 'v', false, 'approved', :scout, :boss, :at),"
            " ('three', :lead, 3, 'v', true, 'draft', :scout, null, :at)"
        ),
        keys,
    )
    session.execute(
        sa.text(
            "INSERT INTO offer_line (offer_id, rule_code, amount_cny)"
            " SELECT id, 'fund', 5 FROM offer WHERE public_id = 'two'"
        )
    )
    session.commit()


def _said_then(session: Any, keys: dict[str, Any]) -> None:
    """Reminders as they were kept before rules were data."""
    for rule, occurrence in sorted(SAID_BEFORE):
        session.execute(
            sa.text(
                "INSERT INTO reminder (rule, lead_id, person_id, occurrence, due_on, reason, state,"
                " planned_at) VALUES (:rule, :lead, :scout, :occurrence, '2026-11-25', '{}',"
                " 'queued', :at)"
            ),
            {**keys, "rule": rule, "occurrence": occurrence},
        )
    session.commit()


def _said(session: Any) -> set[tuple[str, str]]:
    rows = session.execute(sa.text("SELECT rule, occurrence FROM reminder")).all()
    session.commit()
    return {tuple(row) for row in rows}


def test_the_models_and_the_migrations_agree(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, TABLES) == []


def _enum_columns() -> list[sa.Column[enum.Enum]]:
    return [
        column
        for table in TABLES.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    ]


def test_every_column_of_codes_admits_exactly_the_codes(app: Flask) -> None:
    """Autogenerate misses a changed CHECK, so each is read and compared by its text."""
    with app.app_context():
        found = sa.inspect(db.engine)
        for column in _enum_columns():
            checks = {
                c["name"]: c["sqltext"] for c in found.get_check_constraints(column.table.name)
            }
            text = " ".join(
                t for t in checks.values() if f"{column.name} " in t or column.name in t
            )
            for code in column.type.enums:
                assert f"'{code}'" in text, (column, code)


@pytest.mark.parametrize("code", ["nonsense", "SCOUT", ""])
def test_a_code_that_is_none_is_refused(app: Flask, code: str) -> None:
    with app.app_context(), db.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(
            sa.text(
                "INSERT INTO user_account (public_id, email, name, role, password, active,"
                " fs_uniquifier, created_at) VALUES ('a', 'a', 'a', :code, 'a', true, 'a',"
                " '2026-11-25 00:00:00+00:00')"
            ),
            {"code": code},
        )


def test_what_happened_has_its_refusal_triggers(app: Flask) -> None:
    query = {
        "sqlite": "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT DISTINCT event_object_table FROM information_schema.triggers",
    }
    with app.app_context(), db.engine.connect() as connection:
        found = set(connection.scalars(sa.text(query[db.engine.dialect.name])))
        assert found >= {*APPEND_ONLY, CLOSED_ONCE, *FIXED_CODES}


def test_a_kept_row_can_not_be_deleted(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO change_set (known_at, effective_at, via)"
                " VALUES ('2026-11-25 00:00:00+00:00', '2026-11-25 00:00:00+00:00', 'cli')"
            )
        )
        with pytest.raises(DatabaseError, match="append-only"):
            connection.execute(sa.text("DELETE FROM change_set"))
