"""What is known of a lead, fact by fact, as its page says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from crm.clock import local_date
from crm.formats import area, count, day, money, say, short_day
from crm.leads.cards import place_name
from crm.leads.gates import LeadFacts
from crm.leads.moving import Moving
from crm.leads.stages import position
from crm.leads.words import MODE_WORDS
from crm.messages import Name
from models.enums import Stage
from models.lead import Lead
from views.lead_forms import WHOSE


@dataclass(frozen=True)
class Fact:
    """One fact: the form's name of it, its words, and whether the reader may change it."""

    name: str
    label: str
    text: str
    may: bool = False


def facts(lead: Lead, *, writable: bool, may_hand_over: bool) -> list[Fact]:
    """The facts in the page's order; what is not asked yet stands there once it is known."""
    found = []
    for name in _LABELS:
        fact = fact_of(lead, name)
        may = writable and (name not in WHOSE or may_hand_over)
        if fact.text or may or name not in _ONCE_KNOWN:
            found.append(Fact(name, fact.label, fact.text, may))
    if position(lead.stage) < position(Stage.NEGOTIATING):
        found = [one for one in found if one.text or not one.name.startswith("signed_")]
    return found


def fact_of(lead: Lead, name: str) -> Fact:
    """One fact by its name in the form; without text where nothing is known."""
    return Fact(name, _LABELS[name](), _TEXTS[name](lead), may=True)


# Left out for readers while there is nothing to read.
_ONCE_KNOWN = frozenset({"project", "signed_on", "signed_investment_cny"})

_LABELS: dict[str, Callable[[], str]] = {
    "project": lambda: str(_("项目名称")),
    "need": lambda: str(_("企业诉求")),
    "planned_investment_cny": lambda: str(_("计划总投资")),
    "planned_revenue_cny": lambda: str(_("三年软件收入")),
    "planned_headcount": lambda: str(_("三年用工")),
    "space_m2": lambda: str(_("载体需求")),
    "district": lambda: str(_("意向地")),
    "segment": lambda: str(_("产业链环节")),
    "channel": lambda: str(_("线索来源")),
    "expected_signing_on": lambda: str(_("预计签约")),
    "expected_landing_on": lambda: str(_("预计落地")),
    "signed_on": lambda: str(_("签约日期")),
    "signed_investment_cny": lambda: str(_("签约投资额")),
    "owner": lambda: str(_("负责人")),
    "liaison": lambda: str(_("挂钩领导")),
}

_TEXTS: dict[str, Callable[[Lead], str]] = {
    "project": lambda lead: lead.project,
    "need": lambda lead: lead.need or "",
    "planned_investment_cny": lambda lead: _money(lead.planned_investment_cny),
    "planned_revenue_cny": lambda lead: _money(lead.planned_revenue_cny),
    "planned_headcount": lambda lead: _heads(lead.planned_headcount),
    "space_m2": lambda lead: area(lead.space_m2) if lead.space_m2 else "",
    "district": lambda lead: say(place_name(lead.park, lead.district)),
    "segment": lambda lead: say(Name(lead.segment.zh, lead.segment.en)),
    "channel": lambda lead: say(Name(lead.channel.zh, lead.channel.en)),
    "expected_signing_on": lambda lead: _day(lead.expected_signing_on),
    "expected_landing_on": lambda lead: _day(lead.expected_landing_on),
    "signed_on": lambda lead: _day(lead.signed_on),
    "signed_investment_cny": lambda lead: _money(lead.signed_investment_cny),
    "owner": lambda lead: lead.owner.name,
    "liaison": lambda lead: lead.liaison.name if lead.liaison else "",
}


def met_by(found: Moving, field: str) -> str:
    """What meets a check of the gate, in words; empty where its label says all."""
    if visit := found.evidence.get(field):
        day_of_it = short_day(local_date(visit.occurred_at))
        return str(_("%(day)s %(mode)s", day=day_of_it, mode=say(MODE_WORDS[visit.mode])))
    if field in _MET:
        return _MET[field](found.facts)
    return _TEXTS[field](found.lead) if field in _TEXTS else ""


# What a gate asks for and no fact of the lead's page says.
_MET: dict[str, Callable[[LeadFacts], str]] = {
    "next_step": lambda facts: facts.next_step or "",
    "next_step_on": lambda facts: _day(facts.next_step_on),
    "registered_capital_cny": lambda facts: _money(facts.registered_capital_cny),
    "registered_on": lambda facts: _day(facts.registered_on),
    "employees": lambda facts: _heads(facts.employees),
    "landed_on": lambda facts: _day(facts.landed_on),
}


def _heads(number: int | None) -> str:
    return str(_("%(n)s 人", n=count(number))) if number else ""


def _money(cny: int | None) -> str:
    return money(cny) if cny else ""


def _day(value: date | None) -> str:
    return day(value) if value else ""
