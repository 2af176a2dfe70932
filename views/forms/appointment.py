"""The form of an appointment: how, when, where, with whom."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from crm.formats import say
from crm.leads.words import MODE_WORDS
from crm.visits.appointments.rules import MODES, Plan
from crm.visits.appointments.service import NewAppointment
from models.enums import VisitMode
from views.forms.base import ChangeForm
from views.forms.fields import TextField, WholeField
from views.forms.visit import ModeField, MomentField, Several


class AppointmentForm(ChangeForm):
    """A meeting that is arranged, or one put right."""

    shown_as = {"lead": "company"}  # noqa: RUF012 (a table)

    lead = HiddenField()
    client_key = HiddenField()
    company = TextField(_l("企业"))
    mode = ModeField(_l("方式"), validate_choice=False)
    starts_at = MomentField(_l("什么时候"))
    minutes = WholeField(_l("时长"))
    place = TextField(_l("地点"))
    contacts = Several(_l("对方谁参加"))
    invited = Several(_l("给对方发日历邀请"))
    companions = Several(_l("我方谁参加"))
    host = TextField(_l("谁接待"))
    materials = TextField(_l("接待材料"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mode.choices = [(mode.value, say(MODE_WORDS[mode])) for mode in MODES]

    def offer(
        self, theirs: Mapping[str, str], mailed: Container[str], ours: Iterable[tuple[str, str]]
    ) -> None:
        """Offer people of theirs, those with an address for a mail, and people of ours."""
        self.contacts.offer(theirs.items())
        self.invited.offer((key, name) for key, name in theirs.items() if key in mailed)
        self.companions.offer(ours)

    @property
    def reception(self) -> list[Any]:
        """The fields of how somebody is received."""
        return [self.host, self.materials]

    def plan(self) -> Plan:
        """What was typed, ready for the service."""
        mode = self.mode.data
        return Plan(
            mode=VisitMode(mode) if mode in set(VisitMode) else None,
            starts_at=self.starts_at.data,
            minutes=self.minutes.data,
            place=self.place.data,
            host=self.host.data,
            materials=self.materials.data,
            companions=tuple(self.companions.data or ()),
            contacts=tuple(self.contacts.data or ()),
            invited=tuple(self.invited.data or ()),
        )

    def entry(self) -> NewAppointment:
        """A new one, ready for the service."""
        return NewAppointment(
            client_key=self.client_key.data or "",
            plan=self.plan(),
            lead=self.lead.data or None,
            company=self.company.data or None,
        )

    def show(self, known: Mapping[str, Any]) -> None:
        """Fill in what stands there."""
        self.process(data=dict(known))
        self.stamp(known)
