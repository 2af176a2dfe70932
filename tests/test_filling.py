"""Rows in any order: a transaction that ends with one whose parent is missing ends without it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from models import db
from models.filling import Orphans, in_any_order
from models.place import District, Park
from models.sets import write_rows

DISTRICT, PARK = 9_001, 9_002


def _put(connection: sa.Connection, table: Any, **values: Any) -> None:
    write_rows(connection, table, list(values), [list(values.values())])


def _fill(*, whole: bool) -> None:
    with db.engine.connect() as connection, in_any_order(connection):
        names = dict.fromkeys(("zh", "en", "short_zh"), "乍浦")
        place = {"district_id": DISTRICT, "short_en": "Zhapu", "position": 99}
        _put(connection, Park.__table__, id=PARK, code="zhapu", **names, **place)
        if whole:
            _put(connection, District.__table__, id=DISTRICT, code="zp", position=99, **names)


def test_children_before_parents_but_none_without(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(Orphans):
            _fill(whole=False)
        assert db.session.get(Park, PARK) is None
        db.session.rollback()
        _fill(whole=True)
        assert db.session.get_one(Park, PARK).district_id == DISTRICT
        db.session.rollback()
        elsewhere = sa.update(Park).where(Park.id == PARK).values(district_id=PARK)
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(elsewhere)
