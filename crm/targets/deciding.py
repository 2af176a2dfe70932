"""What a person says later of an entry that was stored undecided."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.companies.identity import Answer
from crm.companies.keys import stored_form
from crm.companies.search import by_ids, find_exact
from crm.companies.service import create_company, write_tokens
from crm.errors import Conflict
from crm.held import held
from crm.imports.columns import guess_columns
from crm.messages import msg
from crm.targets import cadence, places
from crm.targets.applying import kind_of, lock_lists, relate
from crm.targets.columns import TARGET_COLUMNS
from models import db
from models.company import Company
from models.enums import MatchState
from models.target import ListEntry


def decide(
    entry_id: int,
    answer: Answer,
    *,
    edition_id: int,
    actor_id: int | None,
    now: datetime,
) -> ListEntry:
    """Say what an undecided entry of an edition is to the company beside it; NotFound, Conflict.

    Saying the same twice changes nothing; saying something else than was decided is a Conflict.
    """
    lock_lists()
    entry = held(ListEntry, ListEntry.id == entry_id, ListEntry.edition_id == edition_id)
    if entry.match_state is not MatchState.UNDECIDED:
        if said_before(entry) is answer:
            return entry
        raise Conflict(msg("刚才有人判定过这一行。请刷新后再看。"))
    _settle(entry, answer, now)
    entry.decided_by_id, entry.decided_at = actor_id, now
    db.session.flush()
    if entry.company_id is not None:
        cadence.recompute([entry.company_id])
    return entry


def _settle(entry: ListEntry, answer: Answer, now: datetime) -> None:
    alike = by_ids([entry.alike_id]).get(entry.alike_id) if entry.alike_id else None
    if answer is Answer.SAME:
        if alike is None:
            raise Conflict(msg("要比的企业已经不在了。请选“没有关系，新增”。"))
        _match(entry, alike)
        return
    company = _company_of(entry, now)
    entry.company_id, entry.match_state = company.id, MatchState.NEW
    if answer is Answer.GROUP and alike:
        relate(company, alike)
    else:
        entry.alike_id = None


def said_before(entry: ListEntry) -> Answer | None:
    """The answer that a decided entry holds."""
    if entry.match_state is MatchState.MATCHED:
        return Answer.SAME
    if entry.match_state is MatchState.NEW:
        return Answer.GROUP if entry.alike_id else Answer.NEW
    return None


def _match(entry: ListEntry, company: Company) -> None:
    """The entry is this company, which then takes the list's credit code if it has none."""
    twice = sa.select(ListEntry.id).where(
        ListEntry.edition_id == entry.edition_id, ListEntry.company_id == company.id
    )
    if db.session.scalar(twice.limit(1)):
        raise Conflict(msg("“%(name)s”已在这份榜单上，不会是同一家。", name=company.name))
    entry.company_id, entry.match_state = company.id, MatchState.MATCHED
    code = credit_code_of(entry)
    if code and company.credit_code is None:
        company.credit_code = code
        db.session.flush()
        write_tokens(company)


def _company_of(entry: ListEntry, now: datetime) -> Company:
    """The company the entry is, when it is not the one beside it: made now, or found by its name.

    What the list says of it is read from the entry's own cells.
    """
    code = credit_code_of(entry)
    form = stored_form(entry.name)
    known = find_exact([code] if code else [], [form])
    found = known.by_code.get(code or "") or known.by_form.get(form)
    if found is not None and found.id != entry.alike_id:
        return found
    columns = guess_columns(list(entry.raw), [list(entry.raw.values())], TARGET_COLUMNS)
    texts = {key: list(entry.raw.values())[column] for key, column in columns.items()}
    return create_company(
        entry.name,
        now=now,
        short_name=texts.get("short_name"),
        credit_code=code,
        place_id=places.home(texts, places.finder()),
        kind=kind_of(entry.name),
    )


def credit_code_of(entry: ListEntry) -> str | None:
    """The credit code by which the list named the row."""
    kind, _, value = entry.row_key.partition(":")
    return value if kind == "code" else None
