"""What may be said of a local company, in words."""

from __future__ import annotations

from crm.companies.figures import LICENCE, REPORTED, SOURCE_WORDS
from crm.messages import Message, msg
from models.lead import EntityPhase

__all__ = ["EMPLOYEE_SOURCES", "LICENCE", "PHASE_WORDS", "REPORTED", "SOURCE_WORDS"]

# What may be chosen for the number of employees, the usual one first.
EMPLOYEE_SOURCES = (REPORTED, "social_insurance", "visit")

PHASE_WORDS: dict[EntityPhase, Message] = {
    EntityPhase.REGISTERED: msg("已注册"),
    EntityPhase.LANDED: msg("已落地"),
}
