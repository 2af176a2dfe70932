"""Forms of the next step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired

from crm.formats import short_day
from views.forms.base import ChangeForm
from views.forms.fields import DayField, TextField


class NextStepForm(ChangeForm):
    """What is next, and by when."""

    client_key = HiddenField()
    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))

    def _said(self, name: str, value: Any) -> str:
        """Day and words of a step, which are one thing to two people."""
        due_on, _, text = str(value or "").partition(" ")
        if not text:
            return super()._said(name, None)
        return f"{text} · {short_day(date.fromisoformat(due_on))}" if due_on else text


class LeadField(SelectField):
    """A lead that the service knows; the list is only what is likely."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)

    def offer(self, leads: Iterable[tuple[str, str]]) -> None:
        """Offer leads by public id, and the one that was asked for whatever it is."""
        known = dict(leads)
        if self.data:
            known.setdefault(self.data, self.data)
        self.choices = [("", ""), *known.items()]


class ChosenStepForm(NextStepForm):
    """The same, with the lead to choose."""

    lead = LeadField(_l("线索"), validators=[InputRequired(_l("请选一条线索。"))])
