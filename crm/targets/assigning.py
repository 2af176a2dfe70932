"""Entries of an edition are given to a team: by a manager, one or many at once, and taken back.

The trail is the record of it: what one person assigned at one moment is one change set, and its
number is what an undo names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm import audit
from crm.access import Actor, present
from crm.audit.recorder import made_now
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.messages import msg
from crm.targets.queries import Filters, conditions_of
from crm.targets.territory import suggested
from models import db
from models.audit import Change, ChangeSet
from models.company import Company
from models.enums import Status
from models.lead import Lead
from models.sets import one_of
from models.target import ListEdition, ListEntry
from models.team import Team

BY_PLACE = "by-place"
NOBODY = "nobody"
MOST = 1000
WINDOW = timedelta(minutes=10)
REASON = "撤销"  # what the trail keeps; a reason is text as somebody wrote it
_MINUTES = WINDOW.seconds // 60


@dataclass(frozen=True)
class Assigned:
    """How many entries have another team now, and of those left alone how many are followed by a
    lead already and how many sit where no team does; ``number`` names it for the undo.
    """

    changed: int
    followed: int = 0
    nowhere: int = 0
    number: int | None = None


def chosen(edition: ListEdition, entry_ids: Collection[int]) -> list[ListEntry]:
    """Those entries of the edition, held until the end of the transaction. Raises Refusal for none,
    or for more than ``MOST``.
    """
    return _held(edition, one_of(ListEntry.id, entry_ids))


def every(edition: ListEdition, filters: Filters, now: datetime) -> list[ListEntry]:
    """All entries that the filters leave, held. Raises Refusal as ``chosen`` does."""
    shown = (
        sa.select(ListEntry.id)
        .outerjoin(Company, Company.id == ListEntry.company_id)
        .where(*conditions_of(edition, filters, now))
        .limit(MOST + 1)
    )
    return _held(edition, one_of(ListEntry.id, db.session.scalars(shown).all()))


def named(edition: ListEdition, keys: Sequence[str]) -> list[ListEntry]:
    """The entries of these row keys, held. Raises Refusal that names the first unknown one."""
    of_edition = ListEntry.edition_id == edition.id
    known = sa.select(ListEntry.row_key).where(of_edition, one_of(ListEntry.row_key, keys))
    if unknown := set(keys) - set(db.session.scalars(known)):
        said = msg("这份榜单里没有“%(key)s”。", key=min(unknown))
        raise Refusal({"keys": [said]})
    return _held(edition, one_of(ListEntry.row_key, keys))


def assign(entries: Sequence[ListEntry], to: str) -> Assigned:
    """Give entries to the team of that code, to nobody, or each to the team of its place.

    What a lead follows already is left alone, and so is what has no team in its place. Raises
    Refusal for a team that is not there.
    """
    companies = {entry.company_id for entry in entries if entry.company_id is not None}
    followed = _followed(companies)
    by_place = suggested(companies) if to == BY_PLACE else {}
    team = None if to in {BY_PLACE, NOBODY} else _team(to)
    left: Counter[str] = Counter()
    changed = 0
    for entry in entries:
        wanted = by_place.get(entry.company_id or 0) if to == BY_PLACE else team
        if entry.company_id in followed:
            left["followed"] += 1
        elif to == BY_PLACE and wanted is None:
            left["nowhere"] += 1
        elif entry.team_id != (wanted.id if wanted else None):
            entry.team_id = wanted.id if wanted else None
            changed += 1
    db.session.flush()
    number = made_now(db.session) if changed else None
    return Assigned(changed, left["followed"], left["nowhere"], number)


def take_back(edition: ListEdition, number: int, actor: Actor, now: datetime) -> Assigned:
    """Put back what one assignment changed; what was assigned anew since stays as it is.

    Raises NotFound, Forbidden (somebody else's), Refusal (too late) and Conflict (nothing left).
    """
    made = db.session.get(ChangeSet, number)
    rows = db.session.execute(
        sa.select(Change.subject_id, Change.before, Change.after).where(
            Change.change_set_id == number,
            Change.subject == ListEntry.audit_subject,
            Change.field == ListEntry.team_id.key,
        )
    ).all()
    if made is None or not rows:
        raise NotFound
    if made.actor_id != actor.id:
        raise Forbidden(msg("谁改的由谁撤销。"))
    if now - made.known_at > WINDOW:
        raise Refusal({}, msg("过了 %(n)s 分钟就不能撤销了，请在页面上改回来。", n=_MINUTES))
    entries = {entry.id: entry for entry in chosen(edition, [row.subject_id for row in rows])}
    who, changed = audit.current(), 0
    with audit.acting(who.actor_id, who.via, request_id=who.request_id, reason=REASON):
        for row in rows:
            entry = entries.get(row.subject_id)
            if entry is not None and entry.team_id == row.after:
                entry.team_id = row.before
                changed += 1
        db.session.flush()
    if not changed:
        raise Conflict(msg("这次分派已经撤销了，或者之后又改过。"))
    return Assigned(changed, len(rows) - changed)


def _held(edition: ListEdition, which: sa.ColumnElement[bool]) -> list[ListEntry]:
    found = db.session.scalars(
        sa.select(ListEntry)
        .where(ListEntry.edition_id == edition.id, which)
        .order_by(ListEntry.id)
        .limit(MOST + 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        raise Refusal({}, msg("请先选要分派的企业。"))
    if len(found) > MOST:
        raise Refusal({}, msg("一次最多分派 %(n)s 家，请加条件。", n=MOST))
    return list(found)


def _followed(companies: Collection[int]) -> set[int | None]:
    """Companies with a lead that is not lost (one statement)."""
    return set(
        db.session.scalars(
            sa.select(Lead.company_id).where(
                one_of(Lead.company_id, companies), Lead.status != Status.LOST, present()
            )
        )
    )


def _team(code: str) -> Team:
    found = db.session.scalar(sa.select(Team).where(Team.code == code))
    if found is None:
        raise Refusal({"team": [msg("请选一支小分队。")]})
    return found
