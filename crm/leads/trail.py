"""Edits of a lead as its trail has them, in words: what stood there, what stands there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.audit import history
from crm.leads.stages import stage_name
from crm.leads.words import FIELD_WORDS, STATUS_WORDS
from crm.messages import Message, Money, Name, Value, msg
from models import db
from models.archive import ArchiveEntry
from models.audit import Change
from models.channel import Channel
from models.enums import Stage, Status
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import User

LONGEST = 80
MOST_OF_ONE = 20
# What a move changes; its own line of the timeline says it there.
_MOVED: dict[str, tuple[Message, Callable[[str], Value]]] = {
    "stage": (msg("阶段"), lambda code: stage_name(Stage(code))),
    "status": (msg("状态"), lambda code: STATUS_WORDS[Status(code)]),
}

_NAMED: dict[str, tuple[type[Any], Any, Any]] = {
    "segment_id": (Segment, Segment.zh, Segment.en),
    "channel_id": (Channel, Channel.zh, Channel.en),
    "owner_id": (User, User.name, User.name),
    "liaison_id": (User, User.name, User.name),
    "team_id": (Team, Team.short_zh, Team.en),
    "district_id": (District, District.short_zh, District.en),
    "park_id": (Park, Park.short_zh, Park.short_en),
}
# What a number counts.
_COUNTED: dict[str, Callable[[int], Message]] = {
    "planned_headcount": lambda n: msg("%(n)s 人", n=n),
    "space_m2": lambda n: msg("%(n)s㎡", n=n),
}
ARCHIVED = "archived_at"
# The fields of which a lead's timeline tells.
TOLD = (*FIELD_WORDS, ARCHIVED)
Names = dict[tuple[str, int], Name]


@dataclass(frozen=True)
class Archived:
    """That a lead was put away, and why; else that it was brought back."""

    away: bool
    reason: str


@dataclass(frozen=True)
class Edit:
    """What one person changed at one moment."""

    at: datetime
    who: str
    lines: tuple[Message, ...]
    seq: int
    """The number of one of its changes in the lead's trail: it is named by it."""
    by: int | None
    fields: frozenset[str]
    reason: str | None
    archived: Archived | None = None


@dataclass(frozen=True)
class Beside:
    """Other records whose trail a room above tells as edits of the lead.

    ``changes`` are all of theirs, by key; ``named`` is what of them points at rows with a name, as
    column and key.
    """

    changes: Sequence[sa.Select[int]]
    named: Callable[[Sequence[history.Edit]], Iterable[tuple[str, Any]]]


@dataclass(frozen=True)
class Read:
    """What was read at once: the edits of a lead, the changes of what stands beside it."""

    edits: Sequence[Edit]
    beside: Sequence[history.Edit]
    names: Names


def edits_of(
    lead: Lead,
    before: datetime | None,
    moments: int,
    *,
    own: bool = True,
    beside: Beside | None = None,
) -> Read:
    """The edits of a lead's facts, and that it was put away and brought back: those of the newest
    so many moments before one (two statements; a third for why it was put away).

    Unless ``own``, none of these but what stands beside it.
    """
    which = history.of(lead), Change.field.in_(TOLD)
    if beside is None:
        both = history.edits_before(*which, before=before, moments=moments) if own else []
    else:
        its = [history.changes_before(*which, before=before, moments=moments)] if own else []
        both = history.edits_among([*its, *beside.changes])
    found, others = _told_apart(both)
    names = names_of(
        (
            *(
                (change.field, value)
                for edit in found
                for change in edit.changes
                for value in (change.before, change.after)
            ),
            *(beside.named(others) if beside else ()),
        )
    )
    archived = _archived(lead, found)
    told = [
        Edit(
            at=edit.at,
            who=edit.who,
            lines=tuple(_lines((c for c in edit.changes if c.field != ARCHIVED), names)),
            seq=edit.changes[-1].seq,
            by=edit.by,
            fields=frozenset(change.field for change in edit.changes),
            reason=edit.reason,
            archived=archived.get(edit.changes[0].change_set_id),
        )
        for edit in found
    ]
    return Read(told, others, names)


def _told_apart(edits: Iterable[history.Edit]) -> tuple[list[history.Edit], list[history.Edit]]:
    """Of each transaction what it changed of the lead, and what of other records."""
    own, others = [], []
    for edit in edits:
        of_lead = tuple(c for c in edit.changes if c.subject == Lead.audit_subject)
        rest = tuple(c for c in edit.changes if c.subject != Lead.audit_subject)
        own += [replace(edit, changes=of_lead)] if of_lead else []
        others += [replace(edit, changes=rest)] if rest else []
    return own, others


def _archived(lead: Lead, edits: Iterable[history.Edit]) -> dict[int, Archived]:
    """Which of these change sets put the lead away or brought it back."""
    moved = [change for edit in edits for change in edit.changes if change.field == ARCHIVED]
    if not moved:
        return {}
    entries = sa.select(Change.change_set_id, Change.after).where(
        Change.change_set_id.in_([change.change_set_id for change in moved]),
        Change.subject == ArchiveEntry.audit_subject,
    )
    # One transaction may put many away.
    reasons = {
        key: entry["reason"]
        for key, entry in db.session.execute(entries)
        if entry and entry.get("lead_id") == lead.id
    }
    return {
        change.change_set_id: Archived(
            away=change.after is not None, reason=reasons.get(change.change_set_id, "")
        )
        for change in moved
    }


def newest(lead: Lead) -> tuple[str, datetime | None, tuple[Message, ...]]:
    """Who changed the lead last, when, and what of it in words, as far as the trail knows."""
    found = history.edits(history.of(lead), most=MOST_OF_ONE)
    if not found:
        return "", None, ()
    told = [change for change in found[0].changes if change.field in {*FIELD_WORDS, *_MOVED}]
    names = names_of((one.field, value) for one in told for value in (one.before, one.after))
    return found[0].who, found[0].at, tuple(_lines(told, names))


def _lines(changes: Iterable[Change], names: Names) -> Iterable[Message]:
    for change in changes:
        yield line(
            FIELD_WORDS.get(change.field) or _MOVED[change.field][0],
            said(change.field, change.before, names),
            said(change.field, change.after, names),
        )


def line(field: Message, before: Value, after: Value) -> Message:
    """How one fact was changed, in words."""
    return msg("%(field)s：%(before)s → %(after)s", field=field, before=before, after=after)


def said(field: str, value: Any, names: Names | None = None) -> Value:
    """A column's value, as the trail or the record has it, for people."""
    if value is None or value == "":
        return msg("未填")
    if field in _NAMED:
        return (names or {}).get((field, value), msg("未填"))
    return _way(field)(value)


def _way(field: str) -> Callable[[Any], Value]:
    """How a column's values are said."""
    if field.endswith("_cny"):
        return Money
    if field.endswith("_on"):
        return _day
    if field in _MOVED:
        return _MOVED[field][1]
    return _COUNTED.get(field, _text)


def _day(value: str | date) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def names_of(values: Iterable[tuple[str, Any]]) -> Names:
    """The names of the rows that columns point at, by column and key (one statement)."""
    asked: dict[str, set[int]] = defaultdict(set)
    for field, value in values:
        if field in _NAMED and value is not None:
            asked[field].add(value)
    if not asked:
        return {}
    arms = [
        sa.select(sa.literal(field), model.id, zh, en).where(model.id.in_(asked[field]))
        for field, (model, zh, en) in _NAMED.items()
        if field in asked
    ]
    return {(f, key): Name(zh, en) for f, key, zh, en in db.session.execute(sa.union_all(*arms))}
