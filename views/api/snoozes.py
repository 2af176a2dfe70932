"""稍后 by machine: what is due on a lead, put off."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.reminders.snoozing import put_off
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import NewSnoozeSchema, SnoozeSchema
from views.guard import actor

noun = Noun("snoozes", "Snoozes: what is due on a lead, put off until a day.", path="")


@noun.post("/leads/<id:lead_id>/snoozes")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewSnoozeSchema)
@noun.answers(SnoozeSchema, 201)
def create(sent: dict[str, Any], lead_id: str) -> Response:
    """Put a lead off

    For the caller, until a day within 90. Reminders that may wait are set aside and come back by
    themselves; a next step that is due gets that day, and the old one is closed as `moved`. What
    others wait for (our promise, a task, a matter) rests a week at most; a directive, a mention and
    an offer that waits are refused; 409 when nothing is due.
    """

    def make() -> Response:
        made = put_off(
            lead_id, sent["until"], actor(), clock.now(), reason=sent.get("reason") or ""
        )
        shown = {"lead": lead_id, "until": made.until, "set_aside": len(made.snoozes)}
        moved = made.step is not None
        return answers.as_json(SnoozeSchema().dump({**shown, "next_step_moved": moved}), 201)

    return answers.once(make)
