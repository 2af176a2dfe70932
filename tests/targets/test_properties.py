"""Whatever stands in a file: every row has one outcome, twice is once, and it can be undone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import clock
from crm.companies.service import create_company
from crm.imports.outcomes import Outcome
from crm.targets import undoing
from crm.targets.applying import import_now
from crm.targets.preview import Preview, open_table
from models.company import Company
from models.import_batch import ImportBatch
from models.target import ListEdition, ListEntry
from tests.targets.files import BUSINESS, CITIES, LEGAL
from tests.targets.test_importing import count


def bring(data: bytes) -> tuple[Preview, ImportBatch | None]:
    table = open_table("list.csv", data)
    mapping = {"rank": 0, "name": 1, "credit_code": 2}
    return import_now(table, data, "list.csv", "china-internet-100", 2019, mapping, now=clock.now())


def standing(session: Any) -> list[Any]:
    """Every entry and company as the database has them."""
    session.flush()
    session.expire_all()
    entries = sa.select(
        ListEntry.row_key, ListEntry.name, ListEntry.rank, ListEntry.company_id, ListEntry.alike_id
    )
    companies = sa.select(Company.id, Company.name, Company.credit_code, Company.cadence_days)
    return [
        [tuple(row) for row in session.execute(query)]
        for query in (entries.order_by(ListEntry.id), companies.order_by(Company.id))
    ]


names = st.builds(
    lambda city, brand, business, legal: city + brand + business + legal,
    st.sampled_from(("", *CITIES[:3])),
    st.text("云智信安博", min_size=0, max_size=2),
    st.sampled_from(("", *BUSINESS[:2])),
    st.sampled_from(("", *LEGAL, "集团")),
)
ranks = st.sampled_from(("", "1", "2", "七十八", "3.5", "-", "并列4"))
codes = st.sampled_from(("", "", "", "91310000607220383J", "91440000MA4UQCXB6K", "12345"))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(ranks, names, codes), min_size=1, max_size=8),
    known=st.lists(names.filter(bool), max_size=3),
)
def test_every_row_has_one_outcome_and_twice_is_once(
    session: Any, rows: list[tuple[str, str, str]], known: list[str]
) -> None:
    session.rollback()
    for name in known:
        create_company(name, now=clock.now())
    before = standing(session)
    lines = [("排名", "企业名称", "信用代码"), ("1", "一定在的软件有限公司", ""), *rows]
    data = "\n".join(",".join(line) for line in lines).encode()
    first, batch = bring(data)
    assert batch
    assert sum(first.counts.values()) == len(first.results) == len(first.table.rows)
    once = standing(session)
    again, none = bring(data)
    assert none is None
    assert again.counts[Outcome.ERROR] == first.counts[Outcome.ERROR]
    assert again.counts[Outcome.UNCHANGED] == first.writes
    assert standing(session) == once
    undoing.undo(batch.public_id, now=clock.now())
    assert standing(session) == before
    assert count(session, ListEdition) == 0
    session.rollback()
