"""The table in the handbook is the suite's."""

from __future__ import annotations

import pytest

from tests.faults import table

pytestmark = pytest.mark.faults


def test_the_table_of_faults_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("write_faults", default=False):
        return
    items = request.session.items
    assert table.missing(items) == set(), "run: make fault-table"
    if not request.config.getoption("keyword") and len({item.path.name for item in items}) > 1:
        here = {row for item in items for row, _engine in table.rows_of(item)}
        assert table.written() - here == set(), "run: make fault-table"
