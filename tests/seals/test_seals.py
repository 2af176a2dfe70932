"""The trail proves itself, and says where it was touched."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from crm import clock
from crm.companies.service import create_company
from crm.seals import service
from crm.seals.service import prove, seal
from models import db
from models.audit import ChangeSet
from models.company import Company
from models.seal import Seal
from tests.people import People

TRIGGERS_OFF = {
    "sqlite": ("DROP TRIGGER change_no_update", "DROP TRIGGER change_no_delete"),
    "postgresql": ("ALTER TABLE change DISABLE TRIGGER USER",),
}


def work(people: People, n: int) -> None:
    """So many transactions that change something."""
    people.scout()
    for number in range(n):
        create_company(f"第{number}软件有限公司", now=clock.now())
        db.session.commit()


def later() -> Any:
    return clock.now() + timedelta(minutes=2)


def verified(app: Flask) -> Any:
    result = app.test_cli_runner().invoke(args=["audit", "verify", "--json"])
    return result.exit_code, json.loads(result.stdout)


def doctor(app: Flask) -> str:
    db.session.rollback()
    return str(app.test_cli_runner().invoke(args=["doctor"]).output)


def test_what_was_sealed_proves_itself_and_grows(
    app: Flask, session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 3)
    work(people, 7)
    sets = session.scalar(sa.select(sa.func.count()).select_from(ChangeSet))
    session.rollback()
    assert prove(db.engine).waiting == sets
    assert "trail: sealed by the worker" in doctor(app)
    laid = seal(db.engine, later())
    assert laid >= 2
    proof = prove(db.engine)
    assert (proof.seals, proof.change_sets, proof.waiting, proof.broken) == (laid, sets, 0, ())
    assert seal(db.engine, later()) == 0
    assert "trail: all of it is sealed" in doctor(app)
    work(people, 1)
    code, found = verified(app)
    assert (code, found["ok"], found["head"]) == (0, True, proof.head)
    assert found["waiting"] == prove(db.engine).waiting > 0
    assert seal(db.engine, later() + timedelta(minutes=2)) >= 1
    assert prove(db.engine).head != proof.head


@pytest.mark.parametrize(
    "touch",
    [
        "UPDATE change SET after = '\"别的\"' WHERE id = (SELECT max(id) FROM change)",
        "DELETE FROM change WHERE id = (SELECT max(id) FROM change)",
        "UPDATE change_set SET reason = 'x' WHERE id = (SELECT max(change_set_id) FROM change)",
    ],
)
def test_what_was_touched_afterwards_is_found(
    app: Flask, session: Any, people: People, engine_kind: str, touch: str
) -> None:
    work(people, 2)
    seal(db.engine, later())
    off = [part.replace(" change", " change_set") for part in TRIGGERS_OFF[engine_kind]]
    off = [part.replace("change_no", "change_set_no") if "no_" in part else part for part in off]
    for statement in (*TRIGGERS_OFF[engine_kind], *dict.fromkeys(off), touch):
        session.execute(sa.text(statement))
    session.commit()
    code, found = verified(app)
    assert (code, found["ok"], len(found["broken"])) == (1, False, 1)
    assert found["broken"][0]["seal"] == found["seals"]


def test_a_seal_stays_and_is_laid_once(app: Flask, session: Any, people: People) -> None:
    work(people, 3)
    session.remove()
    moment = later()

    def lay(_number: int) -> int:
        with app.app_context():
            return seal(db.engine, moment)

    with ThreadPoolExecutor(2) as two:
        laid = sum(two.map(lay, range(2)))
    assert laid == session.scalar(sa.select(sa.func.count()).select_from(Seal)) > 0
    assert prove(db.engine).broken == ()
    session.rollback()
    for statement in ("UPDATE seal SET sha256 = 'x'", "DELETE FROM seal"):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(sa.text(statement))
        session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Company)) == 3
