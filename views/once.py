"""A form that waited on a phone, or was sent twice, has its effect once."""

from __future__ import annotations

import re

from flask import request

from crm import clock, idempotency
from views.edge import settings
from views.guard import actor

_KEY = re.compile("[0-9a-f]{24}")


def first_time(key: str | None) -> bool:
    """Take a form's own number, in the effect's transaction; False when its effect is there.

    A form without one, or with one that we did not make, is done as often as it is sent.
    """
    if not _KEY.fullmatch(key or ""):
        return True
    sent = (request.method, request.path, b"")
    kept = settings().idempotency_kept
    _taken, before = idempotency.take(actor().id, f"form:{key}", sent, clock.now(), kept=kept)
    return not before
