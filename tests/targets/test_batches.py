"""A file that waits: applied by two at once, its answers, and what an undo leaves."""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.identity import Answer
from crm.companies.service import create_company
from crm.imports.outcomes import Outcome
from crm.targets import applying, batches, undoing
from models import db, engine
from models.company import Company, CompanyName
from models.import_batch import BatchState, ImportBatch, ImportChange
from models.lead import Lead
from models.target import ListEntry
from tests.leads.making import a_lead
from tests.people import People
from tests.targets.files import long_list
from tests.targets.test_importing import count

LIST, YEAR = "china-internet-100", 2019


def waiting(session: Any, data: bytes) -> str:
    batch = batches.store_batch("list.csv", data, LIST, YEAR, actor_id=None, now=clock.now())
    public_id: str = batch.public_id
    # Read before the commit: reading it again would hold SQLite's write lock.
    session.commit()
    return public_id


def outcomes(public_id: str) -> dict[Outcome, int]:
    found = batches.preview_of(batches.load_batch(public_id)).counts
    return {outcome: n for outcome, n in found.items() if n}


def test_two_who_apply_one_import_at_once(app: Flask, session: Any) -> None:
    public_id = waiting(session, long_list(300))
    start, found = threading.Barrier(2), []

    def work() -> None:
        engine.set_writing(True)
        with app.app_context():
            start.wait()
            found.append(applying.apply(public_id, now=clock.now()).state)
            db.session.commit()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [BatchState.APPLIED] * 2
    entries = count(session, ListEntry)
    assert entries == count(session, Company) > 290
    subjects = sa.select(ImportChange.subject, sa.func.count()).group_by(ImportChange.subject)
    assert dict(session.execute(subjects).all()) == {
        "list_edition": 1,
        "company": entries,
        "list_entry": entries,
    }
    names = session.scalars(sa.select(CompanyName.normal_form).where(CompanyName.kind == "legal"))
    assert len(set(names)) == entries


def test_two_lists_with_one_company_at_once_make_it_once(app: Flask, session: Any) -> None:
    data = long_list(50)
    ids = [waiting(session, data)]
    other = batches.store_batch(
        "b.csv", data, "listed-software", 2020, actor_id=None, now=clock.now()
    )
    ids.append(other.public_id)
    session.commit()
    start = threading.Barrier(2)

    def work(public_id: str) -> None:
        engine.set_writing(True)
        with app.app_context():
            start.wait()
            applying.apply(public_id, now=clock.now())
            db.session.commit()

    threads = [threading.Thread(target=work, args=(public_id,)) for public_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(session, ListEntry) == 2 * count(session, Company)


def test_answers_stay_when_the_columns_change(session: Any) -> None:
    known = create_company("四川省通信产业服务有限公司", now=clock.now())
    head = "企业名称,排名,信用代码\n"
    public_id = waiting(
        session, f"{head}广东省通信产业服务有限公司,1,91440000MA4UQCXB6K\n".encode()
    )
    batches.map_columns(public_id, {0: "name", 1: "rank", 2: ""})
    batches.answer(public_id, 2, Answer.GROUP, known.public_id)
    session.commit()
    assert outcomes(public_id) == {Outcome.NEW: 1}
    batches.map_columns(public_id, {0: "name", 1: "", 2: "credit_code"})
    session.commit()
    assert outcomes(public_id) == {Outcome.NEW: 1}
    batches.answer(public_id, 2, None, known.public_id)
    session.commit()
    assert outcomes(public_id) == {Outcome.DOUBTFUL: 1}


def test_an_answer_about_another_company_says_nothing(session: Any) -> None:
    create_company("四川省通信产业服务有限公司", now=clock.now())
    other = create_company("毫无关系软件有限公司", now=clock.now())
    public_id = waiting(session, "企业名称\n广东省通信产业服务有限公司\n".encode())
    batches.answer(public_id, 2, Answer.SAME, other.public_id)
    session.commit()
    assert outcomes(public_id) == {Outcome.DOUBTFUL: 1}


def test_an_undo_keeps_the_company_of_a_lead_and_says_so(session: Any, people: People) -> None:
    public_id = waiting(session, "企业名称\n甲乙科技有限公司\n丙丁软件有限公司\n".encode())
    applying.apply(public_id, now=clock.now())
    session.commit()
    used = session.scalar(sa.select(Company).where(Company.name == "甲乙科技有限公司"))
    lead = a_lead(people.scout(), company=used.public_id)
    undone = undoing.undo(public_id, now=clock.now())
    session.commit()
    session.expire_all()
    assert undone == undoing.Undone(entries=2, companies=1, kept_entries=0, kept_companies=1)
    assert session.scalars(sa.select(Company.name)).all() == ["甲乙科技有限公司"]
    assert session.get(Lead, lead.id).company_id == used.id
    batch = session.scalar(sa.select(ImportBatch))
    assert (batch.state, batch.counts["kept_companies"]) == (BatchState.UNDONE, 1)
    assert session.get(Company, used.id).cadence_days == 60
