"""The trail: who changed what, when, from what to what. One mechanism writes it (``recorder``)."""

from crm.audit.acting import Acting, acting, current, set_acting

__all__ = ["Acting", "acting", "current", "set_acting"]
