"""How many statements a page cost."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse


def statements(response: TestResponse) -> int:
    """What the application says of the request; the page must have been there."""
    assert response.status_code == 200, response.get_data(as_text=True)
    found = re.search(r'desc="n=(\d+)"', response.headers["Server-Timing"])
    assert found
    return int(found[1])
