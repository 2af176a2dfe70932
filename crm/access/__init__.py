"""Who may see and do what: a table, and the same as conditions of queries."""

from crm.access.actor import Actor, held_on, load_actor, with_actor
from crm.access.archive import archived_keys, present
from crm.access.conditions import (
    first_by_team,
    in_scope,
    may_see_offers,
    may_see_promise,
    may_write,
    may_write_held,
    no_hidden_promise,
    readable_lead,
    sees_the_city,
    takes_part,
    visible_appointments,
    visible_attachments,
    visible_beyond_teams,
    visible_leads,
    visible_offers,
    visible_parts,
    visible_promises,
    visible_visits,
    writable_leads,
    writable_premises,
)
from crm.access.policy import Right, allowed, require
from crm.access.readers import readers_of, writers_of
from crm.access.scopes import Scope, scopes
from crm.access.trash import in_trash, removable_visits, visits_in_trash
from crm.access.trips import trip_scopes, trips_in, visible_trips, writable_trips

__all__ = [
    "Actor",
    "Right",
    "Scope",
    "allowed",
    "archived_keys",
    "first_by_team",
    "held_on",
    "in_scope",
    "in_trash",
    "load_actor",
    "may_see_offers",
    "may_see_promise",
    "may_write",
    "may_write_held",
    "no_hidden_promise",
    "present",
    "readable_lead",
    "readers_of",
    "removable_visits",
    "require",
    "scopes",
    "sees_the_city",
    "takes_part",
    "trip_scopes",
    "trips_in",
    "visible_appointments",
    "visible_attachments",
    "visible_beyond_teams",
    "visible_leads",
    "visible_offers",
    "visible_parts",
    "visible_promises",
    "visible_trips",
    "visible_visits",
    "visits_in_trash",
    "with_actor",
    "writable_leads",
    "writable_premises",
    "writable_trips",
    "writers_of",
]
