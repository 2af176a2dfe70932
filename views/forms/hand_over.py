"""The form of a hand-over: who looks after the lead from now on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from views.forms.base import Form
from views.forms.fields import LongTextField
from views.forms.lead import Choose


class HandOverForm(Form):
    """To whom a lead goes; ``team`` is a code, ``version`` what the person had read."""

    team = HiddenField(_l("招商小分队"))
    owner = Choose(_l("负责人"))
    note = LongTextField(_l("给接手的人"))
    version = HiddenField()
