"""What a board is grouped by, and the columns that this gives."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.leads.filters import Condition
from crm.leads.stages import stages
from crm.messages import Name, Value, msg
from models import db
from models.lead import Lead
from models.place import District
from models.team import Team

NOWHERE = "none"


class Group(enum.StrEnum):
    """What the columns of a board are."""

    STAGE = "stage"
    DISTRICT = "district"
    TEAM = "team"


# The column of a lead that says which lane it is in.
COLUMNS: dict[Group, Any] = {
    Group.STAGE: Lead.stage,
    Group.DISTRICT: Lead.district_id,
    Group.TEAM: Lead.team_id,
}


@dataclass(frozen=True)
class Lane:
    """One column: its code, its name, and what its leads have in the group's column."""

    group: Group
    key: str
    name: Value
    value: Any

    @property
    def condition(self) -> Condition:
        """The leads that stand in it."""
        column = COLUMNS[self.group]
        found: Condition = column.is_(None) if self.value is None else column == self.value
        return found

    @property
    def place(self) -> str:
        """The lane of a district as the one choice of a place that people make."""
        return f"district:{self.key}" if self.value is not None else ""


def lanes(group: Group) -> Sequence[Lane]:
    """The columns in their order (districts and teams: one statement)."""
    match group:
        case Group.STAGE:
            return [Lane(group, one.stage.value, one.name, one.stage) for one in stages()]
        case Group.DISTRICT:
            districts = db.session.scalars(sa.select(District).order_by(District.position))
            return [
                Lane(group, NOWHERE, msg("未定"), None),
                *(Lane(group, one.code, Name(one.short_zh, one.en), one.id) for one in districts),
            ]
        case Group.TEAM:
            teams = db.session.scalars(sa.select(Team).order_by(Team.sort))
            return [
                Lane(group, one.code, Name(one.short_zh, one.short_en), one.id) for one in teams
            ]


def value_of(lead: Lead, group: Group) -> Any:
    """What says in which lane the lead is."""
    return getattr(lead, COLUMNS[group].key)
