"""Who is who on the walk, and what a row of its tables says."""

from __future__ import annotations

from dataclasses import dataclass

from models.enums import Role

EVERYBODY = frozenset(Role)
SCOUTING = frozenset({Role.SCOUT, Role.TEAM_LEAD, Role.MANAGER})
LEAD_READERS = SCOUTING | {Role.PARK_OFFICER, Role.LIAISON_LEADER, Role.AUDITOR}
SPACE_WRITERS = SCOUTING | {Role.PARK_OFFICER}
VISITORS = SCOUTING | {Role.PARK_OFFICER, Role.LIAISON_LEADER}
LEAD_IMPORTERS = frozenset({Role.TEAM_LEAD, Role.MANAGER})
OFFER_READERS = SCOUTING | {Role.PARK_OFFICER, Role.AUDITOR}
PROMISE_READERS = OFFER_READERS
MANAGERS = frozenset({Role.MANAGER})
DIRECTING = MANAGERS | {Role.LIAISON_LEADER}
IMPORTERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ACCOUNT_READERS = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})
ACCOUNT_WRITERS = frozenset({Role.ADMINISTRATOR})
OUTBOX_READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

# Who sees the leads of all teams; for everybody else another team's lead is not there.
CITYWIDE = frozenset({Role.MANAGER, Role.AUDITOR})

SHOWN = frozenset({200})
GONE_ON = frozenset({302})
# A form sent empty is refused at its fields, or there was nothing to fill in.
SENT = frozenset({200, 201, 302, 409, 422})
# What a colleague said they read, and only the one who said it changes it.
THEIRS = SENT | {403}


@dataclass(frozen=True)
class Row:
    """One route and method.

    ``roles`` may use it and get one of ``answers``; the others get ``refused``. ``scoped``: of
    another team's record, who is not citywide gets 404 whatever the method. ``public``: signed out
    is answered too, else sent to sign in.
    """

    roles: frozenset[Role]
    answers: frozenset[int] = SHOWN
    refused: int = 404
    scoped: bool = False
    public: bool = False


def reads(roles: frozenset[Role], **more: bool) -> Row:
    """A page that these may read."""
    return Row(roles, **more)


def writes(roles: frozenset[Role], refused: int = 404, **more: bool) -> Row:
    """A form that these may send."""
    return Row(roles, SENT, refused, **more)


LANDING_GOALS: dict[tuple[str, str], Row] = {
    ("landing_goals.index", "GET"): Row(IMPORTERS, refused=403),
    ("landing_goals.edit", "GET"): Row(IMPORTERS, refused=403),
    ("landing_goals.update", "POST"): writes(IMPORTERS, 403),
    ("landing_goals.remove", "POST"): writes(IMPORTERS, 403),
    # It has no way back to read.
    ("landing_goals.restore", "POST"): writes(IMPORTERS, 403),
}

# Companies are everybody's: who puts one away or merges it does so for all.
ONE_FILE_A_COMPANY: dict[tuple[str, str], Row] = {
    ("removals.of_company", "GET"): Row(IMPORTERS, refused=403),
    ("removals.of_company", "POST"): writes(IMPORTERS, 403),
    ("mergers.index", "GET"): Row(IMPORTERS, refused=403),
    ("mergers.new", "GET"): Row(IMPORTERS, refused=403),
    ("mergers.create", "POST"): writes(IMPORTERS, 403),
    # The next one finds them parted.
    ("mergers.part", "POST"): Row(IMPORTERS, SENT | {404}, 403),
}
