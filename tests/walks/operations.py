"""Which roles may use which operation of the API. Written by hand, as the table of pages is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.enums import Role
from tests.walks.table import EVERYBODY, LEAD_READERS, SCOUTING, VISITORS, Row
from tests.walks.world import World

OFFER_READERS = LEAD_READERS - {Role.LIAISON_LEADER}
DECIDERS = frozenset({Role.MANAGER})
MADE = frozenset({201})
READ = frozenset({200})

# A body that the operation accepts, made of the world's own or foreign records.
Body = Callable[[World, str], dict[str, Any]]


def _reads(roles: frozenset[Role], *, scoped: bool = False) -> Row:
    return Row(roles, READ, refused=404, scoped=scoped)


def _writes(roles: frozenset[Role], answers: frozenset[int] = MADE, *, scoped: bool = False) -> Row:
    return Row(roles, answers, refused=403, scoped=scoped)


OPERATIONS: dict[tuple[str, str], Row] = {
    ("api.codes.index", "GET"): _reads(EVERYBODY),
    ("api.codes.me", "GET"): _reads(EVERYBODY),
    ("api.goals.index", "GET"): _reads(EVERYBODY),
    ("api.chain_map.index", "GET"): _reads(EVERYBODY),
    ("api.chain_map.show", "GET"): _reads(EVERYBODY),
    ("api.targets.index", "GET"): _reads(EVERYBODY),
    ("api.targets.show", "GET"): _reads(EVERYBODY),
    ("api.targets.edition", "GET"): _reads(EVERYBODY),
    ("api.targets.entries", "GET"): _reads(EVERYBODY),
    ("api.companies.index", "GET"): _reads(EVERYBODY),
    ("api.companies.show", "GET"): _reads(EVERYBODY),
    ("api.companies.create", "POST"): _writes(SCOUTING),
    ("api.companies.change", "PATCH"): _writes(SCOUTING, READ),
    ("api.contacts.index", "GET"): _reads(EVERYBODY),
    ("api.contacts.show", "GET"): _reads(EVERYBODY),
    ("api.contacts.create", "POST"): _writes(VISITORS),
    ("api.contacts.change", "PATCH"): _writes(VISITORS, READ),
    ("api.leads.index", "GET"): _reads(LEAD_READERS),
    ("api.leads.show", "GET"): _reads(LEAD_READERS, scoped=True),
    # Whoever has no team names one, and managers an owner: a refusal that says so.
    ("api.leads.create", "POST"): _writes(SCOUTING, frozenset({201, 422})),
    ("api.leads.change", "PATCH"): _writes(SCOUTING, READ, scoped=True),
    ("api.leads.stage_changes", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.leads.move", "POST"): _writes(SCOUTING, scoped=True),
    ("api.visits.index", "GET"): _reads(LEAD_READERS),
    ("api.visits.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.visits.create", "POST"): _writes(VISITORS, frozenset({200, 201})),
    ("api.tasks.index", "GET"): _reads(LEAD_READERS),
    ("api.tasks.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.tasks.create", "POST"): _writes(SCOUTING),
    ("api.tasks.change", "PATCH"): _writes(SCOUTING, READ, scoped=True),
    ("api.offers.index", "GET"): _reads(OFFER_READERS),
    ("api.offers.show", "GET"): _reads(OFFER_READERS, scoped=True),
    # The world's offer waits: no second version beside it.
    ("api.offers.create", "POST"): _writes(SCOUTING, frozenset({422})),
    ("api.offers.decide", "POST"): _writes(DECIDERS, scoped=True),
    # A manager has decided it by then, or it is a colleague's.
    ("api.offers.withdraw", "POST"): _writes(SCOUTING, frozenset({201, 403, 409}), scoped=True),
    ("api.reminders.index", "GET"): _reads(LEAD_READERS),
}


def _a_lead(world: World, which: str) -> str:
    return world.ids["leads"].get(which, "zzzzzzzzzzzz")


BODIES: dict[str, Body] = {
    "api.companies.create": lambda _w, _which: {"name": "走一走软件有限公司"},
    "api.companies.change": lambda _w, _which: {"short_name": "走一走"},
    "api.contacts.create": lambda w, _which: {
        "company": w.ids["companies"]["own"],
        "name": "何思远",
    },
    "api.contacts.change": lambda _w, _which: {"title": "总经理"},
    "api.leads.create": lambda w, _which: {
        "company": w.ids["companies"]["own"],
        "project": "第二个项目",
        "segment": "FND-DB",
        "channel": "resident",
    },
    "api.leads.change": lambda _w, _which: {"need": "要一层楼"},
    "api.leads.move": lambda _w, _which: {"to_status": "lost", "reason": "走一走"},
    "api.visits.create": lambda w, which: {
        "lead": _a_lead(w, which),
        "client_key": f"walk-{which}-1",
        "mode": "call",
        "occurred_at": "2026-11-25T10:00:00+08:00",
        "reached": False,
    },
    "api.offers.create": lambda w, which: {
        "lead": _a_lead(w, which),
        "no_incentive": True,
        "note": "企业书面放弃",
    },
    "api.offers.decide": lambda _w, _which: {"decision": "approve"},
    "api.offers.withdraw": lambda _w, _which: {},
    "api.tasks.create": lambda w, which: {
        "lead": _a_lead(w, which),
        "text": "再联系",
        "due_on": "2099-12-01",
    },
    "api.tasks.change": lambda _w, _which: {"due_on": "2099-12-02"},
}
