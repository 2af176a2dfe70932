"""Companies of the demo: those of the published lists, then made-up ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import sqlalchemy as sa

from crm.companies.keys import stored_form, stored_keys
from crm.companies.tokens import in_order, tokens
from crm.demo.bulk import Bulk
from crm.demo.names import company_names
from crm.demo.places import City
from crm.demo.records import Company
from crm.demo.trail import Trail
from crm.reference import DATA
from crm.targets import places
from crm.targets.applying import import_now
from crm.targets.preview import guess_mapping, open_table
from models import db
from models.base import public_id_from
from models.company import TOKEN_LENGTH, NameKind, TokenScope
from models.company import Company as CompanyRecord
from models.enums import CompanyKind
from models.place import Place

# The published lists that the product carries: list, year of the edition, file.
LISTS = (
    ("china-software-100", 2018, "china-software-100-2018.csv"),
    ("china-internet-100", 2019, "china-internet-100-2019.csv"),
    ("world-software-500", 2025, "world-software-2025-top13.csv"),
)

TOKENS_HELD = 500_000


def import_list(code: str, year: int, file_name: str, now: datetime) -> None:
    """Import a published list as the command does."""
    data = (DATA / "lists" / file_name).read_bytes()
    table = open_table(file_name, data)
    import_now(table, data, file_name, code, year, guess_mapping(table), now=now)


def fill_places() -> None:
    """Head offices that a list leaves out: in the city of the legal name; abroad if it is Latin."""
    where = places.finder()
    company = CompanyRecord
    unplaced = sa.select(company).where(company.place_id.is_(None)).order_by(company.id)
    for found in db.session.scalars(unplaced):
        found.place_id = where("overseas" if found.name.isascii() else found.name)
        # What is flushed together is recorded in no certain order.
        db.session.flush()


def listed(connection: sa.Connection) -> list[Company]:
    """The companies that the lists made, in order."""
    record = CompanyRecord
    rows = connection.execute(
        sa.select(record.id, record.name, record.created_at, Place.city)
        .outerjoin(Place, Place.id == record.place_id)
        .order_by(record.id)
    )
    return [Company(row.id, row.name, created_at=row.created_at) for row in rows]


class MadeUp:
    """Makes companies that nobody has listed, at the moment somebody registers them."""

    def __init__(self, bulk: Bulk, trail: Trail, city: City, random: Random) -> None:
        self.bulk = bulk
        self.trail = trail
        self.city = city
        self.random = random
        self.names = self._unused()
        self.tokens: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self.tokens_held = 0

    def _unused(self) -> Iterator[tuple[str, str, str]]:
        known = set(self.bulk.connection.scalars(sa.select(CompanyRecord.normal_form)))
        cities = [city for city in self.city.places if city != self.city.home]
        for name, short, city in company_names(self.random, cities):
            if (form := stored_form(name)) not in known:
                known.add(form)
                yield name, short, city

    def make(self) -> Company:
        """A company of an unused name, made now."""
        name, short, city = next(self.names)
        return self.add(name, short, place_id=self.city.places[city])

    def add(
        self, name: str, short: str, *, place_id: int | None, credit_code: str | None = None
    ) -> Company:
        """A company with its names and what it is found by, as the service makes them."""
        form = stored_form(name)
        record: dict[str, Any] = {
            "id": self.bulk.next_id("company"),
            "public_id": public_id_from(self.random),
            "kind": CompanyKind.LEGAL,
            "name": name,
            "short_name": short,
            "normal_form": form,
            "credit_code": credit_code,
            "place_id": place_id,
            "merged_into_id": None,
            "cadence_days": 60,
            "rewarded": False,
            "last_touch_at": None,
            "created_at": self.trail.at,
        }
        self.bulk.add("company", record)
        self.trail.created("company", record["id"], record)
        self._name(record["id"], name, form, NameKind.LEGAL)
        self._name(record["id"], short, stored_form(short), NameKind.SHORT)
        self._tokens(record["id"], name, short, credit_code)
        return Company(record["id"], name, created_at=self.trail.at)

    def _name(self, company_id: int, name: str, form: str, kind: NameKind) -> None:
        row: dict[str, Any] = {
            "id": self.bulk.next_id("company_name"),
            "company_id": company_id,
            "name": name,
            "normal_form": form,
            "kind": kind,
            "from_on": None,
            "to_on": None,
        }
        self.bulk.add("company_name", row)
        self.trail.created("company_name", row["id"], row)

    def _tokens(self, company_id: int, name: str, short: str, credit_code: str | None) -> None:
        find = tokens(name, short, credit_code)
        keys = {(TokenScope.FIND.value, token[:TOKEN_LENGTH]) for token in find}
        keys |= {(TokenScope.CORE.value, key) for key in stored_keys(name)}
        keys.add((TokenScope.ORDER.value, in_order(short)))
        for key in keys:
            self.tokens[key].append(company_id)
        self.tokens_held += len(keys)

    def room(self) -> None:
        """Write the tokens that are held when they are many. Call where no record is half told."""
        if self.tokens_held >= TOKENS_HELD:
            self.write_tokens()

    def write_tokens(self) -> None:
        """Write all that are held in the order of their key, which is how the table stores them."""
        for scope, token in sorted(self.tokens):
            for company_id in self.tokens[scope, token]:
                self.bulk.add_row("company_token", (scope, token, company_id))
            self.bulk.room()
        self.tokens.clear()
        self.tokens_held = 0
