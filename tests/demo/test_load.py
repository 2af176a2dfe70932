"""The demo leaves what the product's own services would have left."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.audit.versions import VERSIONED, plain_version
from crm.companies import in_chain as companies_in_chain
from crm.config import ROOT
from crm.demo.bare import bare
from crm.leads import in_chain as leads_in_chain
from crm.leads import totals
from crm.leads.clock import StageClock, stalls_on
from crm.leads.facts import facts_of
from crm.leads.gates import missing_for
from crm.leads.stages import position
from crm.offers.policy import policy
from crm.offers.service import STANDING
from models.attachment import Blob
from models.audit import Change, LeadVersion
from models.base import Model
from models.company import Company, CompanyRelation
from models.enums import OfferState, Role, Stage, Status, TaskKind, TaskState
from models.lead import Claim, Lead, LeadTotal
from models.offer import Offer, OfferLine
from models.stage_change import StageChange
from models.task import Task
from models.user import User
from models.visit import Visit, VisitContact, VisitLead
from tests.demo.conftest import AT, SIZE, run


def test_says_logins_and_sizes(loaded: Any, session: Any) -> None:
    there = session.scalar(sa.select(sa.func.count()).select_from(Visit))
    # Trips and events add to the visits that were asked for.
    assert (loaded["leads"], loaded["visits"]) == (120, there)
    assert 700 < there < 800
    assert {login["role"] for login in loaded["logins"]} == {role.value for role in Role}
    assert {login["email"].split("@")[1] for login in loaded["logins"]} == {"demo.example"}


def test_columns_that_follow_are_what_the_rules_say(loaded: Any, session: Any) -> None:
    steps = {
        task.lead_id: task.due_on
        for task in session.scalars(
            sa.select(Task).where(Task.kind == TaskKind.NEXT_STEP, Task.state == TaskState.OPEN)
        )
    }
    for lead in session.scalars(sa.select(Lead)):
        stay = StageClock(lead.stage_since, lead.held_days, lead.held_since)
        assert lead.stalls_on == stalls_on(lead.stage, stay, lead.status)
        assert lead.next_step_on == steps.get(lead.id)


def test_totals_are_what_is_counted(loaded: Any, session: Any) -> None:
    table = LeadTotal.__table__
    kept = session.execute(sa.select(*table.columns)).all()
    assert sorted(map(tuple, kept)) == sorted(map(tuple, session.execute(totals.counted())))
    assert not companies_in_chain.wrong(session()) + leads_in_chain.wrong(session())


def test_last_touch_is_the_last_touching_visit(loaded: Any, session: Any) -> None:
    touched: dict[int, Any] = dict(
        session.execute(
            sa.select(Visit.company_id, sa.func.max(Visit.occurred_at))
            .where(Visit.reached, Visit.id.in_(sa.select(VisitContact.visit_id)))
            .group_by(Visit.company_id)
        ).all()
    )
    children = set(session.scalars(sa.select(CompanyRelation.child_id)))
    for company in session.scalars(sa.select(Company)):
        if company.id not in children:
            assert company.last_touch_at == touched.get(company.id), company.name


def test_trail_tells_each_record_and_the_present(loaded: Any, session: Any) -> None:
    current = {
        version.lead_id: version
        for version in session.scalars(sa.select(LeadVersion).where(LeadVersion.known_to.is_(None)))
    }
    leads = session.scalars(sa.select(Lead)).all()
    assert len(current) == len(leads)
    for lead in leads:
        found = current[lead.id]
        for name in VERSIONED:
            assert plain_version(getattr(lead, name)) == getattr(found, name), name
        assert found.seq == lead.version
    for mapper in Model.registry.mappers:
        subject, table = mapper.class_.audit_subject, mapper.local_table
        # What is delivered is nobody's change.
        if subject and subject not in {"reminder_rule", "calendar_day"}:
            key = next(iter(table.primary_key.columns))
            told = sa.select(Change.subject_id).where(Change.subject == subject, Change.seq == 1)
            untold = sa.select(sa.func.count()).select_from(table).where(key.not_in(told))
            assert session.scalar(untold) == 0, subject


def test_stage_changes_lead_to_the_stage_through_its_gates(loaded: Any, session: Any) -> None:
    for lead in session.scalars(sa.select(Lead)):
        moves = session.scalars(
            sa.select(StageChange).where(StageChange.lead_id == lead.id).order_by(StageChange.seq)
        ).all()
        assert [move.seq for move in moves] == list(range(1, len(moves) + 1))
        assert (moves[-1].to_stage, moves[-1].to_status) == (lead.stage, lead.status)
        # The next step may be done since.
        missing = {check.field for check in missing_for(facts_of(lead), lead.stage)}
        assert missing <= {"next_step", "next_step_on"}, missing


def test_offers_are_the_work_of_two_people(loaded: Any, session: Any, app: Flask) -> None:
    offers = session.scalars(sa.select(Offer)).all()
    assert {offer.state for offer in offers} >= {OfferState.APPROVED, OfferState.RECORDED}
    known = {offer.lead_id: offer for offer in offers if offer.state in STANDING}
    lines = {offer_id for (offer_id,) in session.execute(sa.select(OfferLine.offer_id))}
    signed = [stage for stage in Stage if position(stage) >= position(Stage.COMMITTED)]
    for lead in session.scalars(sa.select(Lead).where(Lead.stage.in_(signed))):
        offer = known[lead.id]
        assert offer.no_incentive or offer.approver_id not in {None, offer.proposer_id}
        assert offer.no_incentive or offer.id in lines
        assert offer.rules_version == policy().rules_version
    for blob in session.scalars(sa.select(Blob)):
        assert app.extensions["crm.files"].has(blob.sha256, blob.size)


def test_each_open_lead_has_one_claim(loaded: Any, session: Any) -> None:
    claimed = session.scalars(sa.select(Claim.lead_id).where(Claim.released_at.is_(None))).all()
    open_leads = session.scalars(sa.select(Lead.id).where(Lead.status != Status.LOST)).all()
    assert sorted(claimed) == sorted(open_leads)


def test_each_scout_has_active_leads_in_every_early_stage(loaded: Any, session: Any) -> None:
    for scout in session.scalars(sa.select(User).where(User.role == Role.SCOUT)):
        held = session.scalars(
            sa.select(Lead.stage).where(Lead.owner_id == scout.id, Lead.status == Status.ACTIVE)
        )
        assert set(held) >= {Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING}


def test_visits_happen_on_working_days_before_they_are_known(loaded: Any, session: Any) -> None:
    at = clock.moment_of(AT)
    for visit in session.scalars(sa.select(Visit)):
        assert visit.occurred_at <= visit.recorded_at <= at
        assert clock.local_date(visit.occurred_at).strftime("%m-%d") not in {"10-01", "01-01"}
    lonely = sa.select(Visit.id).where(Visit.id.not_in(sa.select(VisitLead.visit_id)))
    assert session.scalars(lonely).all() == []


def test_new_records_count_on_after_the_demo(loaded: Any, session: Any, people: Any) -> None:
    assert people.scout().id


def test_the_same_seed_tells_the_same_story(
    templates: Callable[[str], str], tmp_path: Path
) -> None:
    told = [_told(templates("sqlite"), tmp_path / seed, seed) for seed in ("1", "2")]
    assert set(told[0]) > {"lead", "visit", "task", "change", "company_token"}
    for table, rows in told[0].items():
        assert rows == told[1][table], table


def test_indexes_made_afterwards_are_those_that_were_there(app: Flask, session: Any) -> None:
    connection = session.connection()
    before = _schema(connection)
    with bare(connection, list(Model.metadata.tables)):
        assert _schema(connection) < before
    assert _schema(connection) == before


def _schema(connection: sa.Connection) -> set[tuple[str, str, str]]:
    """Every index and foreign key: its table, its name and all that it says."""
    tables = sa.inspect(connection)
    return {
        (table, str(found["name"]), _said(found))
        for table in Model.metadata.tables
        for found in (*tables.get_indexes(table), *tables.get_foreign_keys(table))
    }


def _said(found: Any) -> str:
    options = {key: str(value) for key, value in found.get("dialect_options", {}).items()}
    return str(sorted({**found, "dialect_options": options}.items()))


def _told(template: str, folder: Path, hash_seed: str) -> dict[str, list[Any]]:
    """All that a process of its own writes, but for accounts: their passwords are salted."""
    folder.mkdir()
    shutil.copy(template, folder / "crm.db")
    size = ("--leads", "30", "--visits", "150", "--at", AT)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "load", *size],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "CRM_DATA_DIR": str(folder)},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with sqlite3.connect(folder / "crm.db") as file:
        return {
            table: sorted(file.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for table in Model.metadata.tables
            if table != "user_account"
        }


def test_the_database_has_looked_at_what_was_written(loaded: Any, session: Any) -> None:
    if session.connection().dialect.name == "sqlite":
        asked = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'lead' AND stat LIKE '120 %'"
    else:
        # An index alone answers where it is known that everybody sees all rows of a page.
        asked = """
            SELECT count(*) FROM pg_class
            WHERE relname = 'lead' AND reltuples = 120 AND relpages > 0 AND relallvisible = relpages
        """
    assert session.scalar(sa.text(asked)) >= 1


def test_second_run_changes_nothing(loaded: Any, app: Flask) -> None:
    again = run(app, *SIZE)
    assert again.exit_code == 0
    assert json.loads(again.stdout) == loaded


def test_refuses_a_database_with_other_records(app: Flask, session: Any, people: Any) -> None:
    people.scout()
    refused = run(app, *SIZE)
    assert refused.exit_code == 2
    assert len(refused.stderr.strip().splitlines()) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 0
