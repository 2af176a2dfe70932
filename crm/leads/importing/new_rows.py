"""A ledger's row as rows of the tables: the lead, its claim, next step, notes and first moves.

Builds, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from crm import clock
from crm.leads.clock import StageClock, protected_until, stalls_on
from crm.leads.importing.directory import Directory
from crm.leads.importing.matching import Result
from crm.leads.importing.staging import REASON
from models.enums import Stage, Status, TaskKind, TaskState

# How long a project rests of which a ledger gives no day.
REST = timedelta(days=90)
LONGEST_WHY = 1900
Record = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """What a row becomes; ``today`` is the day of ``now``, ``actor_id`` who imports it."""

    directory: Directory
    actor_id: int | None
    now: datetime
    today: date

    def lead(self, result: Result, company_id: int) -> Record:
        """The lead of a new row, as the ledger says it stands."""
        line, stage = result.line, result.stage or Stage.IDENTIFIED
        status = line.status
        clock_ = StageClock(self.today)
        held = status is Status.ON_HOLD
        whose = {"owner_id": line.owner_id, "team_id": line.team_id}
        return {
            "company_id": company_id,
            "project": line.project,
            "stage": stage,
            "status": status,
            "hold_until": self.today + REST if held else None,
            "held_since": self.today if held else None,
            "held_days": 0,
            "created_at": self.now,
            "created_by_id": self.actor_id or line.owner_id,
            "updated_at": self.now,
            "stage_since": self.today,
            "stalls_on": stalls_on(stage, clock_, status),
            "next_step_on": line.next_step_on if result.new_step else None,
            **result.values,
            **whose,
        }

    def claim(self, lead: Record) -> Record:
        """Its team holds the company from today."""
        return {
            "lead_id": lead["id"],
            "team_id": lead["team_id"],
            "from_on": self.today,
            "protected_until": protected_until(self.today, None),
        }

    def step(self, lead_id: int, owner_id: int, result: Result) -> Record:
        """The next step of a row, which the owner is to do."""
        return {
            "lead_id": lead_id,
            "kind": TaskKind.NEXT_STEP,
            "state": TaskState.OPEN,
            "text": result.line.next_step,
            "due_on": result.line.next_step_on,
            "assignee_id": owner_id,
            "created_by_id": self.actor_id,
            "created_at": self.now,
        }

    def notes(self, lead_id: int, result: Result) -> list[Record]:
        """What the ledger tells of earlier days and the lead does not have yet."""
        notes = {result.line.notes[i].key: result.line.notes[i] for i in result.new_notes}
        return [
            {
                "lead_id": lead_id,
                "key": key,
                "heading": note.heading,
                "text": note.text,
                "author_name": note.author,
                "author_id": self.directory.account(note.author) if note.author else None,
                "occurred_at": _noon(note.on) if note.on else None,
                "recorded_at": self.now,
            }
            for key, note in notes.items()
        ]

    def stage_changes(self, lead: Record, result: Result) -> list[Record]:
        """Registered first; then, where the ledger is further, the move that it brought."""
        stage, status = lead["stage"], lead["status"]
        facts = result.facts.as_json() | {"company_id": lead["company_id"]}
        common = {
            "lead_id": lead["id"],
            "facts": facts,
            "actor_id": self.actor_id,
            "occurred_at": self.now,
            "recorded_at": self.now,
        }
        first = {
            **common,
            "seq": 1,
            "from_stage": None,
            "to_stage": Stage.IDENTIFIED,
            "from_status": None,
            "to_status": Status.ACTIVE,
            "reason": REASON,
        }
        if (stage, status) == (Stage.IDENTIFIED, Status.ACTIVE):
            return [first]
        why = result.line.reason[:LONGEST_WHY] if status is not Status.ACTIVE else ""
        second = {
            **first,
            "seq": 2,
            "from_stage": Stage.IDENTIFIED,
            "to_stage": stage,
            "from_status": Status.ACTIVE,
            "to_status": status,
            "reason": f"{REASON}：{why}" if why else REASON,
        }
        return [first, second]


def _noon(day: date) -> datetime:
    """A day's note stands in the middle of it, whatever the reader's clock."""
    return datetime.combine(day, time(12), clock.ZONE)
