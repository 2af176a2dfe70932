"""What a lead's timeline tells of its registration and landing, as the trail has it.

The trail keeps what happened to each record: which company is tied to the lead, what it is called,
who holds how much of it, its figures, each of the premises. Told from beginning to end it gives
what the lead's page showed before and after every change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa

from crm.audit import history
from crm.landing.premises import REMOVED
from crm.landing.words import FIGURE_WORDS, SOURCE_WORDS, SPACE_WORDS
from crm.leads import trail
from crm.leads.entries import Entry, EntryKind
from crm.leads.facts import EMPLOYEES
from crm.leads.gates import LeadFacts
from crm.leads.timeline import Told
from crm.leads.trail import Beside
from crm.messages import Message, Money, Value, enumerated, msg
from models.audit import Change
from models.base import Model
from models.company import Company, CompanyRelation, RelationKind
from models.enums import SIGNED
from models.figure import Figure
from models.lead import Lead, LeadEntity
from models.premises import Premises
from models.sets import among

_WHOLE = "*"


@dataclass(frozen=True)
class _Happened:
    """One record after a change of it, and before; None where it is not there."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass
class _Story:
    """The records as they stand at a moment of the trail."""

    company_id: int | None = None
    records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def go_on(self, change: Change) -> _Happened:
        """Take the next change in."""
        key = (change.subject, change.subject_id)
        before = self.records.get(key)
        if change.field == _WHOLE:
            after = change.after
        else:
            after = {**(before or {}), change.field: change.after}
        if after is None:
            self.records.pop(key, None)
        else:
            self.records[key] = after
        if change.subject == LeadEntity.audit_subject:
            self.company_id = after["company_id"] if after else None
        return _Happened(before, after)

    def local(self) -> dict[str, Any]:
        """What a lead's page shows of the local company now."""
        if self.company_id is None:
            return {}
        company = self.records.get((Company.audit_subject, self.company_id), {})
        latest: dict[str, tuple[tuple[int, str], dict[str, Any]]] = {}
        share = None
        for (subject, _key), values in self.records.items():
            if subject == Figure.audit_subject and values.get("company_id") == self.company_id:
                rank, metric = (values["year"], values["recorded_at"]), values["metric"]
                if metric not in latest or latest[metric][0] < rank:
                    latest[metric] = (rank, values)
            if subject == CompanyRelation.audit_subject and _holds(values, self.company_id):
                share = values["share_bp"]
        figures = {metric: values for metric, (_rank, values) in latest.items()}
        return {
            "name": company.get("name"),
            "credit_code": company.get("credit_code"),
            "share_bp": share,
            **{m: _figure(m, figures[m]) if m in figures else None for m in FIGURE_WORDS},
        }


def told(lead: Lead, facts: LeadFacts) -> Told | None:
    """The changes of a lead's local company and premises, and how its timeline tells them.

    None before signing when nothing is known of either.
    """
    known = facts.local_company_id is not None or facts.has_premises
    if not (known or lead.stage in SIGNED or lead.signed_on):
        return None
    return Told(Beside(_changes(lead), _places), partial(_entries, lead.id))


def _changes(lead: Lead) -> list[sa.Select[int]]:
    """Each company that was tied to the lead, who held that, its figures; all its premises.

    Arm by arm, and each by keys that the arm finds: of one condition with "or" SQLite reads the
    whole trail.
    """
    tied = (
        Change.subject == LeadEntity.audit_subject,
        Change.subject_id == lead.id,
        Change.field.in_((_WHOLE, "company_id")),
    )
    whole = Change.field == _WHOLE
    company_id = sa.case(
        (whole, Change.after["company_id"].as_integer()), else_=Change.after[()].as_integer()
    )
    companies = sa.select(company_id).where(*tied)
    # Who was tied by mistake is held no more: that relation is known by its beginning.
    begun = sa.select(Change.subject_id).where(
        _among(Change.change_set_id, sa.select(Change.change_set_id).where(*tied)),
        Change.subject == CompanyRelation.audit_subject,
    )
    holding = sa.select(CompanyRelation.id).where(
        CompanyRelation.parent_id == lead.company_id, _among(CompanyRelation.child_id, companies)
    )
    figures = sa.select(Figure.id).where(
        _among(Figure.company_id, companies), Figure.metric.in_(FIGURE_WORDS)
    )
    gone = sa.select(Change.before["id"].as_integer()).where(
        Change.subject == Lead.audit_subject,
        Change.subject_id == lead.id,
        Change.field == REMOVED,
    )
    standing = sa.select(Premises.id).where(Premises.lead_id == lead.id)
    return [
        sa.select(Change.id).where(*tied),
        _of(Company, companies).where(Change.field.in_((_WHOLE, "name", "credit_code"))),
        _of(CompanyRelation, holding),
        _of(CompanyRelation, begun),
        _of(Figure, figures),
        _of(Premises, standing),
        _of(Premises, gone),
    ]


def _of(model: type[Model], keys: sa.Select[int]) -> sa.Select[int]:
    its = Change.subject == model.audit_subject, _among(Change.subject_id, keys)
    return sa.select(Change.id).where(*its)


def _among(key: Any, keys: sa.Select[int]) -> Any:
    return among(key, keys.scalar_subquery())


def _holds(relation: dict[str, Any], company_id: int) -> bool:
    return (
        relation["child_id"] == company_id
        and relation["kind"] == RelationKind.SUBSIDIARY
        and relation["to_on"] is None
    )


def _entries(lead_id: int, edits: Sequence[history.Edit], names: trail.Names) -> Iterator[Entry]:
    story = _Story()
    for edit in reversed(edits):
        was = story.local()
        touched: dict[int, _Happened] = {}
        for change in edit.changes:
            happened = story.go_on(change)
            if change.subject == Premises.audit_subject:
                first = touched.get(change.subject_id, happened)
                touched[change.subject_id] = _Happened(first.before, happened.after)
        if lines := tuple(_company_lines(was, story.local())):
            yield Entry(edit.at, EntryKind.EDITS, msg("本地公司"), edit.who, lines)
        for one in touched.values():
            # SQLite may have given the number to premises of another lead.
            if (one.after or one.before or {}).get("lead_id") != lead_id:
                continue
            if lines := tuple(_space_lines(one, names)):
                yield Entry(edit.at, EntryKind.EDITS, msg("办公场地"), edit.who, lines)


def _company_lines(was: dict[str, Any], now: dict[str, Any]) -> Iterator[Message]:
    words: dict[str, Message] = {
        "name": msg("本地公司"),
        "share_bp": msg("投资方持股"),
        "credit_code": msg("统一社会信用代码"),
        **FIGURE_WORDS,
    }
    for name, word in words.items():
        before, after = was.get(name), now.get(name)
        if before == after:
            continue
        if name == "share_bp":
            before, after = _share(before), _share(after)
        yield trail.line(word, _or_empty(before), _or_empty(after))


def _or_empty(value: Any) -> Value:
    said: Value = value
    return msg("未填") if value in (None, "") else said


def _share(basis_points: int | None) -> str | None:
    return None if basis_points is None else f"{basis_points / 100:g}%"


def _figure(metric: str, values: dict[str, Any]) -> Value:
    if metric != EMPLOYEES:
        return Money(values["value"])
    people = msg("%(n)s 人", n=values["value"])
    source = SOURCE_WORDS.get(values["source"])
    parts = [people, source] if source else [people]
    if values["as_of"]:
        parts.append(msg("截至 %(day)s", day=date.fromisoformat(values["as_of"])))
    return enumerated(parts)


def _places(edits: Iterable[history.Edit]) -> Iterator[tuple[str, Any]]:
    for change in (change for edit in edits for change in edit.changes):
        if change.subject != Premises.audit_subject:
            continue
        for value in (change.before, change.after):
            whole = value if isinstance(value, dict) else {change.field: value}
            yield from ((name, whole.get(name)) for name in ("district_id", "park_id"))


def _space_lines(one: _Happened, names: trail.Names) -> Iterator[Message]:
    """What became of premises; which of them is said first, for a lead may have several."""
    if one.before is None or one.after is None:
        whole = _described(one.after or one.before or {}, names)
        yield msg("添加：%(what)s", what=whole) if one.after else msg("去掉：%(what)s", what=whole)
        return
    before, after = one.before, one.after
    lines = []
    if _place(before, names) != _place(after, names):
        lines.append(trail.line(msg("区县或园区"), _place(before, names), _place(after, names)))
    for name, word in SPACE_WORDS.items():
        if before.get(name) != after.get(name):
            there, here = _fact(name, before.get(name)), _fact(name, after.get(name))
            lines.append(trail.line(word, there, here))
    if lines:
        yield _where(before, names)
        yield from lines


def _place(values: dict[str, Any], names: trail.Names) -> Value:
    column = "park_id" if values.get("park_id") else "district_id"
    return trail.said(column, values.get(column), names)


def _where(values: dict[str, Any], names: trail.Names) -> Message:
    place = msg("%(text)s", text=_place(values, names))
    address = values.get("address")
    return enumerated([place, msg("%(text)s", text=address)]) if address else place


def _described(values: dict[str, Any], names: trail.Names) -> Message:
    parts = [_where(values, names)]
    if values.get("area_m2"):
        parts.append(msg("%(n)s㎡", n=values["area_m2"]))
    if values.get("lease_start"):
        parts.append(msg("%(day)s 起租", day=_fact("lease_start", values["lease_start"])))
    if values.get("lease_end"):
        parts.append(msg("%(day)s 到期", day=_fact("lease_end", values["lease_end"])))
    return enumerated(parts)


def _fact(name: str, value: Any) -> Value:
    """A column of premises, as the trail has it, for people."""
    if value in (None, ""):
        return msg("未填")
    if name == "area_m2":
        return msg("%(n)s㎡", n=value)
    return str(value) if name == "address" else date.fromisoformat(value)
