"""Who may see and do what: a table, and the same as conditions of queries."""

from crm.access.actor import Actor, load_actor
from crm.access.archive import in_trash, present
from crm.access.conditions import (
    in_scope,
    may_see_offers,
    may_write,
    may_write_held,
    readable_lead,
    sees_the_city,
    visible_attachments,
    visible_beyond_teams,
    visible_leads,
    visible_offers,
    visible_parts,
    visible_visits,
    writable_leads,
    writable_premises,
)
from crm.access.policy import Right, allowed, require
from crm.access.readers import readers_of, writers_of
from crm.access.scopes import Scope, scopes

__all__ = [
    "Actor",
    "Right",
    "Scope",
    "allowed",
    "in_scope",
    "in_trash",
    "load_actor",
    "may_see_offers",
    "may_write",
    "may_write_held",
    "present",
    "readable_lead",
    "readers_of",
    "require",
    "scopes",
    "sees_the_city",
    "visible_attachments",
    "visible_beyond_teams",
    "visible_leads",
    "visible_offers",
    "visible_parts",
    "visible_visits",
    "writable_leads",
    "writable_premises",
    "writers_of",
]
