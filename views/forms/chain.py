"""The form in which a manager judges what a segment of the chain lacks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField

from crm.formats import say
from views.chain_words import GAPS
from views.forms.base import Form
from views.forms.fields import LongTextField


class JudgementForm(Form):
    """A gap, the reason, and what stood there when the form was opened."""

    seen = HiddenField()
    gap = RadioField(_l("您的判断"), validate_choice=False)
    reason = LongTextField(_l("理由"))

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)
        self.gap.choices = [(gap.value, say(word.word)) for gap, word in GAPS.items()]

    def see(self, standing: str) -> None:
        """Have seen what stands there now, by its public id."""
        self.seen.data, self.seen.raw_data = standing, None
