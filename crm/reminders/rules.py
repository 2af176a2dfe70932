"""Who is due today, why, and in which order. Today's page and the digest use the same functions.

Reasons hold no amounts, phone numbers or visit notes: they leave the house by mail.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date, timedelta

from crm.leads.stages import position, protection
from crm.leads.time_words import (
    Clear,
    clause,
    late_word,
    pool_word,
    stalled_word,
    waking_word,
)
from crm.messages import Message, msg, nmsg
from crm.reminders.facts import (
    AgendaItem,
    Due,
    LeadClock,
    Mentioned,
    OpenTask,
    Rule,
    Touch,
    delivered_rules,
)
from crm.reminders.later import heard
from crm.reminders.reasons import a_due, days_ahead, late_by, reason_of
from models.enums import Stage, Status, TaskKind

__all__ = [
    "AgendaItem",
    "Due",
    "LeadClock",
    "Mentioned",
    "OpenTask",
    "Rule",
    "Touch",
    "agenda",
    "delivered_rules",
    "dues",
    "order",
]


# Said to whom it names and to nobody who looks on.
PERSONAL = frozenset({"mention", "task_due"})


def dues(lead: LeadClock, today: date) -> list[Due]:
    """Every reason to act on the lead on that day or before, the most urgent first."""
    rules = _RULES[lead.status]
    found = [due for rule in rules for due in rule(lead, today)]
    return order(due for due in found if delivered_rules()[due.rule].enabled)


def order(found: Iterable[Due]) -> list[Due]:
    """Today's order."""
    return sorted(found, key=lambda due: due.sort_key)


def agenda(
    leads: Iterable[LeadClock],
    today: date,
    only: Container[str] | None = None,
    *,
    person: int | None = None,
    own: bool = False,
) -> list[AgendaItem]:
    """Each lead that is due, once, in Today's order; ``only`` names the rules that may speak.

    ``person`` hears of mentions and tasks of nobody else and of nothing that they have set aside;
    with ``own`` only of what they are asked for.
    """
    items = [
        AgendaItem(lead, found[0], tuple(found[1:]))
        for lead in leads
        if (found := heard(asked(lead, today, only, person=person, own=own), lead, person, today))
    ]
    return sorted(items, key=lambda item: item.first.sort_key)


def asked(
    lead: LeadClock,
    today: date,
    only: Container[str] | None = None,
    *,
    person: int | None = None,
    own: bool = False,
) -> list[Due]:
    """What is due on one lead for that person, also what they have set aside."""
    return [
        due
        for due in dues(lead, today)
        if (only is None or due.rule in only) and _hears(person, due, lead, own=own)
    ]


def _hears(person: int | None, due: Due, lead: LeadClock, *, own: bool) -> bool:
    if person is None:
        return True
    if due.rule in PERSONAL or own:
        return person == (due.person_id or lead.owner_id)
    return True


def _promises(lead: LeadClock, today: date) -> Iterator[Due]:
    """What we promised is due on its day; what they promised is asked after once it is late."""
    for task, due_on in _reached(lead, TaskKind.PROMISE, today):
        said = {"day": due_on, "text": clause(task.text)}
        clears = (Clear.PROMISE,)
        if task.theirs:
            if due_on < today:
                reason = msg("对方答应 %(day)s %(text)s，还没有给。", **said)
                yield _wanted(lead, today, "promise_awaited", task, due_on, reason, clears)
        elif due_on < today:
            reason = msg("答应对方 %(day)s %(text)s，还没有做到。", **said)
            yield _wanted(lead, today, "promise_broken", task, due_on, reason, clears)
        else:
            reason = msg("今天要做到答应对方的：%(text)s。", text=clause(task.text))
            yield _wanted(lead, today, "promise_due", task, due_on, reason, clears)


def _directives(lead: LeadClock, today: date) -> Iterator[Due]:
    for task, due_on in _reached(lead, TaskKind.DIRECTIVE, today):
        reason = msg("批示要在 %(day)s 办好：%(text)s。", day=due_on, text=clause(task.text))
        yield _wanted(lead, today, "directive_due", task, due_on, reason, (Clear.ANSWER,))


def _tasks(lead: LeadClock, today: date) -> Iterator[Due]:
    for task, due_on in _reached(lead, TaskKind.TASK, today):
        reason = msg("待办 %(day)s 要办好：%(text)s。", day=due_on, text=clause(task.text))
        yield _wanted(lead, today, "task_due", task, due_on, reason, (Clear.TASK,))


def _matters(lead: LeadClock, today: date) -> Iterator[Due]:
    for task, due_on in _reached(lead, TaskKind.MATTER, today):
        text = clause(task.text)
        reason = msg("需协调的事 %(day)s 前要有结果：%(text)s。", day=due_on, text=text)
        yield _wanted(lead, today, "matter_due", task, due_on, reason)


def _reached(lead: LeadClock, kind: TaskKind, today: date) -> Iterator[tuple[OpenTask, date]]:
    """The tasks of a kind whose day has come."""
    for task in lead.tasks:
        if task.kind is kind and task.due_on and task.due_on <= today:
            yield task, task.due_on


def _wanted(
    lead: LeadClock,
    today: date,
    rule: str,
    task: OpenTask,
    due_on: date,
    reason: Message,
    clears: tuple[Clear, ...] = (),
) -> Due:
    late = (today - due_on).days
    return a_due(
        lead,
        today,
        rule,
        cause=f"task {task.id} due {due_on}",
        since=due_on,
        tone="red" if late else "ink",
        headline=late_by(late) if late else msg("今天到期"),
        reason=reason,
        person_id=task.assignee_id,
        clears=clears,
    )


def _mentions(lead: LeadClock, today: date) -> Iterator[Due]:
    # What was said stays in the house: a reason leaves it by mail.
    for one in lead.mentions:
        if one.on <= today:
            yield a_due(
                lead,
                today,
                "mention",
                cause=f"comment {one.comment_id}",
                since=one.on,
                tone="ink",
                headline=msg("有人提到您"),
                reason=msg("%(name)s %(day)s 在评论里提到您。", name=one.by, day=one.on),
                person_id=one.person_id,
            )


def _next_step(lead: LeadClock, today: date) -> Iterator[Due]:
    step = lead.next_step
    word = late_word(step.text, step.due_on, today) if step else None
    if step is None or step.due_on is None or word is None:
        return
    late = (today - step.due_on).days
    yield a_due(
        lead,
        today,
        "next_step_overdue" if late else "next_step_due",
        cause=f"task {step.id} due {step.due_on}",
        since=step.due_on,
        tone=word.tone,
        headline=late_by(late) if late else word.message,
        reason=reason_of(word),
        clears=word.clears,
    )


def _protection(lead: LeadClock, today: date) -> Iterator[Due]:
    last = lead.last_touch.on if lead.last_touch else None
    word = pool_word(lead.stage, lead.protected_until, last, today)
    if word is None or lead.protected_until is None:
        return
    yield a_due(
        lead,
        today,
        "protection",
        cause=f"protected until {lead.protected_until}",
        since=lead.protected_until - timedelta(days=protection().warning_days),
        tone=word.tone,
        headline=word.message,
        reason=reason_of(word),
        clears=word.clears,
    )


def _signing(lead: LeadClock, today: date) -> Iterator[Due]:
    expected = lead.expected_signing_on
    if expected is None or position(lead.stage) >= position(Stage.COMMITTED):
        return
    left = (expected - today).days
    if left < 0:
        headline, tone = late_by(-left), "red"
        reason = msg("预计 %(day)s 签约，已经过了，还没有签。", day=expected)
    elif left <= delivered_rules()["signing"].days:
        headline, tone = days_ahead(left), "ink"
        reason = msg("预计 %(day)s 签约，请和对方再确认一次。", day=expected)
    else:
        return
    cause = f"signing {expected}{' passed' if left < 0 else ''}"
    yield a_due(
        lead,
        today,
        "signing",
        cause=cause,
        since=expected,
        tone=tone,
        headline=headline,
        reason=reason,
        clears=(Clear.SIGNING,),
    )


def _landing(lead: LeadClock, today: date) -> Iterator[Due]:
    expected = lead.expected_landing_on
    if expected is None or lead.stage is Stage.LANDED:
        return
    left = (expected - today).days
    if left < 0:
        headline, tone = late_by(-left), "red"
        reason = msg("预计 %(day)s 落地，已经过了，还没有落地。", day=expected)
    elif left <= delivered_rules()["landing"].days:
        headline, tone = days_ahead(left), "ink"
        reason = msg("预计 %(day)s 落地，请看场地和注册办到哪一步。", day=expected)
    else:
        return
    cause = f"landing {expected}{' passed' if left < 0 else ''}"
    yield a_due(
        lead,
        today,
        "landing",
        cause=cause,
        since=expected,
        tone=tone,
        headline=headline,
        reason=reason,
        clears=(Clear.LANDING,),
    )


def _cadence(lead: LeadClock, today: date) -> Iterator[Due]:
    if lead.stage is Stage.LANDED:
        return
    touch = lead.last_touch
    start = touch.on if touch else lead.registered_on
    since = start + timedelta(days=lead.cadence_days)
    if since > today:
        return
    days = (today - start).days
    if touch is None:
        cause = f"lead {lead.lead_id} registered +{lead.cadence_days}"
        headline = msg("还没有联系过")
        reason = nmsg("登记 %(n)s 天，还没有联系过。", days)
    else:
        cause = f"touch {touch.id} +{lead.cadence_days}"
        headline = nmsg("%(n)s 天没有联系", days)
        reason = _cadence_reason(lead, days)
    yield a_due(
        lead,
        today,
        "cadence",
        cause=cause,
        since=since,
        tone="ink",
        headline=headline,
        reason=reason,
        clears=(Clear.VISIT,),
    )


def _cadence_reason(lead: LeadClock, days: int) -> Message:
    if lead.badges:
        return nmsg(
            "%(list)s企业，%(cadence)s 天该联系一次，已经 %(n)s 天没有联系。",
            days,
            list=lead.badges[0],
            cadence=lead.cadence_days,
        )
    return nmsg(
        "%(cadence)s 天该联系一次，已经 %(n)s 天没有联系。", days, cadence=lead.cadence_days
    )


def _stalled(lead: LeadClock, today: date) -> Iterator[Due]:
    if lead.stalls_on is None or lead.stalls_on > today:
        return
    last = lead.last_touch.on if lead.last_touch else None
    word = stalled_word(lead.stage, lead.days_in_stage, last)
    yield a_due(
        lead,
        today,
        "stalled",
        cause=f"{lead.stage} stalled {lead.stalls_on}",
        since=lead.stalls_on,
        tone=word.tone,
        headline=word.message,
        reason=reason_of(word),
        clears=word.clears,
    )


def _waking(lead: LeadClock, today: date) -> Iterator[Due]:
    if lead.hold_until is None or lead.hold_until > today:
        return
    word = waking_word(lead.hold_until, today)
    assert word  # noqa: S101 (its day has come)
    yield a_due(
        lead,
        today,
        "waking",
        cause=f"held until {lead.hold_until}",
        since=lead.hold_until,
        tone=word.tone,
        headline=word.message,
        reason=reason_of(word),
        clears=word.clears,
    )


_RULES: dict[Status, tuple[Callable[[LeadClock, date], Iterator[Due]], ...]] = {
    Status.ACTIVE: (
        _promises,
        _directives,
        _next_step,
        _tasks,
        _matters,
        _mentions,
        _protection,
        _signing,
        _landing,
        _cadence,
        _stalled,
    ),
    Status.ON_HOLD: (_promises, _directives, _tasks, _matters, _mentions, _waking),
    Status.LOST: (_mentions,),
}
