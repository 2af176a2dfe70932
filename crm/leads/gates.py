"""What a stage asks before a lead may enter it.

Which checks a stage asks is data (``crm/data/stages.json``); what a check means stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.leads.stages import between
from crm.messages import Message, msg
from models.enums import Stage


@dataclass(frozen=True)
class LeadFacts:
    """Everything that a check looks at. Amounts are whole CNY.

    ``has_touch``: somebody named was reached. ``has_visit``: a visit out, in or by arranged video.
    ``offer_ready``: an offer approved by somebody other than its proposer, or "no incentive asked"
    on record. ``credit_code_holds``: the local company has a code whose check digit is right.
    """

    company_id: int | None = None
    segment_id: int | None = None
    channel_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    has_touch: bool = False
    need: str | None = None
    has_visit: bool = False
    planned_investment_cny: int | None = None
    planned_revenue_cny: int | None = None
    planned_headcount: int | None = None
    district_id: int | None = None
    park_id: int | None = None
    next_step: str | None = None
    next_step_on: date | None = None
    signed_on: date | None = None
    signed_investment_cny: int | None = None
    has_agreement: bool = False
    offer_ready: bool = False
    local_company_id: int | None = None
    credit_code_holds: bool = False
    registered_capital_cny: int | None = None
    registered_on: date | None = None
    has_premises: bool = False
    employees: int | None = None
    landed_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """As a stage change keeps them."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in vars(self).items()
        }


@dataclass(frozen=True)
class Gate:
    """One check: what it is called, whether it is met, and what to do when it is not."""

    label: Message
    met: Callable[[LeadFacts], bool]
    todo: Message


@dataclass(frozen=True)
class Check:
    """One gate field that a stage on the way asks, and whether the lead has it."""

    field: str
    stage: Stage
    label: Message
    message: Message
    met: bool


def has_company(facts: LeadFacts) -> bool:
    return facts.company_id is not None


def has_segment(facts: LeadFacts) -> bool:
    return facts.segment_id is not None


def has_channel(facts: LeadFacts) -> bool:
    return facts.channel_id is not None


def has_owner(facts: LeadFacts) -> bool:
    return facts.owner_id is not None


def has_team(facts: LeadFacts) -> bool:
    return facts.team_id is not None


def was_touched(facts: LeadFacts) -> bool:
    return facts.has_touch


def said_what_they_want(facts: LeadFacts) -> bool:
    return _written(facts.need)


def was_visited(facts: LeadFacts) -> bool:
    return facts.has_visit


def plans_investment(facts: LeadFacts) -> bool:
    return _positive(facts.planned_investment_cny)


def plans_revenue(facts: LeadFacts) -> bool:
    return _positive(facts.planned_revenue_cny)


def plans_headcount(facts: LeadFacts) -> bool:
    return _positive(facts.planned_headcount)


def has_district(facts: LeadFacts) -> bool:
    """A park stands in a district, and not every place is in a park: the district decides."""
    return facts.district_id is not None


def has_next_step(facts: LeadFacts) -> bool:
    return _written(facts.next_step)


def dated_next_step(facts: LeadFacts) -> bool:
    return facts.next_step_on is not None


def was_signed(facts: LeadFacts) -> bool:
    return facts.signed_on is not None


def signed_amount(facts: LeadFacts) -> bool:
    return _positive(facts.signed_investment_cny)


def has_agreement(facts: LeadFacts) -> bool:
    return facts.has_agreement


def has_approved_offer(facts: LeadFacts) -> bool:
    return facts.offer_ready


def has_local_company(facts: LeadFacts) -> bool:
    return facts.local_company_id is not None


def has_credit_code(facts: LeadFacts) -> bool:
    return facts.credit_code_holds


def has_capital(facts: LeadFacts) -> bool:
    return _positive(facts.registered_capital_cny)


def was_registered(facts: LeadFacts) -> bool:
    return facts.registered_on is not None


def has_premises(facts: LeadFacts) -> bool:
    return facts.has_premises


def employs_people(facts: LeadFacts) -> bool:
    return _positive(facts.employees)


def has_landed(facts: LeadFacts) -> bool:
    return facts.landed_on is not None


def _written(text: str | None) -> bool:
    return bool(text and text.strip())


def _positive(number: int | None) -> bool:
    return number is not None and number > 0


GATES: dict[str, Gate] = {
    "company": Gate(msg("企业"), has_company, msg("请选一家企业。")),
    "segment": Gate(msg("产业链环节"), has_segment, msg("请选它属于产业链的哪个环节。")),
    "channel": Gate(msg("线索来源"), has_channel, msg("请选线索从哪里来。")),
    "owner": Gate(msg("负责人"), has_owner, msg("请选由谁负责。")),
    "team": Gate(msg("招商小分队"), has_team, msg("请选由哪支小分队负责。")),
    "touch": Gate(msg("有效接触"), was_touched, msg("先记一次见到人的走访或电话，写上见了谁。")),
    "need": Gate(msg("企业诉求"), said_what_they_want, msg("用一句话写下对方想要什么。")),
    "visit": Gate(
        msg("走访"), was_visited, msg("先记一次走访：上门、来访或约好的视频，电话和消息不算。")
    ),
    "planned_investment_cny": Gate(msg("计划总投资"), plans_investment, msg("请填计划总投资。")),
    "planned_revenue_cny": Gate(
        msg("三年软件收入"), plans_revenue, msg("请填预计第三年的软件业务收入。")
    ),
    "planned_headcount": Gate(msg("三年用工"), plans_headcount, msg("请填预计第三年的员工人数。")),
    "district": Gate(msg("意向区县"), has_district, msg("请选意向区县；看中园区的，选到园区。")),
    "next_step": Gate(msg("下一步"), has_next_step, msg("写下下一步做什么。")),
    "next_step_on": Gate(msg("下一步日期"), dated_next_step, msg("请给下一步选一个日期。")),
    "signed_on": Gate(msg("签约日期"), was_signed, msg("请填签约日期。")),
    "signed_investment_cny": Gate(msg("签约投资额"), signed_amount, msg("请填签约投资额。")),
    "agreement": Gate(msg("签好的协议"), has_agreement, msg("请上传签好的协议。")),
    "offer": Gate(
        msg("政策测算"),
        has_approved_offer,
        msg("请由提出人以外的人批准政策测算，或记录“不申请扶持”。"),
    ),
    "local_company": Gate(msg("本地公司"), has_local_company, msg("请登记在本地成立的公司。")),
    "credit_code": Gate(
        msg("统一社会信用代码"),
        has_credit_code,
        msg("请填本地公司的统一社会信用代码，18 位，末位是校验码。"),
    ),
    "registered_capital_cny": Gate(msg("注册资本"), has_capital, msg("请填注册资本。")),
    "registered_on": Gate(msg("注册日期"), was_registered, msg("请填注册日期。")),
    "premises": Gate(msg("办公场地"), has_premises, msg("请填场地：区县或园区、面积和起租日期。")),
    "employees": Gate(msg("本地员工"), employs_people, msg("请填首批本地员工人数。")),
    "landed_on": Gate(msg("落地日期"), has_landed, msg("请填落地日期。")),
}


def checks_for(facts: LeadFacts, target: Stage, current: Stage | None = None) -> list[Check]:
    """Every check on the way from ``current`` (nothing yet: from the start) up to ``target``."""
    return [
        Check(field, info.stage, gate.label, gate.todo, gate.met(facts))
        for info in between(current, target)
        for field, gate in ((name, GATES[name]) for name in info.checks)
    ]


def missing_for(facts: LeadFacts, target: Stage, current: Stage | None = None) -> list[Check]:
    """What is still missing on the whole way; empty when the lead may go, or goes backward."""
    return [check for check in checks_for(facts, target, current) if not check.met]
