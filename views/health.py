"""For machines that watch: is the process up, can it work."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from models import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and stands at the newest migration."""
    try:
        with db.engine.connect() as connection:
            stands = MigrationContext.configure(connection).get_current_heads()
    except Exception as error:
        return jsonify(status="unavailable", reason=type(error).__name__), 503
    wanted = set(ScriptDirectory(current_app.extensions["migrate"].directory).get_heads())
    if set(stands) != wanted:
        return jsonify(status="migrations", stands=sorted(stands), wanted=sorted(wanted)), 503
    return jsonify(status="ok")
