"""Which roles may use which operation of the API. Written by hand, as the table of pages is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.enums import Role
from tests.files.making import PDF
from tests.walks.rows import (
    CITYWIDE,
    EVERYBODY,
    IMPORTERS,
    LEAD_READERS,
    SCOUTING,
    SPACE_WRITERS,
    VISITORS,
    Row,
)
from tests.walks.world import World

OFFER_READERS = LEAD_READERS - {Role.LIAISON_LEADER}
DECIDERS = frozenset({Role.MANAGER})
MADE = frozenset({201})
READ = frozenset({200})
GONE = frozenset({204})

# A body that the operation accepts, made of the world's own or foreign records; a file is bytes.
Body = Callable[[World, str], dict[str, Any] | bytes]


def _reads(roles: frozenset[Role], *, scoped: bool = False) -> Row:
    return Row(roles, READ, refused=404, scoped=scoped)


def _writes(roles: frozenset[Role], answers: frozenset[int] = MADE, *, scoped: bool = False) -> Row:
    return Row(roles, answers, refused=403, scoped=scoped)


OPERATIONS: dict[tuple[str, str], Row] = {
    ("api.codes.index", "GET"): _reads(EVERYBODY),
    ("api.codes.me", "GET"): _reads(EVERYBODY),
    ("api.goals.index", "GET"): _reads(EVERYBODY),
    ("api.goals.landings", "GET"): _reads(EVERYBODY),
    ("api.goals.show_landings", "GET"): _reads(EVERYBODY),
    ("api.goals.set_landings", "PATCH"): _writes(IMPORTERS, READ),
    ("api.goals.clear_landings", "DELETE"): _writes(IMPORTERS, GONE),
    ("api.chain_map.index", "GET"): _reads(EVERYBODY),
    ("api.chain_map.show", "GET"): _reads(EVERYBODY),
    ("api.chain_map.judge", "POST"): _writes(DECIDERS),
    ("api.chain_map.show_judgement", "GET"): _reads(EVERYBODY),
    # Another was made since: only what stands can be withdrawn.
    ("api.chain_map.withdraw", "DELETE"): _writes(DECIDERS, GONE | {409}),
    ("api.targets.index", "GET"): _reads(EVERYBODY),
    ("api.targets.show", "GET"): _reads(EVERYBODY),
    ("api.targets.edition", "GET"): _reads(EVERYBODY),
    ("api.targets.entries", "GET"): _reads(EVERYBODY),
    # An edition has no such entry: the refusal says so.
    ("api.targets.assign", "POST"): _writes(DECIDERS, frozenset({422})),
    ("api.companies.index", "GET"): _reads(EVERYBODY),
    ("api.companies.show", "GET"): _reads(EVERYBODY),
    ("api.companies.create", "POST"): _writes(SCOUTING),
    ("api.companies.change", "PATCH"): _writes(SCOUTING, READ),
    ("api.mergers.index", "GET"): _reads(EVERYBODY),
    ("api.mergers.show", "GET"): _reads(EVERYBODY),
    # A company is no other one: the refusal says so.
    ("api.mergers.create", "POST"): _writes(IMPORTERS, frozenset({422})),
    # The next one finds them parted.
    ("api.mergers.part", "DELETE"): _writes(IMPORTERS, GONE | {404}),
    ("api.figures.index", "GET"): _reads(LEAD_READERS),
    ("api.figures.create", "POST"): _writes(SCOUTING),
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
    ("api.premises.index", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.premises.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.premises.create", "POST"): _writes(SPACE_WRITERS, scoped=True),
    ("api.premises.change", "PATCH"): _writes(SPACE_WRITERS, READ, scoped=True),
    # Once there is a second, one can go.
    ("api.premises.remove", "DELETE"): _writes(SPACE_WRITERS, GONE, scoped=True),
    ("api.visits.remove", "DELETE"): _writes(VISITORS, GONE | {403}, scoped=True),
    ("api.contacts.remove", "DELETE"): _writes(VISITORS, GONE),
    # It has leads: the refusal says so.
    ("api.companies.remove", "DELETE"): _writes(IMPORTERS, frozenset({422})),
    ("api.attachments.index", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.attachments.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.attachments.content", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.attachments.create_on_lead", "POST"): _writes(VISITORS, scoped=True),
    ("api.attachments.create_on_visit", "POST"): _writes(VISITORS, scoped=True),
    # A manager has decided it by then.
    ("api.attachments.create_on_offer", "POST"): _writes(
        SCOUTING, frozenset({201, 422}), scoped=True
    ),
    # Who brought it takes it away, and who may change its lead.
    ("api.attachments.remove", "DELETE"): _writes(VISITORS, GONE | {403}, scoped=True),
    ("api.visits.index", "GET"): _reads(LEAD_READERS),
    ("api.visits.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.visits.create", "POST"): _writes(VISITORS, frozenset({200, 201})),
    ("api.tasks.index", "GET"): _reads(LEAD_READERS),
    ("api.tasks.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.tasks.create", "POST"): _writes(SCOUTING),
    # A next step is for who may change the lead; a directive, for who gave it and who is asked.
    ("api.tasks.change", "PATCH"): _writes(VISITORS, READ | {403}, scoped=True),
    ("api.reports.overview", "GET"): _reads(LEAD_READERS),
    ("api.reports.landing_forecast", "GET"): _reads(LEAD_READERS),
    ("api.reports.coverage", "GET"): _reads(EVERYBODY),
    ("api.reports.ledger", "GET"): _reads(LEAD_READERS),
    ("api.reports.pipeline", "GET"): _reads(CITYWIDE),
    ("api.offers.index", "GET"): _reads(OFFER_READERS),
    ("api.offers.show", "GET"): _reads(OFFER_READERS, scoped=True),
    # The world's offer waits: no second version beside it.
    ("api.offers.create", "POST"): _writes(SCOUTING, frozenset({422})),
    ("api.offers.decide", "POST"): _writes(DECIDERS, scoped=True),
    # A manager has decided it by then, or is to.
    ("api.offers.withdraw", "POST"): _writes(SCOUTING, frozenset({201, 403, 409}), scoped=True),
    ("api.trips.index", "GET"): _reads(LEAD_READERS),
    ("api.trips.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.trips.create", "POST"): _writes(SCOUTING),
    ("api.trips.change", "PATCH"): _writes(SCOUTING, READ, scoped=True),
    ("api.trips.add_stop", "POST"): _writes(SCOUTING, scoped=True),
    ("api.trips.change_stop", "PATCH"): _writes(SCOUTING, READ, scoped=True),
    ("api.trips.remove_stop", "DELETE"): _writes(SCOUTING, GONE, scoped=True),
    ("api.events.index", "GET"): _reads(LEAD_READERS),
    ("api.events.show", "GET"): _reads(LEAD_READERS),
    ("api.events.create", "POST"): _writes(SCOUTING),
    ("api.events.change", "PATCH"): _writes(SCOUTING, READ),
    ("api.events.list_invitations", "GET"): _reads(LEAD_READERS),
    ("api.events.show_invitation", "GET"): _reads(LEAD_READERS),
    # Whoever comes second finds the company on the list.
    ("api.events.invite", "POST"): _writes(SCOUTING, frozenset({201, 422})),
    ("api.events.change_invitation", "PATCH"): _writes(SCOUTING, READ),
    ("api.events.remove_invitation", "DELETE"): _writes(SCOUTING, GONE),
    ("api.events.link_lead", "POST"): _writes(SCOUTING),
    ("api.events.unlink_lead", "DELETE"): _writes(SCOUTING, GONE),
    # For who wrote it down, the lead of its team and managers.
    ("api.events.remove", "DELETE"): _writes(SCOUTING, GONE | {403}),
    ("api.referrals.index", "GET"): _reads(LEAD_READERS),
    ("api.referrals.show", "GET"): _reads(LEAD_READERS),
    ("api.referrals.create", "POST"): _writes(SCOUTING),
    ("api.referrals.remove", "DELETE"): _writes(SCOUTING, GONE),
    ("api.appointments.index", "GET"): _reads(LEAD_READERS),
    ("api.appointments.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("api.appointments.create", "POST"): _writes(VISITORS, frozenset({200, 201})),
    # For who takes part and who works on its lead.
    ("api.appointments.change", "PATCH"): _writes(VISITORS, READ | {403}, scoped=True),
    ("api.reminders.index", "GET"): _reads(LEAD_READERS),
    # A directive waits on the world's own lead: what somebody waits for is not put off.
    ("api.snoozes.create", "POST"): _writes(SCOUTING, frozenset({201, 409, 422}), scoped=True),
}


def _a_lead(world: World, which: str) -> str:
    return world.ids["leads"].get(which, "zzzzzzzzzzzz")


BODIES: dict[str, Body] = {
    "api.targets.assign": lambda _w, _which: {"keys": ["没有这一家"]},
    "api.chain_map.judge": lambda world, _which: {
        "gap": "strong",
        "reason": "走一走",
        "replaces": world.ids["chain_judgements"]["own"],
    },
    "api.goals.set_landings": lambda _w, _which: {"landings": 12},
    "api.companies.create": lambda _w, _which: {"name": "走一走软件有限公司"},
    "api.companies.change": lambda _w, _which: {"short_name": "走一走"},
    "api.mergers.create": lambda w, _which: {"other": w.ids["companies"]["own"]},
    "api.figures.create": lambda _w, _which: {"year": 2024, "employees": 1500},
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
    "api.snoozes.create": lambda _w, _which: {"until": "2099-12-01"},
    "api.leads.move": lambda _w, _which: {"to_status": "lost", "reason": "走一走"},
    "api.premises.create": lambda _w, _which: {
        "park": "nanhu",
        "area_m2": 800,
        "lease_start": "2026-11-01",
    },
    "api.premises.change": lambda _w, _which: {"address": "3 号楼"},
    "api.attachments.create_on_lead": lambda _w, _which: PDF,
    "api.attachments.create_on_visit": lambda _w, _which: PDF,
    "api.attachments.create_on_offer": lambda _w, _which: PDF,
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
    "api.trips.create": lambda _w, _which: {
        "city": "beijing",
        "first_on": "2026-12-01",
        "last_on": "2026-12-03",
        "purpose": "走一走",
    },
    "api.trips.change": lambda _w, _which: {"purpose": "再走一走"},
    "api.trips.add_stop": lambda w, _which: {"company": w.ids["companies"]["own"]},
    "api.trips.change_stop": lambda _w, _which: {"note": "十点"},
    "api.events.create": lambda _w, _which: {
        "name": "走一走推介会",
        "channel": "conference",
        "starts_on": "2026-12-08",
    },
    "api.events.change": lambda _w, _which: {"venue": "国际会展中心"},
    "api.events.invite": lambda w, _which: {"company": w.ids["companies"]["own"], "name": "何平"},
    "api.events.change_invitation": lambda _w, _which: {"reply": "accepted"},
    "api.events.link_lead": lambda w, which: {"lead": _a_lead(w, which)},
    "api.referrals.create": lambda w, which: {"lead": _a_lead(w, which), "source": "行业协会"},
    "api.appointments.create": lambda w, which: {
        "lead": _a_lead(w, which),
        "client_key": f"walk-{which}-appointment",
        "mode": "call",
        "starts_at": "2027-01-08T10:00:00+08:00",
    },
    "api.appointments.change": lambda _w, _which: {"place": "智创园"},
    "api.tasks.create": lambda w, which: {
        "lead": _a_lead(w, which),
        "text": "再联系",
        "due_on": "2099-12-01",
    },
    "api.tasks.change": lambda _w, _which: {"due_on": "2099-12-02"},
}

# What an address asks for beside its path.
QUERIES: dict[str, Callable[[World], str]] = {
    "api.contacts.index": lambda w: f"company={w.ids['companies']['own']}",
    "api.reports.pipeline": lambda _w: "known_at=2026-11-25T00:00:00Z",
    "api.attachments.create_on_lead": lambda _w: "name=1.pdf",
    "api.attachments.create_on_visit": lambda _w: "name=1.pdf",
    "api.attachments.create_on_offer": lambda _w: "name=1.pdf",
}
