"""The fields of registering and landing, for their own pages and for the form of a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField

from crm.companies.credit_code import compact_code
from crm.files import Received
from crm.landing.filling import Filled
from crm.landing.local_company import NEW, known_companies
from crm.landing.rules import Arrival, Registration, Space
from crm.landing.words import EMPLOYEE_SOURCES, SOURCE_WORDS
from crm.leads.choices import Choice
from crm.leads.inputs import LeadEdit
from crm.visits.service import NewVisit
from models.lead import Lead
from views.forms.base import ChangeForm, Form
from views.forms.fields import AreaField, DayField, ShareField, TextField, WanField, WholeField
from views.forms.lead import Choose

# Gate fields that these forms take, in the order in which they are asked.
REGISTRATION = ("local_company", "credit_code", "registered_capital_cny", "registered_on")
LANDING = ("premises", "employees", "landed_on")


class RegistrationFields(Form):
    """The local company, its code and capital, and since when it is registered."""

    local_company = TextField(_l("本地公司"))
    local_company_is = RadioField(_l("是其中一家吗"), choices=[], validate_choice=False)
    credit_code = TextField(_l("统一社会信用代码"))
    registered_capital_cny = WanField(_l("注册资本"))
    funds_in_place_cny = WanField(_l("到位资金"))
    share = ShareField(_l("投资方持股"))
    registered_on = DayField(_l("注册日期"))
    before_signing = BooleanField(_l("签约前已注册"))

    def registration(self) -> Registration | None:
        """What was sent, ready for the service; None when nothing was."""
        given = Registration(
            local_company=self.local_company.data or "",
            local_company_is=self.local_company_is.data or "",
            credit_code=self.credit_code.data or "",
            share_bp=self.share.data,
            registered_capital_cny=self.registered_capital_cny.data,
            funds_in_place_cny=self.funds_in_place_cny.data,
            registered_on=self.registered_on.data,
            before_signing=bool(self.before_signing.data),
        )
        return given if given != Registration(before_signing=given.before_signing) else None

    def offer_known(self, lead: Lead) -> None:
        """After a refusal: the companies that it may be, to be chosen among."""
        if not (self.local_company.errors or self.credit_code.errors):
            return
        given = Registration(self.local_company.data or "", credit_code=self.credit_code.data or "")
        known = known_companies(lead, given)
        code = compact_code(given.credit_code)
        held = any(c.credit_code == code for c in known if code)
        choices = [(c.public_id, _("是“%(name)s”", name=c.name)) for c in known]
        if choices and not held:
            choices.append((NEW, _("都不是，新建“%(name)s”", name=given.local_company)))
        self.local_company_is.choices = choices


class SpaceFields(Form):
    """Where the people sit. The field of the place is called as its gate is."""

    premises = Choose(_l("办公场地，区县或园区"))
    address = TextField(_l("地址"))
    area_m2 = AreaField(_l("面积"))
    lease_start = DayField(_l("起租日期"))
    lease_end = DayField(_l("到期日期"))

    def space(self) -> Space:
        """What was sent, ready for the service."""
        return Space(
            premises=self.premises.data or "",
            address=self.address.data or "",
            area_m2=self.area_m2.data,
            lease_start=self.lease_start.data,
            lease_end=self.lease_end.data,
        )

    def offer_places(self, places: list[Choice]) -> None:
        """Offer parks and districts."""
        self.premises.offer(places, _("请选区县或园区"))


class ArrivalFields(Form):
    """The first people who work here, and the day of landing."""

    employees = WholeField(_l("首批本地员工"))
    employees_source = Choose(_l("人数来源"))
    employees_on = DayField(_l("人数截至"))
    landed_on = DayField(_l("落地日期"))

    def arrival(self) -> Arrival | None:
        """What was sent, ready for the service; None when nothing was."""
        if self.employees.data is None and self.landed_on.data is None:
            return None
        return Arrival(
            employees=self.employees.data,
            employees_source=self.employees_source.data or "",
            employees_on=self.employees_on.data,
            landed_on=self.landed_on.data,
        )

    def offer_sources(self) -> None:
        """Offer where a number of people may come from."""
        self.employees_source.offer((code, SOURCE_WORDS[code]) for code in EMPLOYEE_SOURCES)


class LandingFields(RegistrationFields, SpaceFields, ArrivalFields):
    """All of them, as the form of a move takes them."""

    def filled(
        self,
        lead: LeadEdit,
        asked: tuple[str, ...],
        agreement: Received | None,
        visit: NewVisit | None,
    ) -> Filled:
        """What was filled in for the gates; ``asked`` are the gate fields of the whole form."""
        return Filled(
            lead=lead,
            visit=visit,
            agreement=agreement,
            registration=self.registration(),
            space=self.space() if self.premises.sent else None,
            arrival=self.arrival(),
            fields=frozenset(name for name in asked if self[name].sent and self[name].data),
        )

    def offer_landing(self, lead: Lead, places: list[Choice]) -> None:
        """Offer what may be chosen, and who the local company may be."""
        self.offer_places(places)
        self.offer_sources()
        self.offer_known(lead)


class RegistrationForm(RegistrationFields, ChangeForm):
    """The page of a registration."""

    shown_as = {"share_bp": "share"}  # noqa: RUF012 (a table, replaced by subclasses)

    def show(self, known: Mapping[str, Any]) -> None:
        """Fill in what is known."""
        for name, value in known.items():
            self[self.shown_as.get(name, name)].data = value
        self.stamp(known)


class PremisesForm(SpaceFields, ChangeForm):
    """The page of premises."""

    def show(self, known: Space) -> None:
        """Fill in what is known."""
        for name, value in asdict(known).items():
            self[name].data = value
        self.stamp(asdict(known))


class ArrivalForm(ArrivalFields, ChangeForm):
    """The page of first people and landing date."""

    def show(self, known: Arrival, today: date) -> None:
        """Fill in what is known; a new number of people is one of today."""
        for name, value in asdict(known).items():
            self[name].data = value
        self.employees_on.data = known.employees_on or today
        self.stamp(asdict(known))


def emptied(form: ChangeForm, known: Mapping[str, object]) -> bool:
    """Say at each field that had a value and came back empty that it wants one; whether any did.

    What was empty when the person read it was filled in by somebody else since.
    """
    read = form.has_read
    found = [
        form[name]
        for name, value in known.items()
        if value and not form[name].data and not (read and read.shows(name, None))
    ]
    for field in found:
        field.errors = [*field.errors, _("这一项填过了，请改成对的，不能留空。")]
    return bool(found)
