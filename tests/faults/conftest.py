"""Keeps the table of faults: ``pytest tests/faults --write-faults`` writes it anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults import table


def pytest_addoption(parser: pytest.Parser) -> None:
    """An option of this folder alone."""
    parser.addoption("--write-faults", action="store_true", help="write docs/operations.md anew")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Keep which faults were tried, and how it went."""
    report = (yield).get_result()
    if report.when == "call":
        table.note(item, passed=report.passed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the table, when asked to and everything passed."""
    if session.config.getoption("--write-faults", default=False) and table.all_passed():
        table.write()
