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
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import DatabaseError, IntegrityError

from crm.config import ROOT
from models import db
from models.append_only import APPEND_ONLY, CLOSED_ONCE, FIXED_CODES
from models.audit import LeadVersion
from models.enums import Role
from models.every import TABLES
from tests.leads.making import PLANS, a_lead
from tests.people import People


def _tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_down_leaves_nothing_and_up_makes_all_again(app: Flask) -> None:
    with app.app_context():
        before = _tables()
        assert before >= set(TABLES.tables)
        flask_migrate.downgrade(revision="base")
        db.engine.dispose()
        assert _tables() == {"alembic_version"}
        flask_migrate.upgrade()
        db.engine.dispose()
        assert _tables() == before


def test_the_models_and_the_migrations_agree(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, TABLES) == []


def test_offers_and_files_that_were_there_are_carried_over(
    app: Flask, session: Any, people: People
) -> None:
    """A table that is made anew keeps its rows and theirs; of two that stood, the last one does."""
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    # As plain numbers: the tables of an older revision have fewer columns than the models.
    keys = {"lead": lead.id, "scout": scout.id, "boss": boss.id}
    session.commit()  # an open reading would hold the tables against the migration
    flask_migrate.downgrade(revision="0001")
    before = "INSERT INTO offer (public_id, lead_id, version, rules_version, no_incentive, state,"
    session.execute(
        sa.text(
            f"{before} proposer_id, approver_id, created_at) VALUES"
            " ('one', :lead, 1, 'v', false, 'approved', :scout, :boss, :at),"
            " ('two', :lead, 2, 'v', false, 'approved', :scout, :boss, :at),"
            " ('three', :lead, 3, 'v', true, 'draft', :scout, null, :at)"
        ),
        {**keys, "at": "2026-11-25 00:00:00+00:00"},
    )
    session.execute(
        sa.text(
            "INSERT INTO offer_line (offer_id, rule_code, amount_cny)"
            " SELECT id, 'fund', 5 FROM offer WHERE public_id = 'two'"
        )
    )
    session.commit()
    flask_migrate.upgrade()
    rows = session.execute(sa.text("SELECT state, note FROM offer ORDER BY version")).all()
    assert [tuple(row) for row in rows] == [
        ("superseded", None),
        ("approved", None),
        ("withdrawn", "—"),
    ]
    assert session.scalar(sa.text("SELECT amount_cny FROM offer_line")) == 5
    session.commit()
    flask_migrate.downgrade(revision="0001")
    assert session.scalar(sa.text("SELECT count(*) FROM offer")) == 3
    session.commit()
    flask_migrate.upgrade()


def test_what_was_said_before_rules_were_data_is_said_no_second_time(
    app: Flask, session: Any, people: People
) -> None:
    """A cause names the step that it reached since; there and back it is the same row."""
    scout = people.scout()
    lead = a_lead(scout)
    keys = {"lead": lead.id, "scout": scout.id, "at": "2026-11-25 00:00:00+00:00"}
    session.commit()
    before = {
        ("next_step_overdue", "task 7 due 2026-11-20"),
        ("next_step_due", "task 8 due 2026-11-25"),
        ("promise_broken", "task 9 due 2026-11-14"),
        ("protection", "protected until 2026-12-01 later 2026-11-28"),
        ("signing", "signing 2026-12-02"),
        ("landing", "landing 2026-11-01 passed"),
        ("cadence", "touch 812 +60"),
        ("stalled", "negotiating stalled 2026-11-14"),
    }
    since = {
        ("next_step", "task 7 due 2026-11-20 +1"),
        ("next_step", "task 8 due 2026-11-25"),
        ("promise_broken", "task 9 due 2026-11-14 +1"),
        ("protection", "protected until 2026-12-01 -14 later 2026-11-28"),
        ("signing", "signing 2026-12-02 -7"),
        ("landing", "landing 2026-11-01 +1"),
        ("cadence", "touch 812 +60"),
        ("stalled", "negotiating stalled 2026-11-14"),
    }

    def stands(table: str = "reminder") -> set[tuple[str, str]]:
        rows = session.execute(sa.text(f"SELECT rule, occurrence FROM {table}")).all()
        session.commit()
        return {tuple(row) for row in rows}

    flask_migrate.downgrade(revision="0025")
    for rule, occurrence in sorted(before):
        row = {**keys, "rule": rule, "occurrence": occurrence}
        session.execute(
            sa.text(
                "INSERT INTO reminder (rule, lead_id, person_id, occurrence, due_on, reason, state,"
                " planned_at) VALUES (:rule, :lead, :scout, :occurrence, '2026-11-25', '{}',"
                " 'queued', :at)"
            ),
            row,
        )
    session.commit()
    flask_migrate.upgrade()
    assert stands() == since
    assert set(session.scalars(sa.text("SELECT subject FROM reminder"))) == {f"lead {keys['lead']}"}
    session.execute(
        sa.text(
            "INSERT INTO reminder (rule, subject, lead_id, person_id, occurrence, due_on, reason,"
            " state, planned_at) VALUES ('no_step', 'lead 1', :lead, :scout, 'lead 1 without step"
            " +1', '2026-11-25', '{}', 'planned', :at)"
        ),
        keys,
    )
    session.commit()
    flask_migrate.downgrade(revision="0025")
    assert stands() == before
    flask_migrate.upgrade()
    assert stands() == since


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


def test_versions_of_before_get_their_new_columns_from_the_trail(
    session: Any, people: People
) -> None:
    lead = a_lead(people.scout(), more=PLANS)
    for need, space in (("想租两千平", 2000), (None, None), ("想买地", 5000)):
        lead.need, lead.space_m2 = need, space
        lead.stalls_on = date(2027, 1, space // 1000 if space else 9)
        lead.liaison_id = people.make(Role.LIAISON_LEADER).id
        session.commit()
    columns = (*("seq", "need", "space_m2", "stalls_on", "liaison_id"),)
    query = sa.select(*(LeadVersion.__table__.c[name] for name in columns)).order_by(
        LeadVersion.seq
    )
    before = session.execute(query).all()
    assert len({row[1:] for row in before}) > 3
    session.commit()
    flask_migrate.downgrade(revision=_before("0004"))
    flask_migrate.upgrade()
    db.engine.dispose()
    assert session.execute(query).all() == before
    lead.need = "改了"
    session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(sa.text("UPDATE lead_version SET need = 'x'"))


def _before(revision: str) -> str:
    found = ScriptDirectory(str(ROOT / "models" / "migrations")).get_revision(revision)
    return str(found.down_revision)
