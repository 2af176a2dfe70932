"""Write an import in one transaction, and keep what each record was before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm import audit
from crm.clock import local_date
from crm.companies.identity import Answer, parent_of
from crm.companies.reserving import reserve_all
from crm.companies.search import by_ids
from crm.companies.service import NewCompany, create_companies, write_tokens
from crm.errors import Conflict
from crm.imports.changes import ChangeLog
from crm.imports.outcomes import Outcome
from crm.imports.progress import Report, steps, untold
from crm.imports.table import Table
from crm.messages import msg
from crm.packing import pack
from crm.targets import cadence, places
from crm.targets.batches import load_batch, new_batch, preview_of
from crm.targets.known import edition_of
from crm.targets.matching import Result
from crm.targets.preview import Columns, Preview, check_year, preview, target_list
from models import db
from models.company import Company, CompanyRelation, RelationKind
from models.enums import CompanyKind, MatchState, Via
from models.import_batch import BatchState, ImportBatch
from models.sets import add_many, one_of
from models.target import ListEdition, ListEntry, TargetList

ERRORS_KEPT = 200
NAME_KEPT = 80
# Those of _Writer.write.
_STEPS = 4


def apply(public_id: str, *, now: datetime, report: Report = untold) -> ImportBatch:
    """Write a waiting import; a second call changes nothing. Raises Conflict when it was undone.

    ``report`` is told of each row twice: when it is looked at again, and when it is written.
    """
    lock_lists()
    batch = load_batch(public_id, for_update=True)
    if batch.state is BatchState.PREVIEW:
        found = preview_of(batch, report)
        write(batch, found, now, lambda done: report(len(found.results) + done))
    elif batch.state is not BatchState.APPLIED:
        raise Conflict(msg("这次导入已经撤销。要再导入请重新上传文件。"))
    return batch


def import_now(
    table: Table,
    data: bytes,
    file_name: str,
    list_code: str,
    year: int,
    mapping: Columns,
    *,
    now: datetime,
    actor_id: int | None = None,
) -> tuple[Preview, ImportBatch | None]:
    """Preview and write at once; no batch is made of a file that changes nothing."""
    check_year(year, local_date(now))
    target = target_list(list_code)
    lock_lists()
    found = preview(table, target, year, mapping)
    if not any(_writes(result) for result in found.results):
        return found, None
    batch = new_batch(file_name, data, target, year, mapping, table, actor_id=actor_id, now=now)
    write(batch, found, now)
    return found, batch


def lock_lists() -> None:
    """One import at a time: two that both miss a company would both make it.

    So would a person who writes one down meanwhile: they wait.
    """
    reserve_all()
    db.session.execute(sa.select(TargetList.id).order_by(TargetList.id).with_for_update())


def write(batch: ImportBatch, found: Preview, now: datetime, report: Report = untold) -> None:
    """Write what a preview says, with the trail saying that an import did it."""
    who = audit.current()
    with audit.acting(who.actor_id, Via.IMPORT, request_id=who.request_id):
        batch.state = BatchState.APPLIED
        batch.applied_at = now
        batch.content = None
        batch.counts = counts(found)
        db.session.flush()
        writer = _Writer(batch, now, steps(report, len(found.results), _STEPS))
        writer.write([result for result in found.results if _writes(result)])


def counts(found: Preview) -> dict[str, Any]:
    """The rows by outcome, and the first of the wrong ones, kept to be said to any reader."""
    errors = [
        {
            "row": result.line.number,
            "name": result.line.name[:NAME_KEPT],
            "column": problem.column,
            "message": pack(problem.message),
        }
        for result in found.results
        for problem in result.problems
    ]
    by_outcome = {outcome.value: n for outcome, n in found.counts.items()}
    return {"rows": len(found.results), **by_outcome, "errors": errors[:ERRORS_KEPT]}


def _writes(result: Result) -> bool:
    return result.outcome in (Outcome.NEW, Outcome.MATCHED, Outcome.DOUBTFUL)


class _Writer:
    """Writes results and remembers each record's before and after."""

    def __init__(self, batch: ImportBatch, now: datetime, step_done: Callable[[], None]) -> None:
        self.batch = batch
        self.now = now
        self.step_done = step_done
        self.log = ChangeLog(batch)

    def write(self, results: Sequence[Result]) -> None:
        """Edition, companies, entries, relations; then what follows from them."""
        if not results:
            return
        edition = self._edition()
        companies = self._companies(results)
        self._fill_codes(results, companies)
        self.step_done()
        entries = self._entries(results, companies, edition)
        self.step_done()
        self._relations(results, companies)
        made = {companies[r.line.number].id for r in results if r.outcome is Outcome.NEW}
        cadence.recompute({e.company_id for e in entries if e.company_id is not None} - made)
        self.step_done()
        self.log.write()
        self.step_done()

    def _edition(self) -> ListEdition:
        list_id, year = self.batch.target_list.id, self.batch.year or 0
        known = edition_of(list_id, year)
        if known:
            return known
        made = ListEdition(list_id=list_id, year=year)
        db.session.add(made)
        db.session.flush()
        self.log.note("list_edition", made.id, None, {"year": made.year})
        return made

    def _companies(self, results: Iterable[Result]) -> dict[int, Company]:
        """The company of each row, by row number; the new ones are made together."""
        new = [result for result in results if result.outcome is Outcome.NEW]
        where = places.finder()
        made = create_companies(
            [_new_company(result, where, self.batch.target_list) for result in new], self.now
        )
        for company in made:
            self.log.note("company", company.id, None, {"name": company.name})
        known = by_ids(result.company.id for result in results if result.company)
        found = {
            result.line.number: known[result.company.id] for result in results if result.company
        }
        return found | {
            result.line.number: company for result, company in zip(new, made, strict=True)
        }

    def _fill_codes(self, results: Iterable[Result], companies: dict[int, Company]) -> None:
        """A company without a credit code takes the list's."""
        filled = []
        for result in results:
            company = companies.get(result.line.number)
            if company and result.line.credit_code and company.credit_code is None:
                company.credit_code = result.line.credit_code
                filled.append(company)
                after = {"credit_code": company.credit_code}
                self.log.note("company", company.id, {"credit_code": None}, after)
        db.session.flush()
        for company in filled:
            write_tokens(company)

    def _entries(
        self, results: Iterable[Result], companies: dict[int, Company], edition: ListEdition
    ) -> list[ListEntry]:
        ids = {result.entry.id for result in results if result.entry}
        known = _entries_by_id(ids)
        written: list[tuple[ListEntry, dict[str, Any] | None]] = []
        for result in results:
            values = self._values(result, companies.get(result.line.number))
            entry = known.get(result.entry.id) if result.entry else None
            if entry is None:
                entry = ListEntry(
                    edition_id=edition.id,
                    row_key=result.line.row_key,
                    **{"name": result.line.name, "rank": result.line.rank, **values},
                    raw=dict(result.line.raw),
                )
                written.append((entry, None))
            else:
                written.append((entry, entry_values(entry)))
                for name, value in {**result.changes, **values}.items():
                    setattr(entry, name, value)
        add_many(db.session(), [entry for entry, was in written if was is None])
        db.session.flush()
        for entry, was in written:
            self.log.note("list_entry", entry.id, was, entry_values(entry))
        return [entry for entry, _was in written]

    def _values(self, result: Result, company: Company | None) -> dict[str, Any]:
        """Who an entry is found to be."""
        if result.entry and result.entry.company:
            return {}
        if company is None:
            return {
                "match_state": MatchState.UNDECIDED,
                "company_id": None,
                "alike_id": result.alike.id if result.alike else None,
            }
        state = MatchState.NEW if result.outcome is Outcome.NEW else MatchState.MATCHED
        values: dict[str, Any] = {"match_state": state, "company_id": company.id, "alike_id": None}
        if result.answer is Answer.GROUP and result.alike:
            values["alike_id"] = result.alike.id
        if result.answer:
            values |= {"decided_by_id": audit.current().actor_id, "decided_at": self.now}
        return values

    def _relations(self, results: Iterable[Result], companies: dict[int, Company]) -> None:
        decided = [result for result in results if result.answer is Answer.GROUP and result.alike]
        known = by_ids(result.alike.id for result in decided if result.alike)
        for result in decided:
            alike = known.get(result.alike.id) if result.alike else None
            if alike and (relation := relate(companies[result.line.number], alike)):
                db.session.flush()
                self.log.note("company_relation", relation.id, None, {"kind": relation.kind.value})


def relate(company: Company, alike: Company) -> CompanyRelation | None:
    """Record the group a company belongs to, where one of the two names is the group's own.

    Of two members of a group neither is the other's parent; that they belong together is then
    kept at the entry (``alike_id``), and no parent is invented.
    """
    parent_name = parent_of(company.name, alike.name)
    if parent_name is None:
        return None
    parent, child = (company, alike) if parent_name == company.name else (alike, company)
    known = db.session.scalar(
        sa.select(CompanyRelation.id).where(
            CompanyRelation.parent_id == parent.id,
            CompanyRelation.child_id == child.id,
            CompanyRelation.kind == RelationKind.GROUP,
        )
    )
    if known:
        return None
    relation = CompanyRelation(parent_id=parent.id, child_id=child.id, kind=RelationKind.GROUP)
    db.session.add(relation)
    return relation


def entry_values(entry: ListEntry) -> dict[str, Any]:
    """An entry's values as an import remembers them."""
    return {
        "name": entry.name,
        "rank": entry.rank,
        "raw": entry.raw,
        "match_state": entry.match_state.value,
        "company_id": entry.company_id,
        "alike_id": entry.alike_id,
    }


def _entries_by_id(ids: set[int]) -> dict[int, ListEntry]:
    if not ids:
        return {}
    query = sa.select(ListEntry).where(one_of(ListEntry.id, ids)).order_by(ListEntry.id)
    return {entry.id: entry for entry in db.session.scalars(query.with_for_update())}


def kind_of(name: str) -> CompanyKind:
    """京东集团 names a group; 浪潮集团有限公司 is a legal person."""
    return CompanyKind.GROUP if name.endswith("集团") else CompanyKind.LEGAL


def _new_company(result: Result, where: places.Finder, target: TargetList) -> NewCompany:
    line = result.line
    return NewCompany(
        line.name,
        short_name=line.texts.get("short_name") or None,
        credit_code=line.credit_code,
        place_id=places.home(line.texts, where),
        kind=kind_of(line.name),
        cadence_days=min(cadence.NO_LIST_DAYS, target.cadence_days),
        rewarded=target.rewarded,
    )
