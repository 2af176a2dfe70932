"""The trail: who changed what, when, from what to what. One mechanism writes it."""

from crm.audit.acting import Acting, acting, current, set_acting
from crm.audit.recorder import install, note

__all__ = ["Acting", "acting", "current", "install", "note", "set_acting"]
