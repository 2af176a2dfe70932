"""Where a figure of a local company comes from, in words."""

from __future__ import annotations

from crm.messages import Message, msg
from models.lead import EntityPhase

LICENCE = "licence"
REPORTED = "company"

SOURCE_WORDS: dict[str, Message] = {
    REPORTED: msg("企业提供"),
    "social_insurance": msg("社保参保"),
    "visit": msg("走访所见"),
    LICENCE: msg("营业执照"),
}

# What may be chosen for the number of employees, the usual one first.
EMPLOYEE_SOURCES = (REPORTED, "social_insurance", "visit")

PHASE_WORDS: dict[EntityPhase, Message] = {
    EntityPhase.REGISTERED: msg("已注册"),
    EntityPhase.LANDED: msg("已落地"),
}
