"""One record a name: who writes down a company looks for it while nobody else can write it.

No constraint says so, since two companies may bear one name (a credit code tells them apart).
"""

from __future__ import annotations

from collections.abc import Iterable

from crm.companies.keys import stored_form
from crm.companies.search import find_by_name
from models import db
from models.advisory import Lock, hold, others_write
from models.company import Company


def reserve(names: Iterable[str]) -> None:
    """Let nobody else look for these names in order to write them down."""
    hold(db.session.connection(), Lock.COMPANY_NAME, map(stored_form, names))


def reserve_all() -> None:
    """The same of every name, for who writes down a list."""
    hold(db.session.connection(), Lock.COMPANY_LIST)


def bearer(name: str) -> Company | None:
    """The company of that name; where there is none, nobody else makes it before we have."""
    reserve([name])
    return _called(name)


def find_or_reserve(name: str) -> Company | None:
    """The same for who holds nothing yet: it also waits for a list that is being imported."""
    # Nearly always it is there, and who only names it waits for nobody.
    if (known := _called(name)) or not others_write(db.session.connection()):
        return known
    hold(db.session.connection(), Lock.COMPANY_LIST, shared=True)
    return bearer(name)


def _called(name: str) -> Company | None:
    return find_by_name([name]).get(stored_form(name))
