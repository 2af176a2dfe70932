"""The form that says how many projects are to land in a year."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from views.forms.base import Form
from views.forms.fields import WholeField


class LandingGoalForm(Form):
    """The number, and what stood there when the form was opened."""

    seen = HiddenField()
    landings = WholeField(_l("全年要落地"))

    def see(self, landings: int) -> None:
        """Have seen the goal that stands there now, 0 for none."""
        self.seen.data, self.seen.raw_data = str(landings), None

    @property
    def has_seen(self) -> int | None:
        """What stood there; None where nothing says so."""
        text = str(self.seen.data or "")
        return int(text) if text.isdecimal() and len(text) <= len(str(10**4)) else None
