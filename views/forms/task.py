"""Forms of tasks: one on a lead, and another day for it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from crm.leads.to_do import NewTask
from models.enums import Every
from views.forms.base import Form
from views.forms.fields import DayField, LongTextField, WholeField
from views.forms.lead import Choose


class TaskForm(Form):
    """What a colleague is to do by when, and whether it comes back."""

    client_key = HiddenField()
    text = LongTextField(_l("要办什么"))
    assignee = Choose(_l("谁来办"), choices=[])
    due_on = DayField(_l("哪天前办好"))
    every = WholeField(_l("每几周或几个月"))
    unit = SelectField(_l("重复"), validate_choice=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unit.choices = [
            ("", _("只办一次")),
            (Every.WEEK.value, _("每几周一次")),
            (Every.MONTH.value, _("每几个月一次")),
        ]

    def entry(self) -> NewTask:
        """What was typed, ready for the service."""
        unit = Every(self.unit.data) if self.unit.data in set(Every) else None
        # Every week, every month: nobody has to say "1".
        every = 1 if unit and self.every.data is None else self.every.data
        return NewTask(self.text.data, self.due_on.data, self.assignee.data or "", every, unit)


class TaskDayForm(Form):
    """Another day for a task."""

    due_on = DayField(_l("改到"))
