"""The form that logs a visit, call or message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from crm import clock
from crm.formats import moment, say
from crm.leads.words import MODE_WORDS
from crm.visits.edits import FIELDS, RECEPTION
from crm.visits.people import NewPerson
from crm.visits.service import NewVisit
from models.base import PUBLIC_ID
from models.enums import VisitMode
from views.forms.base import ChangeForm, Form
from views.forms.fields import AreaField, DayField, LongTextField, TextField, WanField, WholeField
from views.forms.promise import PromiseRow, promise_rows, promises_in, with_promises

_NO = frozenset({"0", "false", "no", "off", ""})
# So many promises a form has room for.
PROMISES = 4
_FACE_TO_FACE = frozenset({VisitMode.OUT, VisitMode.IN})


class MomentField(TextField):
    """A moment where the teams work, as datetime-local sends it; its data is aware."""

    empty = None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ISO 8601; without an offset it is local time."""
        text = valuelist[0].strip() if valuelist else ""
        try:
            self.data = clock.moment_of(text) if text else None
        except (ValueError, OverflowError) as error:
            self.data = None
            raise ValueError(_("请填日期和时间，例如 2026-12-01 09:30。")) from error

    def shown(self, value: datetime) -> str:
        """As a moment is read."""
        return moment(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.astimezone(clock.ZONE):%Y-%m-%dT%H:%M}" if self.data else ""


class Several(SelectMultipleField):
    """Any number of choices as checkboxes; the service knows whether each is right."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer records by their public ids."""
        self.choices = list(choices)


class ModeField(RadioField):
    """How somebody was met."""

    def pre_validate(self, form: Form) -> None:
        """A mode that nobody knows is a wrong field, one that is missing the rules name."""
        if self.data and self.data not in set(VisitMode):
            raise StopValidation(_("请选怎么联系的。"))


class MeetingFields(Form):
    """How somebody was met, who it was, when and what was said: what every form of a visit asks."""

    client_key = HiddenField()
    mode = ModeField(_l("方式"), validate_choice=False)
    contacts = Several(_l("见了谁"))
    new_name = TextField(_l("姓名"))
    new_title = TextField(_l("职务"))
    summary = LongTextField(_l("谈了什么，对方要什么"))
    occurred_at = MomentField(_l("什么时候"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer_modes(VisitMode)

    def offer_modes(self, modes: Iterable[VisitMode]) -> None:
        """Offer these ways of meeting somebody."""
        self.mode.choices = [(mode.value, say(MODE_WORDS[mode])) for mode in modes]

    @property
    def chosen_mode(self) -> VisitMode | None:
        """How somebody was met; None while nobody said it."""
        return VisitMode(self.mode.data) if self.mode.data in set(VisitMode) else None

    @property
    def face_to_face(self) -> list[Any]:
        """The choices of ``mode`` for who was met in person."""
        return [choice for choice in self.mode if choice.data in _FACE_TO_FACE]

    @property
    def remote(self) -> list[Any]:
        """The other choices of ``mode``; the first stands for them all until one is chosen."""
        return [choice for choice in self.mode if choice.data not in _FACE_TO_FACE]

    def people(self) -> tuple[tuple[str, ...], tuple[NewPerson, ...]]:
        """Chosen contacts stand by id; anything else that was sent there is a new person's name."""
        sent = [text.strip() for text in self.contacts.data or () if text.strip()]
        known = tuple(text for text in sent if PUBLIC_ID.fullmatch(text))
        new = [NewPerson(text) for text in sent if not PUBLIC_ID.fullmatch(text)]
        if person := self.new_person():
            new.append(person)
        return known, tuple(new)

    def new_person(self) -> NewPerson | None:
        """Who was met for the first time; None when nobody is named."""
        if not (self.new_name.data or self.new_title.data):
            return None
        return NewPerson(self.new_name.data, self.new_title.data)


@with_promises(PROMISES)
class VisitForm(MeetingFields):
    """A visit, in half a minute."""

    shown_as = {"lead": "company"}  # noqa: RUF012 (a table)

    draft = HiddenField()
    lead = HiddenField()
    # Those of a meeting that come again stand in the page's order, as the summary names them.
    company = TextField(_l("企业"))
    # Rendered while what was arranged stands; a form that waits on a phone brings it along.
    appointment = TextField(_l("约定"))
    mode = ModeField(_l("方式"), validate_choice=False)
    contacts = Several(_l("见了谁"))
    reached = RadioField(_l("没见到"), validate_choice=False)
    new_name = TextField(_l("姓名"))
    new_title = TextField(_l("职务"))
    new_phone = TextField(_l("电话"))
    leads = Several(_l("一起谈的还有"))
    # Asked where a company has several; what is said of a lead is then said of this one.
    about = RadioField(_l("谈的是哪条线索"), validate_choice=False)
    summary = LongTextField(_l("谈了什么，对方要什么"))
    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))
    outcome = TextField(_l("结果"))
    occurred_at = MomentField(_l("什么时候"))
    companions = Several(_l("同去的人"))
    need = LongTextField(_l("企业诉求，一句话"))
    planned_investment_cny = WanField(_l("计划总投资"))
    planned_revenue_cny = WanField(_l("三年软件收入"))
    planned_headcount = WholeField(_l("三年用工"))
    space_m2 = AreaField(_l("载体需求"))
    rival_cities = TextField(_l("还在看哪些城市"))
    reception_host = TextField(_l("谁接待"))
    reception_place = TextField(_l("接待地点"))
    reception_materials = TextField(_l("接待材料"))
    photos = MultipleFileField(_l("照片和附件"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reached.choices = [("0", _("没见到"))]
        self.about.choices = []

    @property
    def files(self) -> list[Any]:
        """The photos and papers that came with it."""
        return [file for file in self.photos.data or () if getattr(file, "filename", "")]

    @property
    def promises(self) -> list[PromiseRow]:
        """The rows for what both sides promised."""
        return list(promise_rows(self))

    @property
    def reception(self) -> list[Any]:
        """The fields of how somebody was received."""
        return [self.reception_host, self.reception_place, self.reception_materials]

    def entry(self) -> NewVisit:
        """What was typed, ready for the service."""
        known, new = self.people()
        return NewVisit(
            client_key=self.client_key.data or "",
            lead=self.lead.data or self.about.data or None,
            company=self.company.data or None,
            leads=tuple(self.leads.data or ()),
            mode=self.chosen_mode,
            occurred_at=self.occurred_at.data,
            reached=self._reached(),
            contacts=known,
            new_people=new,
            companions=tuple(self.companions.data or ()),
            summary=self.summary.data,
            need=self.need.data,
            outcome=self.outcome.data,
            next_step=self.next_step.data,
            next_step_on=self.next_step_on.data,
            planned_investment_cny=self.planned_investment_cny.data,
            planned_revenue_cny=self.planned_revenue_cny.data,
            planned_headcount=self.planned_headcount.data,
            space_m2=self.space_m2.data,
            rival_cities=self.rival_cities.data,
            reception_host=self.reception_host.data,
            reception_place=self.reception_place.data,
            reception_materials=self.reception_materials.data,
            promises=promises_in(self),
            appointment=self.appointment.data or None,
        )

    def new_person(self) -> NewPerson | None:
        """Who was met for the first time, with a number where it is known."""
        if not (self.new_name.data or self.new_title.data or self.new_phone.data):
            return None
        return NewPerson(self.new_name.data, self.new_title.data, self.new_phone.data)

    def _reached(self) -> bool:
        """Reached, unless it was said that nobody was; the rules then ask for a name."""
        said = self.reached.raw_data
        return not said or str(said[-1]).lower() not in _NO


class EditVisitForm(ChangeForm):
    """A visit put right by who wrote it."""

    occurred_at = MomentField(_l("什么时候"))
    mode = ModeField(_l("方式"), validate_choice=False)
    reached = RadioField(_l("见到人了吗"), validate_choice=False)
    contacts = Several(_l("见了谁"))
    companions = Several(_l("同去的人"))
    summary = LongTextField(_l("谈了什么，对方要什么"))
    need = LongTextField(_l("企业诉求，一句话"))
    outcome = TextField(_l("结果"))
    rival_cities = TextField(_l("还在看哪些城市"))
    reception_host = TextField(_l("谁接待"))
    reception_place = TextField(_l("接待地点"))
    reception_materials = TextField(_l("接待材料"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mode.choices = [(mode.value, say(MODE_WORDS[mode])) for mode in VisitMode]
        self.reached.choices = [("1", _("见到了")), ("0", _("没见到"))]

    @property
    def reception(self) -> list[Any]:
        """The fields of how somebody was received."""
        return [self.reception_host, self.reception_place, self.reception_materials]

    def typed(self) -> dict[str, Any]:
        """Ready for the service."""
        words: dict[str, Any] = {name: self[name].data for name in FIELDS}
        words |= {name: self[name].data for name in RECEPTION if self[name].raw_data}
        # Boxes that are not ticked send nothing; the moment tells that they were shown.
        if not self.occurred_at.raw_data:
            return words
        people = {name: self[name].data or [] for name in ("contacts", "companions")}
        choices = {name: self[name].data or "" for name in ("mode", "reached")}
        return {**words, **people, **choices, "occurred_at": self.occurred_at.data}

    def show(self, known: Mapping[str, Any]) -> None:
        """Fill in what stands there."""
        self.process(data=dict(known))
        self.stamp(known)


_KEY = re.compile("[0-9a-f]{24}")


def visit_form(
    occurred_at: datetime, client_key: str, author: str, arranged: Mapping[str, Any] | None = None
) -> VisitForm:
    """The form as it opens: now, under a number of its own; ``author`` is a public id.

    ``arranged`` is what an appointment knows of it, by field. A browser keeps its draft by author
    and subject, so that reopening it finds the draft.
    """
    lead, company = request.args.get("lead", ""), request.args.get("company", "")
    mode = request.args.get("mode", "")
    known_ahead = dict(arranged or {})
    subject = known_ahead.get("appointment") or lead or company
    if _KEY.fullmatch(known := request.args.get("key", "")):
        client_key = subject = known  # a form of its own that was not sent through
    return VisitForm(
        data={
            "draft": f"visit:{author}:{subject}",
            "occurred_at": occurred_at,
            "client_key": client_key,
            "mode": mode if mode in set(VisitMode) else VisitMode.OUT.value,
            "lead": lead,
            "company": company,
            # Typed before the company was chosen, whose people then come into the form.
            "new_name": request.args.get("new_name", ""),
            **known_ahead,
        }
    )
