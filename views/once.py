"""A form that waited on a phone, or was sent twice, has its effect once."""

from __future__ import annotations

import re
import secrets

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from crm import clock, idempotency
from views.edge import settings
from views.errors import wants_json
from views.guard import actor

_KEY = re.compile("[0-9a-f]{24}")


def register(app: Flask) -> None:
    """Give the templates a number of its own for each form that may wait on a phone."""
    app.jinja_env.globals["new_key"] = lambda: secrets.token_hex(12)


def received(key: str, url: str, *, fresh: bool) -> ResponseReturnValue:
    """The receipt for whoever sends what waited: what it became, and where that stands."""
    if not wants_json():
        return redirect(url)
    return jsonify(id=key, created=fresh, url=url), 201 if fresh else 200


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
