"""What the worker did: every run with its worker, times and figures."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right
from crm.reminders import runs
from crm.reminders.pulse import pulse
from views.guard import needs

blueprint = Blueprint("job_runs", __name__, url_prefix="/admin/runs")
SHOWN = 100


@blueprint.get("")
@needs(Right.READ_OUTBOX)
def index() -> ResponseReturnValue:
    """The last runs, the latest first, and how the engine stands."""
    return render_template("job_runs/index.html", runs=runs.recent(SHOWN), pulse=pulse(clock.now()))
