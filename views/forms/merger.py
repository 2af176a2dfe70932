"""The form of a merger: which other company it is, and which of the two stays."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import DataRequired

from crm.formats import say
from crm.mergers.rules import Side, sentence
from views.forms.base import Form


class MergerForm(Form):
    """Another company, and which stays; each choice says what it moves."""

    other = SelectField(
        _l("另一家企业"), [DataRequired(_l("请选另一家企业。"))], validate_choice=False
    )
    stays = RadioField(_l("留下哪一家"), validate_choice=False)

    def offer(self, other: str | None) -> MergerForm:
        """Fill in what may be chosen; ``other``: who was chosen, by the address."""
        self.other.choices = [("", _l("输入名称找企业"))]
        self.stays.choices = []
        if not self.is_submitted():
            self.other.data = other
        return self

    def compare(self, first: Side, second: Side, likelier: str) -> None:
        """Offer both, the likelier chosen until somebody has said which."""
        pairs = ((first, second), (second, first))
        self.stays.choices = [
            (stays.public_id, say(sentence(gone, stays))) for stays, gone in pairs
        ]
        if self.stays.data not in {first.public_id, second.public_id}:
            self.stays.data = likelier
