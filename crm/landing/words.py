"""What may be said of a local company, in words."""

from __future__ import annotations

from crm.companies.figures import LICENCE, REPORTED, SOURCE_WORDS
from crm.leads.facts import CAPITAL, EMPLOYEES, FUNDS
from crm.messages import Message, msg
from models.lead import EntityPhase

__all__ = [
    "EMPLOYEE_SOURCES",
    "FIGURE_WORDS",
    "LICENCE",
    "PHASE_WORDS",
    "REPORTED",
    "SOURCE_WORDS",
    "SPACE_WORDS",
]

# What may be chosen for the number of employees, the usual one first.
EMPLOYEE_SOURCES = (REPORTED, "social_insurance", "visit")

PHASE_WORDS: dict[EntityPhase, Message] = {
    EntityPhase.REGISTERED: msg("已注册"),
    EntityPhase.LANDED: msg("已落地"),
}

# The figures of a local company that its lead's page shows.
FIGURE_WORDS: dict[str, Message] = {
    CAPITAL: msg("注册资本"),
    FUNDS: msg("到位资金"),
    EMPLOYEES: msg("本地员工"),
}

# What is said of premises beside their place.
SPACE_WORDS: dict[str, Message] = {
    "address": msg("地址"),
    "area_m2": msg("面积"),
    "lease_start": msg("起租日期"),
    "lease_end": msg("到期日期"),
}
