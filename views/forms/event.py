"""Forms of events and of whom they invite."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField

from crm.events.invitations import Guest
from crm.events.rules import EventInput
from crm.visits.people import NewPerson
from models.columns import UNKEEPABLE
from views.forms.base import ChangeForm, Form
from views.forms.fields import DayField, LongTextField, TextField
from views.forms.lead import Choose
from views.forms.visit import Several


class EventForm(ChangeForm):
    """An event."""

    name = TextField(_l("活动名称"))
    channel = Choose(_l("渠道"))
    starts_on = DayField(_l("开始"))
    ends_on = DayField(_l("结束"))
    city = TextField(_l("城市"))
    venue = TextField(_l("地点"))
    team = Choose(_l("主办小分队"))
    people = Several(_l("我方参加的人"))
    purpose = LongTextField(_l("目的"))

    def typed(self) -> EventInput:
        """What was typed, ready for the service."""
        return EventInput(
            name=self.name.data,
            channel=self.channel.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            city=self.city.data,
            venue=self.venue.data,
            purpose=self.purpose.data,
            team=self.team.data or "",
            people=tuple(self.people.data or ()),
        )

    def show(self, known: EventInput) -> None:
        """Fill in what stands there."""
        values = vars(known)
        self.process(data=values)
        self.stamp({**values, "people": list(known.people)})


class GuestForm(Form):
    """One guest: a company, and who of it; ``walk_in``: they came uninvited."""

    company = TextField(_l("企业"))
    contact = RadioField(_l("联系人"), choices=[], validate_choice=False)
    new_name = TextField(_l("姓名"))
    new_title = TextField(_l("职务"))
    new_phone = TextField(_l("电话"))
    walk_in = HiddenField()

    def offer(self, people: list[tuple[str, str]]) -> None:
        """Offer the people of the company, by their public ids."""
        self.contact.choices = people

    def guest(self) -> Guest:
        """What was typed, ready for the service; a new name goes before a known one."""
        new = self.new_name.data or self.new_title.data or self.new_phone.data
        person = NewPerson(self.new_name.data, self.new_title.data, self.new_phone.data)
        contact = self.contact.data
        chosen = "" if contact in {None, "None"} else str(contact)
        return Guest(self.company.data, "" if new else chosen, person if new else None)


class PastedForm(Form):
    """Names, a line each, and what a person decided of each line."""

    text = LongTextField(_l("名单"))
    decided = HiddenField()

    def choices(self, sent: Any) -> dict[int, str]:
        """The choices by line number."""
        found = {name.removeprefix("line_"): value for name, value in sent.items()}
        return {
            int(name): value
            for name, value in found.items()
            if name.isdecimal() and len(name) < 10 and not UNKEEPABLE.search(value)
        }


class ListedForm(Form):
    """Companies of a target list, by their public ids."""

    companies = Several(_l("企业"))


class EventLeadForm(Form):
    """A lead that came of an event."""

    lead = HiddenField()
