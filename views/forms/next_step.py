"""Forms of the next step."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from views.forms.base import Form
from views.forms.fields import DayField, TextField


class NextStepForm(Form):
    """What is next, and by when."""

    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))
