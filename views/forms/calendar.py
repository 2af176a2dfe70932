"""Forms of the calendar."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from views.forms.base import Form
from views.forms.fields import DayField


class EntryDayForm(Form):
    """The day of an entry, and the one its reader saw it on."""

    day = DayField(_l("改到哪一天"))
    read = DayField(_l("原来的日期"))
