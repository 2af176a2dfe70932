"""The form that says who led somebody to us."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from crm.referrals.service import ReferralInput
from models.referral import Referral
from views.forms.base import Form
from views.forms.fields import DayField, LongTextField, TextField


class ReferralForm(Form):
    """A company and a person of it, or somebody outside the database."""

    referrer = TextField(_l("引荐的企业"))
    contact = TextField(_l("它的联系人"))
    source = TextField(_l("库外的引荐人或单位"))
    happened_on = DayField(_l("哪天引荐的"))
    note = LongTextField(_l("备注"))

    def typed(self) -> ReferralInput:
        """What was typed, ready for the service."""
        return ReferralInput(
            referrer=self.referrer.data,
            contact=self.contact.data,
            source=self.source.data,
            happened_on=self.happened_on.data,
            note=self.note.data,
        )

    def show(self, known: Referral | None) -> None:
        """Fill in what stands there."""
        if known is None:
            return
        self.referrer.data = known.referrer.public_id if known.referrer else ""
        self.contact.data = known.contact.name if known.contact else ""
        self.source.data, self.note.data = known.source, known.note
        self.happened_on.data = known.happened_on
