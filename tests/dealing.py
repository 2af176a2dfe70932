"""Which tests a worker begins with."""

from __future__ import annotations

import pytest

# What takes many seconds alone, the longest first, or a worker would still be at it when the others
# have nothing left.
LONGEST = (
    "browser/test_pages.py",
    "api/test_schemathesis.py",
    "walks/test_figures.py",
    "walks/test_access.py",
    "walks/test_pages.py",
    "tests/test_migrations.py",
)


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """In such an order that each worker's share, as pytest-xdist cuts it, begins with long ones."""

    def rank(item: pytest.Item) -> int:
        ranks = (n for n, end in enumerate(LONGEST) if str(item.path).endswith(end))
        return next(ranks, len(LONGEST))

    long = sorted((item for item in items if rank(item) < len(LONGEST)), key=rank)
    short = [item for item in items if rank(item) == len(LONGEST)]
    order: list[pytest.Item] = []
    for worker in range(workers):
        hand = long[worker::workers]
        share = (len(items) - len(order)) // (workers - worker)
        filled = max(0, share - len(hand))
        order += hand + short[:filled]
        del short[:filled]
    return order
