"""The form that puts a lead off."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l

from views.forms.base import Form
from views.forms.fields import DayField, TextField


class SnoozeForm(Form):
    """Until when, and why: one tap on a day, or any other day."""

    quick = DayField(_l("哪一天"))
    until = DayField(_l("哪一天"))
    reason = TextField(_l("为什么放到以后"))

    @property
    def day(self) -> date | None:
        """The day that was chosen."""
        chosen: date | None = self.quick.data or self.until.data
        return chosen
