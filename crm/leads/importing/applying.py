"""Write a ledger's leads in one transaction, and keep what each record was before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm import clock
from crm.audit.recorder import plain
from crm.companies import many_contacts
from crm.companies.identity import Answer
from crm.companies.many_contacts import NewContact
from crm.companies.search import by_ids
from crm.companies.service import NewCompany, write_companies, write_tokens
from crm.errors import Conflict
from crm.imports.changes import ChangeLog, last_number
from crm.imports.outcomes import Outcome
from crm.imports.progress import Report, steps, untold
from crm.leads.clock import StageClock, stalls_on
from crm.leads.importing.directory import Directory
from crm.leads.importing.matching import Result
from crm.leads.importing.new_rows import Record, Rows
from crm.leads.importing.staging import REASON
from crm.leads.moves import apply_move, record_change, state_of
from crm.leads.rules import Move
from crm.leads.service import SEGMENT_SOURCE
from crm.messages import msg
from crm.targets.applying import kind_of, relate
from crm.targets.places import home
from models import db
from models.company import Company, CompanySegment
from models.creating import create, numbered
from models.enums import Stage, Status, TaskKind, TaskState
from models.import_batch import ImportBatch
from models.lead import Claim, Lead
from models.note import Note
from models.sets import insert_rows, one_of
from models.stage_change import StageChange
from models.task import Task

# Those of Writer.write.
_STEPS = 7


class _Whose(NamedTuple):
    """The company of a row, as far as its lead needs it."""

    id: int
    name: str
    credit_code: str | None

    @classmethod
    def of(cls, company: Company) -> _Whose:
        """One that was there already."""
        return cls(company.id, company.name, company.credit_code)


class Writer:
    """Writes results and remembers each record's before and after."""

    def __init__(
        self, batch: ImportBatch, directory: Directory, actor_id: int | None, now: datetime
    ) -> None:
        self.directory = directory
        self.actor_id = actor_id
        self.now = now
        self.today = clock.local_date(now)
        self.rows = Rows(directory, actor_id, now, self.today)
        self.log = ChangeLog(batch, last_number(batch) + 1)

    def write(self, results: Sequence[Result], report: Report = untold) -> None:
        """Companies, new leads with what belongs to them, then what changes of known ones.

        All rows go through each step together, so that ``report`` is told of that share of them.
        """
        step_done = steps(report, len(results), _STEPS)
        new = [r for r in results if r.outcome is Outcome.NEW]
        matched = [r for r in results if r.outcome is Outcome.MATCHED]
        companies = self._companies([*new, *matched])
        step_done()
        leads = self._leads(new, companies)
        step_done()
        self._belongings(list(zip(leads, new, strict=True)))
        step_done()
        self._change(matched)
        step_done()
        self._people([*new, *matched], companies)
        step_done()
        # Last: until the commit nobody else says what a company does.
        self._segments(leads)
        step_done()
        self.log.write()
        step_done()

    def _companies(self, results: Sequence[Result]) -> dict[int, _Whose]:
        """The company of each row, by row number; those nobody knows are made together, once."""
        unknown = {r.line.normal_form: r for r in reversed(results) if r.company is None}
        rows = write_companies([self._new_company(r) for r in unknown.values()], self.now)
        made = [_Whose(row["id"], row["name"], row["credit_code"]) for row in rows]
        by_form = dict(zip(unknown, made, strict=True))
        for company in made:
            self.log.note("company", company.id, None, {"name": company.name})
        known = by_ids({r.company.id for r in results if r.company})
        found = {
            r.line.number: _Whose.of(known[r.company.id])
            if r.company
            else by_form[r.line.normal_form]
            for r in results
        }
        self._fill_codes(results, found)
        self._relations(results, found)
        return found

    def _new_company(self, result: Result) -> NewCompany:
        line = result.line
        return NewCompany(
            line.name,
            credit_code=line.credit_code,
            place_id=home(line.texts, self.directory.city),
            kind=kind_of(line.name),
        )

    def _fill_codes(self, results: Sequence[Result], companies: dict[int, _Whose]) -> None:
        """A company without a credit code takes the ledger's."""
        lacking = [
            (r.line.credit_code, companies[r.line.number])
            for r in results
            if r.line.credit_code and companies[r.line.number].credit_code is None
        ]
        records = by_ids(company.id for _, company in lacking)
        filled = []
        for code, lacks in lacking:
            company = records[lacks.id]
            if company.credit_code is None:
                company.credit_code = code
                filled.append(company)
                after = {"credit_code": company.credit_code}
                self.log.note("company", company.id, {"credit_code": None}, after)
        db.session.flush()
        for company in filled:
            write_tokens(company)

    def _relations(self, results: Sequence[Result], companies: dict[int, _Whose]) -> None:
        decided = [
            (companies[r.line.number].id, r.alike.id)
            for r in results
            if r.answer is Answer.GROUP and r.alike
        ]
        known = by_ids(key for pair in decided for key in pair)
        for company, other in decided:
            alike = known.get(other)
            if alike and (relation := relate(known[company], alike)):
                db.session.flush()
                kind = {"kind": relation.kind.value}
                self.log.note("company_relation", relation.id, None, kind)

    def _leads(self, results: Sequence[Result], companies: dict[int, _Whose]) -> list[Record]:
        values = [self.rows.lead(result, companies[result.line.number].id) for result in results]
        leads = numbered(db.session(), Lead, values)
        try:
            create(db.session(), {Lead: leads})
        except IntegrityError as error:
            message = msg("刚才有人登记了其中的线索。什么都没有写入，请再核对一次。")
            raise Conflict(message) from error
        for lead, result in zip(leads, results, strict=True):
            name = f"{companies[result.line.number].name} {lead['project']}".strip()
            after = {
                "version": lead["version"],
                "name": name,
                "tasks": int(result.new_step),
                "notes": len(result.new_notes),
            }
            self.log.note("lead", lead["id"], None, after)
        return leads

    def _belongings(self, pairs: Sequence[tuple[Record, Result]]) -> None:
        """Claims, next steps, notes and the first stage changes of new leads."""
        session = db.session()
        claims = [self.rows.claim(lead) for lead, _ in pairs if lead["status"] is not Status.LOST]
        steps = [
            self.rows.step(lead["id"], lead["owner_id"], result)
            for lead, result in pairs
            if result.new_step
        ]
        create(
            session,
            {Claim: numbered(session, Claim, claims), Task: numbered(session, Task, steps)},
        )
        notes = [row for lead, result in pairs for row in self.rows.notes(lead["id"], result)]
        insert_rows(session.connection(), Note.__table__, notes)
        rows = [row for lead, result in pairs for row in self.rows.stage_changes(lead, result)]
        insert_rows(session.connection(), StageChange.__table__, rows)

    def _segments(self, leads: Sequence[Record]) -> None:
        """The chain map learns what the companies do, where nobody said so yet."""
        wanted = {(lead["company_id"], lead["segment_id"]) for lead in leads}
        if not wanted:
            return
        query = sa.select(CompanySegment.company_id, CompanySegment.segment_id).where(
            one_of(CompanySegment.company_id, {company for company, _ in wanted})
        )
        known = {(row[0], row[1]) for row in db.session.execute(query)}
        rows = [
            {"company_id": company, "segment_id": segment, "source": SEGMENT_SOURCE}
            for company, segment in sorted(wanted - known)
        ]
        create(db.session(), {CompanySegment: rows})
        for row in rows:
            after = {"segment_id": row["segment_id"]}
            self.log.note("company_segment", int(str(row["company_id"])), None, after)

    def _people(self, results: Sequence[Result], companies: dict[int, _Whose]) -> None:
        """Who is at the companies: those nobody knew, and what a row says more of the known."""
        fresh: list[NewContact] = []
        values: dict[int, dict[str, str]] = {}
        for result in results:
            line = result.line
            for person in result.people:
                if person.known:
                    values.setdefault(person.known.role_id, {}).update(person.values)
                    continue
                key, by = companies[line.number].id, self.actor_id or line.owner_id
                fresh.append(NewContact(key, person.typed, line.team_id, by))
        for made, new in zip(many_contacts.write_down(fresh, self.now), fresh, strict=True):
            self.log.note("contact", made, None, asdict(new.typed))
        for known, before, after in many_contacts.rewrite(values):
            self.log.note("contact", known, before, after)

    def _change(self, results: Sequence[Result]) -> None:
        """Change leads that are there already, each of them locked."""
        ids = {r.existing.id for r in results if r.existing}
        if not ids:
            return
        query = sa.select(Lead).where(one_of(Lead.id, ids)).order_by(Lead.id).with_for_update()
        leads = {lead.id: lead for lead in db.session.scalars(query)}
        changing = [(leads[r.existing.id], r) for r in results if r.existing]
        self._close_steps({lead.id for lead, result in changing if result.new_step})
        steps = [step for lead, result in changing if (step := self._change_one(lead, result))]
        db.session.flush()
        for step in steps:
            self.log.note("task", step.id, None, {"state": "open", "text": step.text})
        self._note_added(results)

    def _change_one(self, lead: Lead, result: Result) -> Task | None:
        """Change a lead; its new next step, if the row has one."""
        before: Record = {name: plain(getattr(lead, name)) for name in result.values}
        for name, value in result.values.items():
            setattr(lead, name, value)
        if result.stage is not None:
            before |= stage_values(lead)
            self._move(lead, result, result.stage)
        step = None
        if result.new_step:
            before["next_step_on"] = plain(lead.next_step_on)
            step = Task(**self.rows.step(lead.id, lead.owner_id, result))
            db.session.add(step)
            lead.next_step_on = step.due_on
        if before:
            lead.updated_at = self.now
            after: Record = {name: plain(getattr(lead, name)) for name in before}
            self.log.note("lead", lead.id, before, after)
        return step

    def _move(self, lead: Lead, result: Result, stage: Stage) -> None:
        state = state_of(lead)
        moved = StageClock(self.today)
        move = Move(
            from_stage=state.stage,
            to_stage=stage,
            from_status=state.status,
            to_status=state.status,
            hold_until=None,
            reason=REASON,
            clock=moved,
            stalls_on=stalls_on(stage, moved, state.status),
        )
        apply_move(lead, move, self.now)
        record_change(lead, move, result.facts, self.actor_id, self.now)

    def _close_steps(self, ids: set[int]) -> None:
        """Close the open next steps of these leads before their successors come."""
        for step in self._open_steps(ids).values():
            step.state, step.closed_at = TaskState.MOVED, self.now
            self.log.note("task", step.id, {"state": "open"}, {"state": "moved"})
        db.session.flush()

    def _open_steps(self, ids: set[int]) -> dict[int, Task]:
        query = sa.select(Task).where(
            one_of(Task.lead_id, ids),
            Task.kind == TaskKind.NEXT_STEP,
            Task.state == TaskState.OPEN,
        )
        return {task.lead_id: task for task in db.session.scalars(query)}

    def _note_added(self, results: Sequence[Result]) -> None:
        """Notes of leads that were there: the batch keeps which, by their keys."""
        rows: list[Record] = []
        for result in results:
            if result.existing and (made := self.rows.notes(result.existing.id, result)):
                rows += made
                keys = {"keys": [note["key"] for note in made]}
                self.log.note("note", result.existing.id, None, keys)
        insert_rows(db.session.connection(), Note.__table__, rows)


def stage_values(lead: Lead) -> Record:
    """Where a lead stands and its clock, as an import remembers them."""
    names = ("stage", "stage_since", "held_days", "stalls_on")
    return {name: plain(getattr(lead, name)) for name in names}
