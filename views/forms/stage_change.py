"""The form of a move: where to, why, and whatever the gate still asks for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from crm.errors import Refusal
from crm.leads.inputs import LeadEdit
from crm.leads.rules import MoveRequest
from crm.messages import Message, msg
from crm.visits.rules import is_visit
from crm.visits.service import NewVisit
from models.columns import UNKEEPABLE
from models.enums import Stage, Status, VisitMode
from views.addresses import NOT_KEPT
from views.forms.fields import (
    DayField,
    LongTextField,
    PaperField,
    TextField,
    WanField,
    WholeField,
)
from views.forms.landing import LANDING, REGISTRATION, LandingFields
from views.forms.lead import Choose
from views.forms.visit import MeetingFields, Several

E = TypeVar("E", Stage, Status)

# Gate fields that this form can take as values of the lead.
FILLABLE = (
    "need",
    "planned_investment_cny",
    "planned_revenue_cny",
    "planned_headcount",
    "district",
    "next_step",
    "next_step_on",
    "signed_on",
    "signed_investment_cny",
    "agreement",
    *REGISTRATION,
    *LANDING,
)
# Gate fields that a visit brings, which the form takes as one.
VISITED = frozenset({"touch", "visit"})
# How somebody is met in a visit; a call or a message is a touch alone.
_VISITING = tuple(mode for mode in VisitMode if is_visit(mode, arranged=True))
# What comes as a file and not as a value.
FILES = ("agreement",)


class StageChangeForm(MeetingFields, LandingFields):
    """Move a lead, hold it, lose it, take it up again."""

    # A gate that the visit did not meet is said where the visit falls short of it.
    shown_as = {"place": "district", "visit": "mode", "touch": "contacts"}  # noqa: RUF012 (a table)

    as_shown = (
        *("occurred_at", "summary", "need"),
        *("planned_investment_cny", "planned_revenue_cny", "planned_headcount"),
        *("district", "next_step", "next_step_on"),
        *("signed_on", "signed_investment_cny", "agreement"),
        *("local_company", "local_company_is", "credit_code"),
        *("registered_capital_cny", "share", "registered_on", "before_signing"),
        *("premises", "address", "area_m2", "lease_start", "lease_end"),
        *("employees", "employees_source", "landed_on"),
        *("hold_until", "reason"),
    )

    to_stage = HiddenField(_l("阶段"))
    to_status = HiddenField(_l("状态"))
    version = HiddenField()
    keep = HiddenField()
    hold_until = DayField(_l("到哪一天恢复跟进"))
    reason = LongTextField(_l("原因"))
    # What they want has a field of its own here.
    summary = LongTextField(_l("谈了什么"))
    need = LongTextField(_l("企业诉求"))
    planned_investment_cny = WanField(_l("计划总投资"))
    planned_revenue_cny = WanField(_l("三年软件收入"))
    planned_headcount = WholeField(_l("三年用工"))
    district = Choose(_l("意向地，区县或园区"))
    next_step = TextField(_l("下一步"))
    next_step_on = DayField(_l("下一步日期"))
    signed_on = DayField(_l("签约日期"))
    signed_investment_cny = WanField(_l("签约投资额"))
    agreement = PaperField(_l("签好的协议"))
    call_off = Several(_l("一并取消已约的见面"))

    def request(self) -> MoveRequest:
        """The move that was asked for; Refusal for codes that nobody knows."""
        return move_request(
            {
                "to_stage": self.to_stage.data,
                "to_status": self.to_status.data,
                "hold_until": self.hold_until.data,
                "reason": self.reason.data,
                "version": self.version.data,
            }
        )

    @property
    def keeps(self) -> bool:
        """Whether what was filled in is to be saved without moving: somebody else goes first."""
        return bool(self.keep.data)

    def say_lost_file(self) -> None:
        """A form that comes back as a page comes without the file that was chosen."""
        for file in () if self.agreement.errors else self.agreement.files:
            lost = _("“%(name)s”还没有存下，请再选一次。", name=file.filename)
            self.agreement.errors = [lost]

    @property
    def visit_sent(self) -> bool:
        """Whether the form that was sent had the fields of a visit."""
        return self.occurred_at.sent

    @property
    def met_in(self) -> VisitMode | None:
        """How somebody was met, where a visit was told of."""
        return self.chosen_mode if self.visit_sent else None

    def open_visit(self, now: datetime, client_key: str) -> None:
        """The fields of a visit as they open: in person, now, under a number of its own."""
        self.client_key.data, self.occurred_at.data = client_key, now
        self.mode.data = VisitMode.OUT.value

    def offer_visit(self, asked: Container[str], people: Iterable[tuple[str, str]]) -> None:
        """Offer whom one may have met, and of the ways of meeting those that the gates count."""
        self.contacts.offer(people)
        self.offer_modes(_VISITING if "visit" in asked else VisitMode)

    def offer_to_call_off(self, arranged: list[tuple[str, str]]) -> None:
        """Offer what is arranged with who is lost, all of it until somebody chose otherwise."""
        self.call_off.offer(arranged)
        if not self.is_submitted():
            self.call_off.data = [public_id for public_id, _said in arranged]

    def visit(self, lead: str) -> NewVisit | None:
        """The visit that was told of for the gates, of the lead; None when none was asked for."""
        if not self.visit_sent:
            return None
        known, new = self.people()
        return NewVisit(
            client_key=self.client_key.data or "",
            lead=lead,
            mode=self.chosen_mode,
            occurred_at=self.occurred_at.data,
            reached=True,
            contacts=known,
            new_people=new,
            summary=self.summary.data,
            need=self.need.data,
        )

    def fill(self) -> LeadEdit:
        """What was filled in of the lead; what stayed empty changes nothing."""
        values: dict[str, Any] = {
            ("place" if name == "district" else name): self[name].data
            for name in FILLABLE
            if name not in {*FILES, *REGISTRATION, *LANDING} and self[name].sent and self[name].data
        }
        return cast("LeadEdit", values)


def move_request(values: Mapping[str, Any]) -> MoveRequest:
    """Read a move from a form or from JSON; Refusal that names what can not be read."""
    errors: dict[str, list[Message]] = {}
    reason = str(values.get("reason") or "")
    if UNKEEPABLE.search(reason):
        errors["reason"] = [NOT_KEPT]
    request = MoveRequest(
        to_stage=_code(Stage, values.get("to_stage"), "to_stage", errors),
        to_status=_code(Status, values.get("to_status"), "to_status", errors),
        hold_until=_day(values.get("hold_until"), errors),
        reason=reason,
        version=_number(values.get("version"), errors),
    )
    if errors:
        raise Refusal(errors)
    return request


def _code(kind: type[E], value: Any, field: str, errors: dict[str, list[Message]]) -> E | None:
    if value in (None, ""):
        return None
    try:
        return kind(value)
    except ValueError:
        errors[field] = [msg("没有“%(code)s”这一项，请重新选。", code=str(value)[:40])]
        return None


def _day(value: Any, errors: dict[str, list[Message]]) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        errors["hold_until"] = [msg("请选一个日期，例如 2026-12-01。")]
        return None


def whole_number(value: Any) -> int | None:
    """A version as JSON or a hidden field brings it; Refusal for what is none."""
    errors: dict[str, list[Message]] = {}
    found = _number(value, errors)
    if errors:
        raise Refusal(errors)
    return found


def _number(value: Any, errors: dict[str, list[Message]]) -> int | None:
    text = str(value) if value not in (None, "") else ""
    if not text:
        return None
    if text.isdecimal() and len(text) < 10:
        return int(text)
    errors["version"] = [msg("页面放得太久了，请刷新后再试。")]
    return None
