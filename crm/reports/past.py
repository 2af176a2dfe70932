"""What was known at a moment, from the versions and the trail, as one consistent reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.audit import settled
from crm.errors import Refusal
from crm.messages import msg
from crm.reports.pipeline import Entered, Names, Pipeline, Version, rebuilt, shaped
from models import db, engine
from models.audit import NAMING, Change, ChangeSet, LeadVersion
from models.channel import Channel
from models.company import Company
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment
from models.stage_change import StageChange
from models.team import Team
from models.user import User

# Written into the statement, not sent beside it, or SQLite would not see that the index fits.
_NAMING = sa.text(f"change.field IN {NAMING}")
_LATE_SET = sa.text("change_set.effective_at < change_set.known_at")
_LATE_MOVE = sa.text("stage_change.occurred_at < stage_change.recorded_at")


def pipeline_at(known_at: datetime, effective_at: datetime | None = None) -> Pipeline:
    """The pipeline that had come about by ``effective_at`` as it was known at ``known_at``.

    Whatever is done afterwards, the same two moments give the same pipeline: the moment is settled
    before it is read. Commits nothing of the session. Raises Refusal for a moment to come.
    """
    if known_at > clock.now():
        raise Refusal(
            {"known_at": [msg("还没到这个时刻，谁也不知道那时会怎样。请给一个过去的时刻。")]}
        )
    by = known_at if effective_at is None else effective_at
    settled.settle(db.engine, known_at)
    with _snapshot() as connection:
        versions = list(_versions(connection, known_at, by))
        return shaped(
            versions,
            _names(connection, known_at, versions),
            known_at=known_at,
            effective_at=by,
            on=clock.local_date(by),
        )


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """All statements inside see one state of the database."""
    database = db.engine
    if database.dialect.name == "postgresql":
        database = database.execution_options(isolation_level="REPEATABLE READ")
    with engine.reading(), database.connect() as connection:
        yield connection


def _columns() -> list[sa.ColumnElement[Any]]:
    """The columns of a version in its order; dates as text, which both engines write alike."""
    table = LeadVersion.__table__
    return [
        sa.cast(table.c[name], sa.String)
        if isinstance(table.c[name].type, sa.Date)
        else table.c[name]
        for name in Version._fields
    ]


def _versions(connection: sa.Connection, known_at: datetime, by: datetime) -> Iterator[Version]:
    """Each lead as it stood: the version of the earlier moment, unless something came in late."""
    at = min(known_at, by)
    late = _late(connection, known_at, by) if by < known_at else {}
    standing = sa.select(*_columns()).where(
        LeadVersion.known_from <= at,
        sa.or_(LeadVersion.known_to.is_(None), LeadVersion.known_to > at),
    )
    for row in connection.execute(standing):
        if row[0] not in late:
            yield Version._make(row)
    for entered in late.values():
        if version := rebuilt(entered, by):
            yield version


def _late(connection: sa.Connection, known_at: datetime, by: datetime) -> dict[int, list[Entered]]:
    """All versions known then of the leads of which something came in after it had happened."""
    of_sets = (
        sa.select(LeadVersion.lead_id)
        .join(ChangeSet, ChangeSet.id == LeadVersion.change_set_id)
        .where(_LATE_SET, ChangeSet.known_at > by, ChangeSet.effective_at <= by)
        .where(LeadVersion.known_from <= known_at)
    )
    of_moves = (
        sa.select(StageChange.lead_id)
        .where(_LATE_MOVE, StageChange.recorded_at > by, StageChange.recorded_at <= known_at)
        .where(StageChange.occurred_at <= by)
    )
    leads = sorted(set(connection.scalars(sa.union(of_sets, of_moves))))
    found: dict[int, list[Entered]] = {}
    for lead_id in leads:
        found[lead_id] = _entered(connection, lead_id, known_at)
    return found


def _entered(connection: sa.Connection, lead_id: int, known_at: datetime) -> list[Entered]:
    """The versions of one lead known then, in order, each with when its changes held from."""
    moves = [
        tuple(row)
        for row in connection.execute(
            sa.select(
                StageChange.to_stage,
                StageChange.to_status,
                StageChange.recorded_at,
                StageChange.occurred_at,
            )
            .where(_LATE_MOVE, StageChange.lead_id == lead_id)
            .where(StageChange.recorded_at <= known_at)
            .order_by(StageChange.seq)
        )
    ]
    rows = connection.execute(
        sa.select(*_columns(), LeadVersion.known_from, ChangeSet.effective_at)
        .join(ChangeSet, ChangeSet.id == LeadVersion.change_set_id)
        .where(LeadVersion.lead_id == lead_id, LeadVersion.known_from <= known_at)
        .order_by(LeadVersion.seq)
    )
    found = []
    for *values, known_from, effective_at in rows:
        version = Version._make(values)
        moved_at = effective_at
        # A move is written just before the version it leads to.
        if moves and moves[0][2] <= known_from and moves[0][:2] == (version.stage, version.status):
            moved_at = moves.pop(0)[3]
        found.append(Entered(version, effective_at, moved_at))
    return found


def _names(connection: sa.Connection, known_at: datetime, versions: list[Version]) -> Names:
    companies = _known(
        connection,
        Company,
        known_at,
        ("public_id", "name", "merged_into_id"),
        {version.company_id for version in versions},
    )
    users = _known(
        connection,
        User,
        known_at,
        ("public_id", "name"),
        {version.owner_id for version in versions},
    )
    return Names(
        lead=_by_key(connection, Lead.id, Lead.public_id),
        company={key: _became(key, companies) for key in companies},
        user={key: (user["public_id"], user["name"]) for key, user in users.items()},
        segment=_by_key(connection, Segment.id, Segment.code),
        channel=_by_key(connection, Channel.id, Channel.code),
        team=_by_key(connection, Team.id, Team.code),
        district=_by_key(connection, District.id, District.code),
        park=_by_key(connection, Park.id, Park.code),
    )


def _by_key(connection: sa.Connection, key: Any, value: Any) -> dict[int, str]:
    return {number: text for number, text in connection.execute(sa.select(key, value))}  # noqa: C416 (rows are no pairs to mypy)


def _became(key: int, companies: Mapping[int, Mapping[str, Any]]) -> tuple[str, str]:
    """The company that this one had become by then."""
    seen = {key}
    while (into := companies[key]["merged_into_id"]) in companies and into not in seen:
        seen.add(into)
        key = into
    return companies[key]["public_id"], companies[key]["name"]


def _known(
    connection: sa.Connection,
    model: type[Any],
    known_at: datetime,
    fields: tuple[str, ...],
    wanted: set[int],
) -> dict[int, dict[str, Any]]:
    """Records as they were known: what they have now, unless it changed later.

    Then it is what stood there before the earliest later change. Of ``wanted`` keys, what was
    deleted later is there with what it had then, also when SQLite gave its key to another since.
    """
    table = model.__table__
    known = {
        row[0]: dict(zip(fields, row[1:], strict=True))
        for row in connection.execute(sa.select(table.c.id, *(table.c[name] for name in fields)))
    }
    born_later = connection.scalars(sa.select(table.c.id).where(table.c.created_at > known_at))
    gone = (wanted - known.keys()) | wanted.intersection(born_later)
    deleted = _deleted(connection, model, known_at, gone) if gone else {}
    known |= {key: {name: had[name] for name in fields} for key, (_seq, had) in deleted.items()}
    changes = connection.execute(
        sa.select(Change.subject_id, Change.seq, Change.field, Change.before)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .where(Change.subject == model.audit_subject, _NAMING, ChangeSet.known_at > known_at)
        .order_by(Change.subject_id, Change.seq.desc())
    )
    # The earliest comes last and stays.
    for key, seq, field, before in changes:
        if key in known and (key not in deleted or seq < deleted[key][0]):
            known[key][field] = before
    return known


def _deleted(
    connection: sa.Connection, model: type[Any], known_at: datetime, keys: set[int]
) -> dict[int, tuple[int, dict[str, Any]]]:
    """The first deletion of each of these records after the moment: its number and what it had."""
    rows = connection.execute(
        sa.select(Change.subject_id, Change.seq, Change.before)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .where(Change.subject == model.audit_subject, Change.subject_id.in_(sorted(keys)))
        .where(Change.field == "*", ChangeSet.known_at > known_at)
        .order_by(Change.subject_id, Change.seq.desc())
    )
    return {key: (seq, before) for key, seq, before in rows if before is not None}
