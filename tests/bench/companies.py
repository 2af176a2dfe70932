"""``python -m tests.bench.companies N``: adds N companies and what they are found by, no more."""

from __future__ import annotations

import sys
from itertools import islice
from random import Random
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.companies.keys import stored_form, stored_keys
from crm.companies.tokens import in_order, tokens
from crm.demo.bulk import Bulk
from crm.demo.load import CACHE_KIB
from crm.demo.names import company_names
from crm.factory import create_app
from models import db, engine
from models.base import public_id_from
from models.company import TOKEN_LENGTH, UNLISTED_CADENCE_DAYS, TokenScope
from models.enums import CompanyKind
from models.place import Place

# The tokens of so many companies are held and written in the order in which the table has them.
CHUNK = 100_000


def main(wanted: int) -> None:
    """Fill the database that the environment names."""
    engine.set_writing(True)
    with create_app().app_context():
        connection = db.session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
        places = {place.city: place.id for place in db.session.scalars(sa.select(Place))}
        random = Random("companies")
        names = company_names(random, sorted(city for city in places if city))
        bulk = Bulk(connection)
        while chunk := list(islice(names, min(CHUNK, wanted))):
            _add(bulk, random, chunk, places)
            wanted -= len(chunk)
        bulk.finish()
        db.session.commit()


def _add(
    bulk: Bulk, random: Random, names: list[tuple[str, str, str]], places: dict[str, int]
) -> None:
    now = clock.now()
    rows: list[tuple[int, str, int]] = []
    for name, short, city in names:
        record: dict[str, Any] = {
            "id": bulk.next_id("company"),
            "public_id": public_id_from(random),
            "kind": CompanyKind.LEGAL,
            "name": name,
            "short_name": short,
            "normal_form": stored_form(name),
            "place_id": places[city],
            "cadence_days": UNLISTED_CADENCE_DAYS,
            "rewarded": False,
            "created_at": now,
        }
        bulk.add("company", record)
        bulk.room()
        find = {token[:TOKEN_LENGTH] for token in tokens(name, short)}
        rows += ((TokenScope.FIND.value, token, record["id"]) for token in find)
        rows += ((TokenScope.CORE.value, key, record["id"]) for key in stored_keys(name))
        rows.append((TokenScope.ORDER.value, in_order(short), record["id"]))
    for row in sorted(rows):
        bulk.add_row("company_token", row)
        bulk.room()
    bulk.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
