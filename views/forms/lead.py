"""Forms to register a lead and to change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField

from crm.formats import say
from crm.leads.inputs import LeadEdit, NewLead
from crm.messages import Value
from crm.referrals.service import ReferralInput
from models.user import User
from views.forms.base import ChangeForm, Form
from views.forms.fields import DayField, LongTextField, TextField, WanField, WholeField

# Amounts, numbers and days, which a form shows as the lead's columns have them.
FIGURES = (
    "planned_investment_cny",
    "planned_revenue_cny",
    "planned_headcount",
    "space_m2",
    "expected_signing_on",
    "expected_landing_on",
    "signed_on",
    "signed_investment_cny",
)
# Fields of a form that are columns of a lead under the same name.
PLAIN = ("project", "segment", "channel", "need", *FIGURES, "owner", "team", "liaison")


class Choose(SelectField):
    """A choice from data. What nobody offers is left to the service, which says it in words."""

    def pre_validate(self, form: Form) -> None:
        """The service knows which codes there are."""

    def offer(self, choices: Iterable[tuple[str, Value]], empty: str | None = None) -> None:
        """Offer rows of data, in the reader's language, below an empty choice."""
        first = [("", empty)] if empty is not None else []
        self.choices = [*first, *((code, say(name)) for code, name in choices)]

    def offer_people(self, people: Sequence[User], empty: str | None = None) -> None:
        """Offer people by their names."""
        first = [("", empty)] if empty is not None else []
        self.choices = [*first, *((user.public_id, user.name) for user in people)]

    @property
    def sent(self) -> bool:
        """Whether the form that was sent had this field at all."""
        return bool(self.raw_data)

    @property
    def text(self) -> str:
        """The choice as a form sends it."""
        return str(self.data or "")


class ProjectFields(Form):
    """What is known of the project."""

    shown_as = {"place": "district"}  # noqa: RUF012 (a table, replaced by subclasses)

    project = TextField(_l("项目名称"))
    segment = Choose(_l("产业链环节"))
    channel = Choose(_l("线索来源"))
    owner = Choose(_l("负责人"))
    team = Choose(_l("招商小分队"))
    need = LongTextField(_l("企业诉求"))
    planned_investment_cny = WanField(_l("计划总投资"))
    planned_revenue_cny = WanField(_l("三年软件收入"))
    planned_headcount = WholeField(_l("三年用工"))
    district = Choose(_l("意向地，区县或园区"))

    def edit(self) -> LeadEdit:
        """What was sent, ready for the service; a field that the form had not is left alone."""
        sent = [name for name in PLAIN if name in self and self[name].sent]
        values = {name: self[name].data for name in sent}
        if "district" in self and self.district.sent:
            values["place"] = self.district.data or ""
        return cast("LeadEdit", values)


class NewLeadForm(ProjectFields):
    """Register a lead: company, segment and source are enough."""

    shown_as = {  # noqa: RUF012 (a table)
        "place": "district",
        "contact": "referrer_contact",
        "source": "referrer_source",
    }

    company = TextField(_l("企业"))
    event = HiddenField()
    referrer = TextField(_l("引荐的企业"))
    referrer_contact = TextField(_l("它的联系人"))
    referrer_source = TextField(_l("库外的引荐人或单位"))
    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))

    def __iter__(self) -> Iterator[Field]:
        """The fields as they stand on the page: the company first, though a base has the others."""
        fields = {field.name: field for field in super().__iter__()}
        return iter({"company": fields["company"], **fields}.values())

    def new_lead(self) -> NewLead:
        """What was sent, ready for the service."""
        more = self.edit()
        for name in ("project", "segment", "channel", "need", "owner", "team"):
            more.pop(name, None)  # type: ignore[misc]
        return NewLead(
            company=self.company.data or "",
            segment=self.segment.data or "",
            channel=self.channel.data or "",
            owner=self.owner.data or "",
            team=self.team.data or "",
            project=self.project.data or "",
            need=self.need.data or "",
            next_step=self.next_step.data or "",
            next_step_on=self.next_step_on.data,
            more=more,
        )

    def referral(self) -> ReferralInput:
        """Who led it to us, as far as it was said."""
        return ReferralInput(
            referrer=self.referrer.data,
            contact=self.referrer_contact.data,
            source=self.referrer_source.data,
        )


class EditLeadForm(ProjectFields, ChangeForm):
    """Change what is known."""

    space_m2 = WholeField(_l("载体需求"))
    expected_signing_on = DayField(_l("预计签约"))
    expected_landing_on = DayField(_l("预计落地"))
    signed_on = DayField(_l("签约日期"))
    signed_investment_cny = WanField(_l("签约投资额"))
    liaison = Choose(_l("挂钩领导"))

    def keep_only(self, name: str) -> None:
        """Leave one fact in the form, and what the person had read."""
        for other in [field.name for field in self]:
            if other not in {name, "read", "csrf_token"}:
                del self[other]


def undecided() -> str:
    """The empty choice of a place."""
    return str(_("未定"))
