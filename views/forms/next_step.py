"""Forms of the next step."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from crm.formats import short_day
from views.forms.base import ChangeForm
from views.forms.fields import DayField, TextField


class NextStepForm(ChangeForm):
    """What is next, and by when."""

    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))

    def _said(self, name: str, value: Any) -> str:
        """Day and words of a step, which are one thing to two people."""
        due_on, _, text = str(value or "").partition(" ")
        if not text:
            return super()._said(name, None)
        return f"{text} · {short_day(date.fromisoformat(due_on))}" if due_on else text
