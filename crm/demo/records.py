"""The verbs of the story as the services would have recorded them, on rows instead of objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from crm.clock import local_date
from crm.demo.bulk import Bulk, Row
from crm.demo.trail import Trail
from crm.leads.clock import StageClock, protected_until, stalls_on
from crm.leads.gates import LeadFacts
from crm.leads.rules import LeadState, Move, MoveRequest, decide_move
from models.base import public_id_from
from models.enums import Stage, Status, TaskKind, TaskState

Values = dict[str, Any]


@dataclass(slots=True)
class Company:
    """What the story remembers of a company."""

    id: int
    name: str
    created_at: datetime | None = None
    last_touch_at: datetime | None = None
    cadence_days: int = 60
    contacts: list[tuple[int, str]] = field(default_factory=list)
    leads: list[LeadFile] = field(default_factory=list)
    relatives: list[Company] = field(default_factory=list)
    segments: set[int] = field(default_factory=set)


@dataclass(slots=True)
class LeadFile:
    """What the story remembers of a lead: its columns, and what the gates look at."""

    values: Values
    company: Company
    version: Row | None = None
    claim: Values | None = None
    step: Values | None = None
    moves: int = 0
    touched: bool = False
    visited: bool = False
    has_agreement: bool = False
    offer: Values | None = None
    offer_lines: list[Values] = field(default_factory=list)
    offers: int = 0
    offer_ready: bool = False
    local_company: Values | None = None
    capital: int | None = None
    employees: int | None = None
    entity: Values | None = None
    premises: bool = False


class Records:
    """Changes leads, tasks, claims and companies, each with its trail."""

    def __init__(self, bulk: Bulk, trail: Trail, random: Random) -> None:
        self.bulk = bulk
        self.trail = trail
        self.random = random

    def new_lead(self, file: LeadFile, today: date) -> None:
        """A lead with its claim and first stage change; the caller has filled its columns."""
        lead = file.values
        lead["stalls_on"] = stalls_on(lead["stage"], StageClock(today), lead["status"])
        self.trail.created("lead", lead["id"], lead)
        self.open_claim(file, today)
        self._stage_change(file, None, None, None, self.facts(file))

    def insert_lead(self, file: LeadFile) -> None:
        """Write the lead's row and its first version, when all of its first moment is known."""
        self.bulk.add("lead", file.values)
        file.version = self.trail.version(file.values, None)
        file.company.leads.append(file)

    def change_lead(self, file: LeadFile, changes: Values, *, now: datetime | None) -> None:
        """Set columns of a lead; ``now`` when somebody worked on this very lead."""
        lead = file.values
        for name, value in changes.items():
            if lead[name] != value:
                self.trail.edited("lead", lead["id"], name, lead[name], value)
                lead[name] = value
        if now is not None:
            lead["updated_at"] = now
        lead["version"] += 1
        file.version = self.trail.version(lead, file.version)

    def move(self, file: LeadFile, request: MoveRequest, today: date) -> Values:
        """Ask the product's rules for the move; the columns it sets. Raises what they refuse."""
        facts = self.facts(file)
        lead = file.values
        state = LeadState(
            lead["stage"],
            lead["status"],
            lead["version"],
            StageClock(lead["stage_since"], lead["held_days"], lead["held_since"]),
            lead["hold_until"],
        )
        move = decide_move(state, request, facts, today)
        self._stage_change(file, move.from_stage, move.from_status, move, facts)
        if move.to_status is Status.LOST:
            self._release_claim(file)
        elif move.from_status is Status.LOST:
            self.open_claim(file, today)
        return {
            "stage": move.to_stage,
            "status": move.to_status,
            "hold_until": move.hold_until,
            "stage_since": move.clock.since,
            "held_since": move.clock.held_since,
            "held_days": move.clock.held_days,
            "stalls_on": move.stalls_on,
        }

    def facts(self, file: LeadFile) -> LeadFacts:
        """What the gates see now."""
        lead, local = file.values, file.local_company
        return LeadFacts(
            company_id=lead["company_id"],
            segment_id=lead["segment_id"],
            channel_id=lead["channel_id"],
            owner_id=lead["owner_id"],
            team_id=lead["team_id"],
            has_touch=file.touched,
            need=lead["need"],
            has_visit=file.visited,
            planned_investment_cny=lead["planned_investment_cny"],
            planned_revenue_cny=lead["planned_revenue_cny"],
            planned_headcount=lead["planned_headcount"],
            district_id=lead["district_id"],
            park_id=lead["park_id"],
            next_step=file.step["text"] if file.step else None,
            next_step_on=file.step["due_on"] if file.step else None,
            signed_on=lead["signed_on"],
            signed_investment_cny=lead["signed_investment_cny"],
            has_agreement=file.has_agreement,
            offer_ready=file.offer_ready,
            local_company_id=local["id"] if local else None,
            credit_code_holds=local is not None,
            registered_capital_cny=file.capital,
            registered_on=lead["registered_on"],
            has_premises=file.premises,
            employees=file.employees,
            landed_on=lead["landed_on"],
        )

    def new_step(self, file: LeadFile, text: str, due_on: date) -> None:
        """Make this the next step; the open one is moved. The lead's column is the caller's."""
        self.close_step(file, TaskState.MOVED)
        file.step = self.task(file, TaskKind.NEXT_STEP, text, due_on, write=False)

    def close_step(self, file: LeadFile, state: TaskState) -> None:
        """Close the open next step, if there is one, and write it."""
        step = file.step
        if step is None:
            return
        self.trail.edited("task", step["id"], "state", step["state"], state)
        self.trail.edited("task", step["id"], "closed_at", None, self.trail.at)
        self.trail.forget("task", step["id"])
        self.bulk.add("task", {**step, "state": state, "closed_at": self.trail.at})
        file.step = None

    def task(
        self,
        file: LeadFile,
        kind: TaskKind,
        text: str,
        due_on: date,
        *,
        by: int | None = None,
        write: bool = True,
        chance: Random | None = None,
    ) -> Values:
        """A task of the lead, for its owner to do; theirs unless it is said ``by`` whom."""
        owner = file.values["owner_id"]
        task: Values = {
            "id": self.bulk.next_id("task"),
            "public_id": public_id_from(chance or self.random),
            "lead_id": file.values["id"],
            "kind": kind,
            "state": TaskState.OPEN,
            "text": text,
            "due_on": due_on,
            "assignee_id": owner,
            "created_by_id": by or owner,
            "created_at": self.trail.at,
            "closed_at": None,
        }
        self.trail.created("task", task["id"], task)
        if write:
            self.bulk.add("task", task)
        return task

    def beside(self, table: str, task_id: int, values: Values) -> None:
        """What stands beside a task: whose promise it is, or how it comes back."""
        row = {**dict.fromkeys(self.bulk.sheets[table].columns), "task_id": task_id, **values}
        self.trail.created(table, task_id, row)
        self.bulk.add(table, row)

    def touch(self, file: LeadFile, occurred_at: datetime) -> None:
        """What ``crm.leads.touches`` does; the given lead's own column is the caller's to set."""
        near = [file.company, *file.company.relatives]
        for company in near:
            if company.last_touch_at is None or company.last_touch_at < occurred_at:
                self.trail.edited(
                    "company", company.id, "last_touch_at", company.last_touch_at, occurred_at
                )
                company.last_touch_at = occurred_at
        others = [
            other
            for company in near
            for other in company.leads
            if other is not file and other.values["status"] is not Status.LOST
        ]
        for other in others:
            if later(other.values["last_touch_at"], occurred_at):
                self.change_lead(other, {"last_touch_at": occurred_at}, now=None)
        day, team = local_date(occurred_at), file.values["team_id"]
        for one in (file, *others):
            if one.claim and one.claim["team_id"] == team:
                self._protect(one.claim, day)

    def open_claim(self, file: LeadFile, today: date) -> None:
        """Protect the lead's team from today."""
        touched = file.values["last_touch_at"]
        claim: Values = {
            "id": self.bulk.next_id("claim"),
            "lead_id": file.values["id"],
            "team_id": file.values["team_id"],
            "from_on": today,
            "protected_until": protected_until(today, local_date(touched) if touched else None),
            "released_at": None,
        }
        self.trail.created("claim", claim["id"], claim)
        file.claim = claim

    def _protect(self, claim: Values, touched_on: date) -> None:
        until = protected_until(claim["from_on"], touched_on)
        if until > claim["protected_until"]:
            self.trail.edited(
                "claim", claim["id"], "protected_until", claim["protected_until"], until
            )
            claim["protected_until"] = until

    def _release_claim(self, file: LeadFile) -> None:
        if file.claim is not None:
            self.trail.edited("claim", file.claim["id"], "released_at", None, self.trail.at)
            self.bulk.add("claim", {**file.claim, "released_at": self.trail.at})
            file.claim = None

    def _stage_change(
        self,
        file: LeadFile,
        from_stage: Stage | None,
        from_status: Status | None,
        move: Move | None,
        facts: LeadFacts,
    ) -> None:
        file.moves += 1
        lead = file.values
        row: Values = {
            "id": self.bulk.next_id("stage_change"),
            "lead_id": lead["id"],
            "seq": file.moves,
            "from_stage": from_stage,
            "to_stage": move.to_stage if move else lead["stage"],
            "from_status": from_status,
            "to_status": move.to_status if move else lead["status"],
            "reason": move.reason if move else None,
            "facts": facts.as_json(),
            "actor_id": lead["owner_id"],
            "occurred_at": self.trail.at,
            "recorded_at": self.trail.at,
        }
        self.bulk.add("stage_change", row)

    def settle(self, files: list[LeadFile], companies: list[Company]) -> None:
        """Write what was kept open until the end, and the last state of leads and companies."""
        for file in files:
            if file.version is not None:
                self.trail.close(file.version, None)
            if file.claim is not None:
                self.bulk.add("claim", file.claim)
            if file.step is not None:
                self.bulk.add("task", file.step)
            if file.entity is not None:
                self.bulk.add("lead_entity", file.entity)
            if file.offer is not None:
                write_offer(self.bulk, file, {})
            self.bulk.room()
        self.bulk.flush()
        names = [name for name in files[0].values if name not in {"id", "public_id"}]
        self.bulk.update("lead", names, (file.values for file in files))
        touched = [
            {"id": company.id, "last_touch_at": company.last_touch_at}
            for company in companies
            if company.last_touch_at is not None
        ]
        self.bulk.update("company", ["last_touch_at"], touched)


def write_offer(bulk: Bulk, file: LeadFile, changes: Values) -> None:
    """Write the offer that was held back, and its lines with it."""
    bulk.add("offer", {**(file.offer or {}), **changes})
    for line in file.offer_lines:
        bulk.add("offer_line", line)
    file.offer, file.offer_lines = None, []


def later(known: datetime | None, moment: datetime) -> bool:
    """Whether a moment lies after what is known."""
    return known is None or known < moment
