"""Forms of trips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import Optional

from crm.visits.trips.service import TripInput
from views.forms.base import ChangeForm, Form
from views.forms.fields import DayField, LongTextField, TextField
from views.forms.visit import Several


class TripForm(ChangeForm):
    """Who goes where, when and why."""

    place = SelectField(_l("去哪个城市"), validate_choice=False)
    first_on = DayField(_l("哪天出发"))
    last_on = DayField(_l("哪天回来"))
    purpose = TextField(_l("去做什么"))
    members = Several(_l("谁去"))

    def offer(self, cities: Iterable[tuple[str, str]], people: Iterable[tuple[str, str]]) -> None:
        """Offer the cities by code and people by public id."""
        self.place.choices = [("", ""), *cities]
        self.members.offer(people)

    def typed(self) -> TripInput:
        """Ready for the service."""
        return TripInput(
            place=self.place.data or "",
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            members=tuple(self.members.data or ()),
            purpose=self.purpose.data,
        )

    def show(self, known: Mapping[str, Any]) -> None:
        """Fill in what stands there."""
        self.process(data=dict(known))
        self.stamp(known)


class NewStopForm(Form):
    """A company that is put on a trip; without a day the service knows one."""

    company = TextField(_l("企业"))
    day = DayField(_l("哪一天"))


class StopForm(ChangeForm):
    """The day and the note of a stop."""

    day = SelectField(_l("哪一天"), validate_choice=False)
    note = TextField(_l("备注"))


class PlaceForm(Form):
    """Where a stop is put: a place up or down, or a day and what it then stands before."""

    by = IntegerField(validators=[Optional()])
    day = DayField(_l("哪一天"))
    before = HiddenField()


class TripVisitForm(Form):
    """A visit that is put on a trip."""

    visit = SelectField(_l("走访"), validate_choice=False)


class ConclusionsForm(ChangeForm):
    """What the people of a trip make of it."""

    conclusions = LongTextField(_l("体会与建议"))
