"""The form that says which days are free, and which weekends are worked."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from crm.working_days.rules import Day
from crm.working_days.service import mark
from views.forms.base import Form
from views.forms.fields import DayField, TextField

FREE, WORKED = "free", "worked"


class WorkingDaysForm(Form):
    """From when to when, and whether people work."""

    first = DayField(_l("第一天"))
    last = DayField(_l("最后一天"))
    kind = RadioField(_l("这几天"), default=FREE, validate_choice=False)
    name = TextField(_l("为什么"))

    def offer(self) -> WorkingDaysForm:
        """The two things that a day can be."""
        self.kind.choices = [(FREE, _("放假")), (WORKED, _("上班"))]
        return self

    def apply(self) -> list[Day]:
        """Write it into the calendar; what was there before."""
        return mark(
            self.first.data,
            self.last.data,
            working=self.kind.data == WORKED,
            name=self.name.data,
        )
