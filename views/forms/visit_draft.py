"""The form that takes a text copied from a chat, and the visit's form that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from crm.visits.drafting.reading import Reading
from crm.visits.drafting.rules import Draft
from crm.visits.drafting.steps import Step
from models.enums import VisitMode
from views.forms.base import Form
from views.forms.fields import LongTextField
from views.forms.visit import PROMISES, VisitForm


class PasteForm(Form):
    """A text, as it was copied."""

    text = LongTextField(_l("聊天记录"))


def drafted(reading: Reading, now: datetime, client_key: str, author: str) -> VisitForm:
    """The form of the visit with what the text says; what it does not say is as ever."""
    draft = reading.draft
    stranger = next((one for one in draft.people if one.known is None), None)
    return VisitForm(
        formdata=None,
        data={
            # A number of its own: no older draft of the same company may write over this one.
            "draft": f"visit:{author}:{client_key}",
            "client_key": client_key,
            "lead": reading.lead.public_id if reading.lead else "",
            "company": reading.company.public_id if reading.company else "",
            "mode": (draft.mode or VisitMode.OUT).value,
            "occurred_at": draft.occurred_at or now,
            "contacts": [one.known.id for one in draft.people if one.known],
            "new_name": stranger.name if stranger else "",
            "new_title": stranger.title if stranger else "",
            "new_phone": stranger.phone if stranger else "",
            "summary": draft.summary,
            "need": draft.need,
            **{one.field: one.value for one in draft.figures},
            **(_agreed(draft) if reading.takes_steps else {}),
        },
    )


def _agreed(draft: Draft) -> dict[str, Any]:
    step = {"next_step": draft.next_step, "next_step_on": draft.next_step_on}
    return step | _promised(draft.promises)


def _promised(promises: Sequence[Step]) -> dict[str, Any]:
    """The rows of the form for what else was agreed, as many as there is room for."""
    rows: dict[str, Any] = {}
    for number, one in enumerate(promises[:PROMISES], 1):
        name = f"promise_{number}"
        rows[name], rows[f"{name}_who"] = one.text, f"{one.side.value}:"
        rows[f"{name}_on"] = one.day.day if one.day else None
    return rows
