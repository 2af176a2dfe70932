"""Who is due today, why, and in which order. Today's page and the digest use the same functions."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from crm.access.conditions import PLACE_STAGES
from crm.messages import Message, msg
from crm.reminders.causes import causes
from crm.reminders.facts import ABOUT_OFFERS, AgendaItem, Cause, Due, LeadClock, SortKey
from crm.reminders.later import heard
from crm.reminders.rulebook import OWN, Book, Rule, Step, To
from models.enums import RuleKind, Stage

# Said to whom it names and to nobody who looks on.
PERSONAL = frozenset({RuleKind.MENTION, RuleKind.TASK, *ABOUT_OFFERS})
# Not everybody who reads a lead reads these.
OFFERED = frozenset(
    {
        *ABOUT_OFFERS,
        RuleKind.PROMISE_OURS,
        RuleKind.PROMISE_THEIRS,
    }
)


def dues(lead: LeadClock, today: date, book: Book) -> list[Due]:
    """Every reason to act on the lead on that day or before, for each person, in Today's order.

    A person hears of a cause once: by the last of a rule's steps that it reached for them.
    """
    return order(
        due
        for rule, limit in book.limits(today)
        for cause in causes(rule.kind, lead, today, limit)
        if _admits(rule, lead)
        for due in _reached(rule, cause, lead, today, book)
    )


def order(found: Iterable[Due]) -> list[Due]:
    """Today's order."""
    return sorted(found, key=lambda due: due.sort_key)


def agenda(
    leads: Iterable[LeadClock],
    today: date,
    book: Book,
    only: Container[RuleKind] | None = None,
    *,
    person: int | None = None,
    own: bool = False,
) -> list[AgendaItem]:
    """Each lead that is due, once, in Today's order; ``only`` names the kinds that may speak.

    ``person`` hears of mentions and tasks of nobody else and of nothing that they have set aside;
    with ``own`` only of what they are asked for, else of that whatever its kind. To who looks on
    (``only``) what they are asked themselves comes first.
    """
    items = [
        AgendaItem(lead, found[0], tuple(found[1:]))
        for lead in leads
        if (
            found := heard(
                asked(lead, today, book, only, person=person, own=own), lead, person, today
            )
        )
    ]
    return sorted(items, key=lambda item: _first_of(item.first, person, only))


def asked(
    lead: LeadClock,
    today: date,
    book: Book,
    only: Container[RuleKind] | None = None,
    *,
    person: int | None = None,
    own: bool = False,
) -> list[Due]:
    """What is due on one lead for that person, also what they have set aside.

    Who looks on hears of a cause once.
    """
    found = dues(lead, today, book)
    mine = [due for due in found if due.person_id == person]
    if own:
        return mine
    # Its owner's words rather than another's, this person's own before either.
    heard_by = [*_seen(found, person, only), *mine]
    heard_by.sort(key=lambda due: (due.person_id == person, due.to in OWN))
    told = {(due.rule, due.cause): due for due in heard_by}.values()
    return sorted(told, key=lambda due: _first_of(due, person, only))


def _first_of(
    due: Due, person: int | None, only: Container[RuleKind] | None
) -> tuple[bool, SortKey]:
    """Today's order; in a city of others' leads nobody looks for what somebody asks of them."""
    asks_me = only is not None and due.kind in PERSONAL and due.person_id == person
    return not asks_me, due.sort_key


def _seen(
    found: Iterable[Due], person: int | None, only: Container[RuleKind] | None
) -> Iterator[Due]:
    for due in found:
        private = due.kind in PERSONAL and person is not None
        if (only is None or due.kind in only) and not private:
            yield due


@dataclass(frozen=True)
class Stands:
    """Whose a lead is, where it may go and how far it came: what decides whom a step reminds."""

    owner_id: int
    team_id: int | None
    park_id: int | None
    district_id: int | None
    liaison_id: int | None
    stage: Stage


def recipients(
    to: To, lead: LeadClock | Stands, asked_person: int | None, not_to: int | None, book: Book
) -> tuple[int, ...]:
    """Whom a step reminds of a lead, and of whom ``asked_person`` was asked."""
    people = book.people
    match to:
        case To.ASKED:
            found: tuple[int, ...] = (asked_person or lead.owner_id,)
        case To.OWNER:
            found = (lead.owner_id,)
        case To.TEAM_LEAD:
            found = people.leading(lead.team_id)
        case To.TEAM_LEAD_ELSE_MANAGER:
            found = people.leading_or_managing(lead.team_id)
        case To.MANAGER:
            found = people.managers
        case To.PARK_OFFICER:
            here = people.parks.get(lead.park_id or 0, ())
            there = people.districts.get(lead.district_id or 0, ())
            found = (*here, *there) if lead.stage in PLACE_STAGES else ()
        case To.LIAISON_LEADER:
            found = (lead.liaison_id,) if lead.liaison_id else ()
    return tuple(person for person in dict.fromkeys(found) if person != not_to)


def _admits(rule: Rule, lead: LeadClock) -> bool:
    asked = rule.conditions
    if asked.nothing:
        return True
    return asked.admit(lead.tier, [one.code for one in lead.lists], lead.stage, lead.team)


def _reached(rule: Rule, cause: Cause, lead: LeadClock, today: date, book: Book) -> Iterator[Due]:
    last: dict[int, Step] = {}
    for step in rule.steps:
        on = book.day_of(rule, cause.anchor, step)
        if on > today or (cause.answered_on and on <= cause.answered_on):
            continue
        for person in recipients(step.to, lead, cause.person_id, cause.not_to, book):
            last[person] = step
    since = cause.since or book.day_of(rule, cause.anchor, rule.steps[0])
    for person, step in last.items():
        yield _due(rule, cause, lead, today, since, person, step)


def _due(
    rule: Rule, cause: Cause, lead: LeadClock, today: date, since: date, person: int, step: Step
) -> Due:
    landing = lead.expected_landing_on or date.max
    # What one person is asked says who asks.
    private = rule.kind in PERSONAL
    return Due(
        rule=rule.code,
        kind=rule.kind,
        occurrence=f"{cause.name} {step.days:+d}" if step.days else cause.name,
        since=since,
        tone=cause.tone,
        headline=cause.headline,
        reason=cause.reason if private else _to_others(cause.reason, lead, person, step),
        plainly=cause.reason,
        sort_key=(cause.rank, (since - today).days, landing, lead.lead_id, rule.code),
        person_id=person,
        to=step.to,
        cause=cause.name,
        clears=cause.clears,
    )


def _to_others(reason: Message, lead: LeadClock, person: int, step: Step) -> Message:
    """Who hears of somebody else's lead is told whose it is."""
    if step.to in OWN or person == lead.owner_id or not lead.owner:
        return reason
    return msg("%(owner)s负责：%(why)s", owner=lead.owner, why=reason)
