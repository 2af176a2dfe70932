"""The form of a change of many leads: only what its kind asks for."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.access import Actor
from crm.leads import choices
from crm.leads.bulk_values import BulkChange
from models.bulk_edit import BulkKind
from views.forms.base import Form
from views.forms.fields import DayField, LongTextField, TextField
from views.forms.lead import Choose

FIELDS = {
    BulkKind.OWNER: ("owner",),
    BulkKind.PLACE: ("place",),
    BulkKind.STEP: ("next_step", "next_step_on"),
    BulkKind.STEP_DAY: ("next_step_on",),
    BulkKind.HOLD: ("hold_until", "reason"),
    BulkKind.TASK: ("text", "due_on"),
}


class BulkEditForm(Form):
    """What is to become of every lead."""

    # The verbs of one lead know the place as its district.
    shown_as = {"district": "place"}  # noqa: RUF012 (a table)

    owner = Choose(_l("负责人"))
    place = Choose(_l("意向地"))
    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))
    hold_until = DayField(_l("暂缓到"))
    reason = LongTextField(_l("原因"))
    text = LongTextField(_l("要办什么"))
    due_on = DayField(_l("哪天前办好"))

    def only(self, kind: BulkKind, actor: Actor, today: date) -> None:
        """Keep the fields of that kind and offer what they choose from."""
        for name in set(self._fields) - {"csrf_token", *FIELDS[kind]}:
            delattr(self, name)
        if kind is BulkKind.OWNER:
            self.owner.offer_people(choices.owners(actor, today), _("请选负责人"))
        if kind is BulkKind.PLACE:
            self.place.offer(choices.places(), _("请选意向地"))

    def show(self, change: BulkChange) -> None:
        """Fill in what was asked for already."""
        for name in {name for names in FIELDS.values() for name in names} & self._fields.keys():
            self[name].data = getattr(change, name)

    def change(self) -> BulkChange:
        """What was filled in."""
        names = self._fields.keys() - {"csrf_token"}
        return BulkChange(**{name: self[name].data for name in names})
