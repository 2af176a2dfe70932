"""What the tests of leads share."""

from __future__ import annotations

import pytest

from tests.leads.making import NOW


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's clock stands at the makers' moment."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())
