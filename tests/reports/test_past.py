"""What was printed once is printed for ever, whatever happens afterwards."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import audit, clock
from crm.audit import settled
from crm.audit.versions import VERSIONED, plain_version
from crm.companies.service import create_company, rename_company
from crm.errors import CrmError
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.reports.past import pipeline_at
from crm.reports.pipeline import Version, as_json
from models import db, engine
from models.audit import ChangeSet, LeadVersion
from models.company import Company, CompanyName
from models.enums import Stage, Status, Via
from models.lead import Lead
from models.plain import Database
from models.segment import Segment
from models.stage_change import StageChange
from models.team import Team
from tests.leads.making import a_lead, actor_of
from tests.people import People
from tests.reports import histories
from tests.reports.histories import DEEDS, Cast

START = datetime.fromisoformat("2026-11-01T02:00:00+00:00")
# A lead's columns that no report of the past asks for.
NOT_REPORTED = {"id", "public_id", "created_at", "created_by_id", "updated_at", "version"}


def printed(known_at: datetime, effective_at: datetime | None = None) -> str:
    """What the command prints, as text; nothing of the session may be open."""
    db.session.commit()
    return b"".join(as_json(pipeline_at(Database.of(db.engine), known_at, effective_at))).decode()


def leads_of(text: str) -> dict[str, dict[str, Any]]:
    return {lead["id"]: lead for lead in json.loads(text)["leads"]}


def do(deed: histories.Deed, cast: Cast, chance: Random) -> None:
    """One deed, or what the product says to it."""
    try:
        deed(cast, chance)
        db.session.commit()
    except CrmError:
        db.session.rollback()
    finally:
        audit.set_acting(audit.Acting(None, Via.CLI))


steps = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        # The clock goes on, stands still, or steps back between two deeds.
        st.sampled_from((timedelta(), timedelta(minutes=-20), timedelta(minutes=5)))
        | st.integers(1, 72).map(lambda hours: timedelta(hours=hours)),
        st.booleans(),
    ),
    min_size=4,
    max_size=12,
)


@settings(
    max_examples=8,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps, seed=st.integers(0, 2**16))
def test_a_past_moment_prints_the_same_for_ever(
    session: Any, people: People, steps: list[Any], seed: int
) -> None:
    chance, cast, moment = Random(seed), Cast(people), START
    kept: list[tuple[datetime, datetime | None, str]] = []
    latest = moment
    for number, (deed, passed, prints) in enumerate(
        [(histories.create, timedelta(), True), *steps]
    ):
        moment += passed
        latest = max(latest, moment)
        with clock.standing_at(moment):
            do(deed, cast, chance)
            if prints:
                earlier = moment - timedelta(hours=chance.randint(0, 80)) if number % 2 else None
                kept.append((moment, earlier, printed(moment, earlier)))
    with clock.standing_at(latest):
        for known_at, effective_at, text in kept:
            assert printed(known_at, effective_at) == text
    for lead in session.scalars(sa.select(Lead)):
        query = sa.select(LeadVersion).where(LeadVersion.lead_id == lead.id)
        versions = session.scalars(query.order_by(LeadVersion.seq)).all()
        now = {name: plain_version(getattr(lead, name)) for name in VERSIONED}
        assert {name: getattr(versions[-1], name) for name in VERSIONED} == now
        # Each begins where the one before it ends, and the clock stepping back turns none around.
        assert [v.known_to for v in versions] == [*(v.known_from for v in versions[1:]), None]
        assert all(v.known_to is None or v.known_to >= v.known_from for v in versions)


# Values that no column of theirs has from the start, by the column's name or its type.
OTHER: dict[Any, Any] = {
    "stage": Stage.ENGAGED,
    "status": Status.LOST,
    int: 7,
    date: START.date(),
    datetime: START,
    str: "改过",
}


def other(column: sa.Column[Any], value: Any, session: Any, people: People) -> Any:
    """A value of that column which is not the one that stands there."""
    if not column.foreign_keys:
        return (
            OTHER.get(column.name) or OTHER[getattr(column.type, "impl", column.type).python_type]
        )
    table = next(iter(column.foreign_keys)).column.table
    if table.name == "user_account":
        return people.scout().id
    if table.name == "company":
        return create_company("另一家软件有限公司", now=clock.now()).id
    return session.scalars(sa.select(table.c.id).where(table.c.id != value)).first()


def test_every_column_that_a_report_uses_makes_a_version(session: Any, people: People) -> None:
    columns = {c.name: c for c in Lead.__table__.columns}
    # A new column is versioned, or stands above; of what is in the trash no version stands.
    assert set(VERSIONED) == set(columns) - NOT_REPORTED - {"archived_at"}
    assert set(Version._fields) - {"lead_id"} <= set(VERSIONED)
    for name in VERSIONED:
        lead = a_lead(people.scout())
        wanted = other(columns[name], getattr(lead, name) or 0, session, people)
        if name == "park_id":
            lead.district_id = 1
        if name in {"hold_until", "held_since"}:
            lead.status, lead.hold_until, lead.held_since = Status.ON_HOLD, wanted, wanted
        setattr(lead, name, wanted)
        session.commit()
        query = sa.select(LeadVersion).where(LeadVersion.lead_id == lead.id)
        versions = session.scalars(query.order_by(LeadVersion.seq)).all()
        assert len(versions) == 2, name
        assert getattr(versions[-1], name) == plain_version(wanted), name


def test_what_came_in_late_counts_from_when_it_happened(session: Any, people: People) -> None:
    cast, chance = Cast(people), Random(1)
    with clock.standing_at(START):
        histories.create(cast, chance)
        session.commit()
    lead = cast.leads[0]
    entered = START + timedelta(days=10)
    happened = START + timedelta(days=4)
    with clock.standing_at(START + timedelta(days=6)):
        edit_lead(
            lead.public_id,
            LeadEdit(planned_investment_cny=7),
            actor_of(cast.manager),
            clock.now(),
        )
        session.commit()
    with clock.standing_at(entered):
        audit.set_acting(audit.Acting(None, Via.WEB, effective_at=happened))
        lead.status, lead.stage_since = Status.LOST, happened.date()
        session.add(
            StageChange(
                lead_id=lead.id,
                seq=2,
                from_stage=lead.stage,
                to_stage=lead.stage,
                from_status=Status.ACTIVE,
                to_status=Status.LOST,
                facts={},
                occurred_at=happened,
                recorded_at=entered,
            )
        )
        session.commit()
    audit.set_acting(audit.Acting(None, Via.CLI))

    def seen(known: int, effective: int) -> tuple[str, int]:
        text = printed(START + timedelta(days=known), START + timedelta(days=effective))
        found = leads_of(text)[lead.public_id]
        return found["status"], found["planned_investment_cny"]

    assert seen(9, 5) == ("active", 120_000_000)
    assert seen(11, 3) == ("active", 120_000_000)
    assert seen(11, 5) == ("lost", 120_000_000)
    assert seen(11, 7) == ("lost", 7)
    assert seen(11, 11) == ("lost", 7)
    before = printed(START + timedelta(days=11), START - timedelta(days=1))
    assert json.loads(before)["leads"] == []


def test_totals_are_those_of_the_leads(session: Any, people: People) -> None:
    cast, chance = Cast(people), Random(3)
    for _ in range(4):
        histories.create(cast, chance)
    for _ in range(12):
        do(histories.move, cast, chance)
    found = json.loads(printed(clock.now()))
    cells: dict[tuple[str, str, str], list[int]] = {}
    for lead in found["leads"]:
        cell = cells.setdefault((lead["team"], lead["stage"], lead["status"]), [0, 0, 0])
        cell[0] += 1
        cell[1] += lead["planned_investment_cny"] or 0
        cell[2] += lead["signed_investment_cny"] or 0
    said = {
        (t["team"], t["stage"], t["status"]): [
            *(t["n"], t["planned_investment_cny"], t["signed_investment_cny"])
        ]
        for t in found["totals"]
    }
    assert said == cells
    assert [lead["id"] for lead in found["leads"]] == [lead.public_id for lead in cast.leads]


def change_and_wait(app: Flask, key: int, value: int, hold: threading.Event) -> threading.Thread:
    """Somebody whose transaction has read the clock and has not committed yet."""
    flushed = threading.Event()

    def work() -> None:
        engine.set_writing(True)
        with app.app_context():
            db.session.get_one(Lead, key).planned_investment_cny = value
            db.session.flush()
            flushed.set()
            hold.wait(120)
            db.session.commit()

    thread = threading.Thread(target=work)
    thread.start()
    assert flushed.wait(120)
    return thread


def test_a_report_waits_for_who_read_the_clock_before_it(
    app: Flask, session: Any, people: People
) -> None:
    lead = a_lead(people.scout())
    public_id, key = lead.public_id, lead.id
    # Reading the lead has begun a transaction, which would hold SQLite's write lock.
    session.commit()
    hold = threading.Event()
    writer = change_and_wait(app, key, 77, hold)
    known_at, found = clock.now(), list[str]()

    def report() -> None:
        with app.app_context():
            found.append(printed(known_at))

    reader = threading.Thread(target=report)
    reader.start()
    reader.join(0.3)
    assert reader.is_alive(), "it printed what was not settled"
    hold.set()
    writer.join()
    reader.join()
    assert leads_of(found[0])[public_id]["planned_investment_cny"] == 77
    assert printed(known_at) == found[0]


def test_who_comes_after_a_report_is_known_after_it_whatever_their_clock_says(
    session: Any, people: People
) -> None:
    lead = a_lead(people.scout())
    known_at = clock.now()
    text = printed(known_at)
    with clock.standing_at(known_at - timedelta(hours=1)):
        lead.planned_investment_cny = 99
        session.commit()
    newest = session.scalar(sa.select(sa.func.max(ChangeSet.known_at)))
    assert newest == known_at + settled.TICK
    assert printed(known_at) == text
    later = printed(known_at + settled.TICK)
    assert leads_of(later)[lead.public_id]["planned_investment_cny"] == 99


def test_what_is_printed_while_many_write_stays(app: Flask, session: Any, people: People) -> None:
    leads = [a_lead(people.scout()).id for _ in range(3)]
    session.commit()
    failed: list[Exception] = []
    enough = threading.Event()

    def write(key: int) -> None:
        engine.set_writing(True)
        try:
            for value in itertools.count():
                with app.app_context():
                    db.session.get_one(Lead, key).planned_headcount = value
                    db.session.commit()
                if enough.is_set():
                    return
        except Exception as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=write, args=(key,)) for key in leads]
    for thread in threads:
        thread.start()
    kept: dict[datetime, str] = {}
    try:
        while len(kept) < 8:
            moment = clock.now()
            kept[moment] = printed(moment)
    finally:
        enough.set()
        for thread in threads:
            thread.join()
    assert not failed
    for moment, text in kept.items():
        assert printed(moment) == text


def test_the_command_prints_one_object_and_refuses_what_is_to_come(
    app: Flask, session: Any, people: People
) -> None:
    lead = a_lead(people.scout(), more=histories.PLANS)
    session.commit()
    known_at = clock.now().isoformat()
    runner = app.test_cli_runner()
    once = runner.invoke(args=["pipeline", "--known-at", known_at, "--json"])
    assert (once.exit_code, once.stderr) == (0, "")
    assert list(json.loads(once.stdout)) == ["known_at", "effective_at", "totals", "leads"]
    lead.planned_investment_cny = 1
    session.commit()
    again = runner.invoke(args=["pipeline", "--known-at", known_at, "--json"])
    assert again.stdout_bytes == once.stdout_bytes
    people_read = runner.invoke(args=["pipeline", "--known-at", known_at])
    assert people_read.stdout.splitlines()[-1].split() == ["all", "1", "120,000,000", "0"]
    to_come = (clock.now() + timedelta(hours=1)).isoformat()
    refused = runner.invoke(args=["pipeline", "--known-at", to_come, "--json"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1
    unknown = runner.invoke(args=["pipeline", "--json"])
    assert (unknown.exit_code, len(unknown.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("model", [Team, Segment])
def test_a_code_that_reports_print_stays(session: Any, model: Any) -> None:
    row = session.scalars(sa.select(model).order_by(model.id)).first()
    row.zh = "改名"
    session.commit()
    row.code = "other"
    with pytest.raises(sa.exc.DatabaseError, match="stays"):
        session.commit()
    session.rollback()
    with pytest.raises(sa.exc.DatabaseError, match="stays"):
        session.execute(sa.text(f"DELETE FROM {model.__tablename__} WHERE id = {row.id}"))


def test_a_company_that_was_deleted_since_is_printed_as_it_was(
    session: Any, people: People
) -> None:
    lead = a_lead(people.scout(), "先来的软件有限公司")
    first = session.get_one(Company, lead.company_id)
    public_id, name, known_at = first.public_id, first.name, clock.now()
    text = printed(known_at)
    lead.company_id = create_company("后来的软件有限公司", now=clock.now()).id
    session.commit()
    for record in session.scalars(sa.select(CompanyName).where(CompanyName.company_id == first.id)):
        session.delete(record)
    for table in ("company_token", "company_segment"):
        session.execute(sa.text(f"DELETE FROM {table} WHERE company_id = {first.id}"))
    rename_company(first, "走之前改名软件有限公司", now=clock.now())
    session.flush()
    for record in session.scalars(sa.select(CompanyName).where(CompanyName.company_id == first.id)):
        session.delete(record)
    session.execute(sa.text(f"DELETE FROM company_token WHERE company_id = {first.id}"))
    key = first.id
    session.delete(first)
    session.commit()
    # SQLite may give a key again: another company under it is not the one that was there.
    again = Company(
        name="另一家", short_name="另一家", normal_form="另一家", created_at=clock.now()
    )
    if db.engine.dialect.name == "sqlite":
        again.id = key
    session.add(again)
    session.commit()
    again.name = "另一家改名"
    session.commit()
    assert printed(known_at) == text
    found = leads_of(text)[lead.public_id]
    assert (found["company"], found["company_name"]) == (public_id, name)
