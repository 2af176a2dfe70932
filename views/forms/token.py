"""The form of a new token."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from models.enums import ApiScope
from views.forms.base import Form
from views.forms.fields import TextField

FOR_EVER = "0"


class TokenForm(Form):
    """What it is for, what it may do, and how long; the service says what is wrong."""

    name = TextField(_l("用在哪里"))
    scope = RadioField(
        _l("能做什么"),
        choices=[
            SelectChoice(ApiScope.READ.value, _l("只读")),
            SelectChoice(ApiScope.WRITE.value, _l("读和改")),
        ],
        default=ApiScope.READ.value,
    )
    days = RadioField(
        _l("有效多久"),
        choices=[
            SelectChoice("30", _l("30 天")),
            SelectChoice("90", _l("90 天")),
            SelectChoice("365", _l("一年")),
            SelectChoice(FOR_EVER, _l("一直有效")),
        ],
        default="90",
    )

    @property
    def chosen_days(self) -> int | None:
        """The days, or None for a token that does not end."""
        return int(self.days.data) or None
