"""The table in the handbook is the suite's."""

from __future__ import annotations

import pytest

from tests.faults import table

pytestmark = pytest.mark.faults


def test_the_table_of_faults_is_current(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    options = request.config.option
    if options.write_faults if hasattr(options, "write_faults") else False:
        return
    assert table.missing(items) == set(), "run: make fault-table"
    if not options.keyword and len({item.path.name for item in items}) > 1:
        here = {row for item in items for row, _engine in table.rows_of(item)}
        assert table.written() - here == set(), "run: make fault-table"
