"""What the database holds about the companies and leads of a ledger: few statements in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from crm.access import present
from crm.companies import search
from crm.companies.identity import Candidate, candidate
from crm.companies.many_contacts import people_at
from crm.leads.claims import Holder, holders_of
from crm.leads.facts import facts_of, met, touched
from crm.leads.gates import LeadFacts
from crm.leads.importing.matching import Existing, Known
from crm.leads.importing.rows import Line
from crm.leads.words import FIELD_WORDS
from models import db
from models.company import Company, CompanySegment
from models.enums import TaskKind, TaskState
from models.import_batch import BatchState, ImportBatch, ImportRow
from models.lead import Lead
from models.note import Note
from models.sets import one_of
from models.task import Task
from models.visit import Visit, VisitLead

_AT_ONCE = 500


def known_for(lines: Sequence[Line], batch_id: int | None = None) -> Known:
    """What the rows may be; doubts stored by other batches than ``batch_id`` count as stored."""
    right = [line for line in lines if line.names_a_company]
    exact = search.find_exact(
        (line.credit_code for line in right if line.credit_code),
        (line.normal_form for line in right),
    )
    by_code = {code: candidate(company) for code, company in exact.by_code.items()}
    by_form = {form: candidate(company) for form, company in exact.by_form.items()}
    open_ = [x for x in right if x.normal_form not in by_form and x.credit_code not in by_code]
    said, waiting = _stored([line.row_key for line in open_], batch_id)
    answered = {line.normal_form: said[line.row_key] for line in open_ if line.row_key in said}
    companies = {c.id for found in (by_code, by_form, answered) for c in found.values()}
    return Known(
        by_code=by_code,
        by_form=by_form,
        said=answered,
        leads=_leads(companies),
        holders=_holders(companies),
        segments=_segments(companies),
        touched=_evidence(companies, touched()),
        visited=_evidence(companies, met()),
        waiting=waiting,
        people=people_at(companies) if any(line.people for line in right) else {},
        facts_of=_facts_of,
    )


def _stored(
    keys: Sequence[str], batch_id: int | None
) -> tuple[dict[str, Candidate], frozenset[str]]:
    """Rows of earlier imports: whose company a person said, and whose doubt is not settled yet."""
    if not keys:
        return {}, frozenset()
    rows = db.session.execute(
        sa.select(ImportRow.row_key, ImportRow.outcome, ImportRow.said)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(
            one_of(ImportRow.row_key, keys),
            ImportBatch.state == BatchState.APPLIED,
            ImportBatch.id != (batch_id or 0),
        )
    ).all()
    same = {row.row_key: row.said["same"] for row in rows if row.said.get("same")}
    found = {}
    if same:
        query = sa.select(Company).where(
            Company.public_id.in_(set(same.values())), present(Company)
        )
        companies = {company.public_id: company for company in db.session.scalars(query)}
        found = {key: candidate(companies[name]) for key, name in same.items() if name in companies}
    return found, frozenset(row.row_key for row in rows if row.outcome == "doubtful")


def _leads(companies: set[int]) -> Mapping[int, Sequence[Existing]]:
    """The leads of these companies, the oldest first, with their next steps and old notes."""
    if not companies:
        return {}
    query = sa.select(Lead).where(one_of(Lead.company_id, companies), present()).order_by(Lead.id)
    leads = db.session.scalars(query).all()
    ids = [lead.id for lead in leads]
    steps, notes = _steps(ids), _note_keys(ids)
    found: dict[int, list[Existing]] = defaultdict(list)
    for lead in leads:
        text, due_on = steps.get(lead.id, ("", None))
        found[lead.company_id].append(
            Existing(
                id=lead.id,
                public_id=lead.public_id,
                project=lead.project,
                team_id=lead.team_id,
                stage=lead.stage,
                status=lead.status,
                values={name: getattr(lead, name) for name in FIELD_WORDS},
                step=text,
                step_on=due_on,
                note_keys=frozenset(notes.get(lead.id, ())),
            )
        )
    return found


def _steps(ids: Sequence[int]) -> dict[int, tuple[str, date | None]]:
    if not ids:
        return {}
    query = sa.select(Task.lead_id, Task.text, Task.due_on).where(
        one_of(Task.lead_id, ids),
        Task.kind == TaskKind.NEXT_STEP,
        Task.state == TaskState.OPEN,
    )
    return {key: (text, due_on) for key, text, due_on in db.session.execute(query)}


def _note_keys(ids: Sequence[int]) -> dict[int, set[str]]:
    if not ids:
        return {}
    found: dict[int, set[str]] = defaultdict(set)
    query = sa.select(Note.lead_id, Note.key).where(one_of(Note.lead_id, ids))
    for lead_id, key in db.session.execute(query):
        found[lead_id].add(key)
    return found


def _holders(companies: set[int]) -> Mapping[int, Sequence[Holder]]:
    found: dict[int, list[Holder]] = defaultdict(list)
    wanted = sorted(companies)
    for start in range(0, len(wanted), _AT_ONCE):
        for holder in holders_of(wanted[start : start + _AT_ONCE]):
            found[holder.company_id].append(holder)
    return found


def _segments(companies: set[int]) -> dict[int, int]:
    """What a company is known to do; of several links the first that was said."""
    if not companies:
        return {}
    query = (
        sa.select(CompanySegment.company_id, sa.func.min(CompanySegment.segment_id))
        .where(one_of(CompanySegment.company_id, companies))
        .group_by(CompanySegment.company_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _evidence(companies: Iterable[int], condition: sa.ColumnElement[bool]) -> frozenset[int]:
    """The companies with such a visit that names no lead: it counts for each of their leads."""
    wanted = set(companies)
    if not wanted:
        return frozenset()
    unnamed = ~sa.select(VisitLead.visit_id).where(VisitLead.visit_id == Visit.id).exists()
    query = sa.select(Visit.company_id).where(
        one_of(Visit.company_id, wanted), condition, unnamed, present(Visit)
    )
    return frozenset(db.session.scalars(query.distinct()))


def _facts_of(lead_id: int) -> LeadFacts:
    return facts_of(db.session.get_one(Lead, lead_id))
