"""What each kind of rule counts days from in one lead, and what it says of it today. Pure.

Reasons hold no amounts, phone numbers or visit notes: they leave the house by mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import TypeAlias

from crm.leads.time_words import (
    Clear,
    clause,
    late_word,
    pool_countdown,
    stalled_word,
    waking_word,
)
from crm.messages import Message, msg, nmsg
from crm.reminders.facts import Cause, LeadClock, OpenTask
from crm.reminders.reasons import Rank, days_ahead, late_by, late_or_ahead, reason_of
from crm.reminders.said import approved, mentions, offer, refused
from models.enums import SIGNED, RuleKind, Stage, Status, TaskKind

# A date is near in its last week; what is said of it before is said in good time.
_NEAR_DAYS = 7

Causes: TypeAlias = Callable[[LeadClock, date], Iterator[Cause]]


def causes(kind: RuleKind, lead: LeadClock, today: date, limit: date = date.max) -> Iterable[Cause]:
    """What a kind of rule finds in a lead; its days may lie ahead, but not beyond the limit."""
    # Most of what a lead has is not due, and the planner asks every kind of every lead.
    if kind not in _SPEAKS[lead.status]:
        return ()
    if anchor := _ANCHORS.get(kind):
        day = anchor(lead)
        if day is None or day > limit:
            return ()
        return _KINDS[kind](lead, today)
    if not _ASKS[kind](lead):
        return ()
    # Several, each with a day of its own; those beyond the limit are not even counted on from.
    return (cause for cause in _KINDS[kind](lead, today) if cause.anchor <= limit)


def _promises(lead: LeadClock, today: date) -> Iterator[Cause]:
    for task, due_on in _tasks(lead, TaskKind.PROMISE):
        if task.theirs:
            continue
        text, rank = clause(task.text), Rank.STEP_DUE
        reason = msg("答应对方 %(day)s %(text)s。", day=due_on, text=text)
        if due_on < today:
            reason = msg("答应对方 %(day)s %(text)s，还没有做到。", day=due_on, text=text)
            rank = Rank.PROMISE_BROKEN
        elif due_on == today:
            reason = msg("今天要做到答应对方的：%(text)s。", text=text)
        yield _task(task, due_on, today, reason, rank, (Clear.PROMISE,))


def _awaited(lead: LeadClock, today: date) -> Iterator[Cause]:
    for task, due_on in _tasks(lead, TaskKind.PROMISE):
        if task.theirs:
            text = clause(task.text)
            reason = msg("对方答应 %(day)s %(text)s。", day=due_on, text=text)
            if due_on < today:
                reason = msg("对方答应 %(day)s %(text)s，还没有给。", day=due_on, text=text)
            yield _task(task, due_on, today, reason, Rank.MATTER, (Clear.PROMISE,))


def _to_do(lead: LeadClock, today: date) -> Iterator[Cause]:
    for task, due_on in _tasks(lead, TaskKind.TASK):
        reason = msg("待办 %(day)s 要办好：%(text)s。", day=due_on, text=clause(task.text))
        yield _task(task, due_on, today, reason, Rank.MATTER, (Clear.TASK,))


def _directives(lead: LeadClock, today: date) -> Iterator[Cause]:
    for task, due_on in _tasks(lead, TaskKind.DIRECTIVE):
        said = msg("批示要在 %(day)s 办好：%(text)s。", day=due_on, text=clause(task.text))
        yield _task(task, due_on, today, said, Rank.DIRECTIVE, (Clear.ANSWER,))


def _matters(lead: LeadClock, today: date) -> Iterator[Cause]:
    for task, due_on in _tasks(lead, TaskKind.MATTER):
        text = clause(task.text)
        said = msg("需协调的事 %(day)s 前要有结果：%(text)s。", day=due_on, text=text)
        yield _task(task, due_on, today, said, Rank.MATTER)


def _tasks(lead: LeadClock, kind: TaskKind) -> Iterator[tuple[OpenTask, date]]:
    for task in lead.tasks:
        if task.kind is kind and task.due_on:
            yield task, task.due_on


def _task(
    task: OpenTask,
    due_on: date,
    today: date,
    reason: Message,
    rank: Rank,
    clears: tuple[Clear, ...] = (),
) -> Cause:
    left = (due_on - today).days
    return Cause(
        name=f"task {task.id} due {due_on}",
        anchor=due_on,
        tone="red" if left < 0 else "ink",
        headline=late_or_ahead(left) if left else msg("今天到期"),
        reason=reason,
        rank=Rank.AHEAD if left > 0 else rank,
        since=due_on,
        person_id=task.assignee_id,
        clears=clears,
    )


def _next_step(lead: LeadClock, today: date) -> Iterator[Cause]:
    step = lead.next_step
    if step is None or step.due_on is None:
        return
    left = (step.due_on - today).days
    word = late_word(step.text, step.due_on, today)
    name = f"task {step.id} due {step.due_on}"
    if word is None:
        ahead = msg("下一步约在 %(day)s。", day=step.due_on)
        if text := clause(step.text):
            ahead = msg("约好 %(day)s %(text)s。", day=step.due_on, text=text)
        yield Cause(
            name,
            step.due_on,
            "ink",
            days_ahead(left),
            ahead,
            Rank.AHEAD,
            since=step.due_on,
            # Who wrote it down today needs no word of it today.
            answered_on=step.since,
            clears=(Clear.STEP, Clear.VISIT),
        )
        return
    yield Cause(
        name,
        step.due_on,
        word.tone,
        late_by(-left) if left else word.message,
        reason_of(word),
        Rank.STEP_OVERDUE if left else Rank.STEP_DUE,
        since=step.due_on,
        clears=word.clears,
    )


def _no_step(lead: LeadClock, today: date) -> Iterator[Cause]:
    if lead.next_step is not None or lead.stage is Stage.LANDED:
        return
    last = lead.last_step
    since = last.on if last else lead.registered_on
    yield Cause(
        name=f"no step after task {last.id}" if last else f"lead {lead.lead_id} without step",
        anchor=since,
        tone="amber",
        headline=msg("没有下一步"),
        reason=_without_step(since, (today - since).days),
        rank=Rank.REST,
        clears=(Clear.STEP,),
    )


def _without_step(since: date, days: int) -> Message:
    """ "Since yesterday" says itself how long."""
    if days < 2:
        return msg("%(day)s起没有下一步，请定下来。", day=since)
    return nmsg("%(day)s起没有下一步，已 %(n)s 天，请定下来。", days, day=since)


def _protection(lead: LeadClock, today: date) -> Iterator[Cause]:
    until = lead.protected_until
    if until is None or _signed(lead):
        return
    word = pool_countdown(until, lead.last_touch.on if lead.last_touch else None, today)
    yield Cause(
        name=f"protected until {until}",
        anchor=until,
        tone=word.tone,
        headline=word.message,
        reason=reason_of(word),
        rank=Rank.PROTECTION,
        clears=word.clears,
    )


def _signing(lead: LeadClock, today: date) -> Iterator[Cause]:
    expected = lead.expected_signing_on
    if expected is None or _signed(lead):
        return
    reason = msg("预计 %(day)s 签约，请和对方再确认一次。", day=expected)
    if expected < today:
        reason = msg("预计 %(day)s 签约，已经过了，还没有签。", day=expected)
    yield _date(f"signing {expected}", expected, today, reason, Clear.SIGNING)


def _landing(lead: LeadClock, today: date) -> Iterator[Cause]:
    expected = lead.expected_landing_on
    if expected is None or lead.stage is Stage.LANDED:
        return
    reason = msg("预计 %(day)s 落地，请看场地和注册办到哪一步。", day=expected)
    if expected < today:
        reason = msg("预计 %(day)s 落地，已经过了，还没有落地。", day=expected)
    yield _date(f"landing {expected}", expected, today, reason, Clear.LANDING)


def _date(name: str, day: date, today: date, reason: Message, clear: Clear) -> Cause:
    left = (day - today).days
    return Cause(
        name=name,
        anchor=day,
        tone="red" if left < 0 else "ink",
        headline=late_or_ahead(left),
        reason=reason,
        rank=Rank.NEAR if left <= _NEAR_DAYS else Rank.AHEAD,
        since=day,
        clears=(clear,),
    )


def _signed(lead: LeadClock) -> bool:
    return lead.stage in SIGNED


def _cadence(lead: LeadClock, today: date) -> Iterator[Cause]:
    if lead.stage is Stage.LANDED:
        return
    touch = lead.last_touch
    start = touch.on if touch else lead.registered_on
    days = (today - start).days
    if touch is None:
        headline = msg("还没有联系过")
        reason = nmsg("%(day)s登记，%(n)s 天还没有联系过", days, day=start)
    else:
        headline = nmsg("%(n)s 天没有联系", days)
        reason = nmsg("%(day)s起 %(n)s 天未联系", days, day=start)
    yield Cause(
        name=f"touch {touch.id}" if touch else f"lead {lead.lead_id} registered",
        anchor=start,
        tone="ink",
        headline=headline,
        reason=_with_list(reason, lead),
        rank=Rank.REWARDED_CADENCE if lead.rewarded else Rank.REST,
        clears=(Clear.VISIT,),
    )


def _with_list(reason: Message, lead: LeadClock) -> Message:
    """The sentence, and where the company stands on the list that counts most."""
    if not lead.lists:
        return msg("%(why)s。", why=reason)
    first = lead.lists[0]
    if first.rank is None:
        return msg("%(why)s，%(list)s企业。", why=reason, list=first.name)
    return msg("%(why)s，%(list)s第 %(rank)s 位。", why=reason, list=first.name, rank=first.rank)


def _stalled(lead: LeadClock, today: date) -> Iterator[Cause]:
    if lead.stalls_on is None:
        return
    last = lead.last_touch.on if lead.last_touch else None
    word = stalled_word(lead.stage, lead.days_in_stage, last)
    yield Cause(
        name=f"{lead.stage} stalled {lead.stalls_on}",
        anchor=lead.stalls_on,
        tone=word.tone,
        headline=word.message,
        reason=reason_of(word),
        rank=Rank.REST,
        clears=word.clears,
    )


def _waking(lead: LeadClock, today: date) -> Iterator[Cause]:
    if lead.hold_until is None:
        return
    word = waking_word(lead.hold_until, today)
    assert word  # noqa: S101 (it has a day)
    ahead = msg("暂缓到 %(day)s，请想好怎么恢复跟进。", day=lead.hold_until)
    yield Cause(
        name=f"held until {lead.hold_until}",
        anchor=lead.hold_until,
        tone=word.tone if word.why else "ink",
        headline=word.message,
        reason=word.why or ahead,
        rank=Rank.REST if word.why else Rank.AHEAD,
        clears=word.clears or (Clear.WAKE, Clear.LONGER),
    )


def _aftercare(lead: LeadClock, today: date) -> Iterator[Cause]:
    if lead.stage is not Stage.LANDED or lead.landed_on is None:
        return
    days = (today - lead.landed_on).days
    yield Cause(
        name=f"landed {lead.landed_on}",
        anchor=lead.landed_on,
        tone="ink",
        headline=nmsg("落地 %(n)s 天", days),
        reason=nmsg("%(day)s落地，已 %(n)s 天，该回访了。", days, day=lead.landed_on),
        rank=Rank.REST,
        answered_on=lead.last_touch.on if lead.last_touch else None,
        clears=(Clear.VISIT,),
    )


_KINDS: dict[RuleKind, Causes] = {
    RuleKind.PROMISE_OURS: _promises,
    RuleKind.PROMISE_THEIRS: _awaited,
    RuleKind.DIRECTIVE: _directives,
    RuleKind.TASK: _to_do,
    RuleKind.MATTER: _matters,
    RuleKind.MENTION: mentions,
    RuleKind.OFFER: offer,
    RuleKind.OFFER_APPROVED: approved,
    RuleKind.OFFER_REFUSED: refused,
    RuleKind.NEXT_STEP: _next_step,
    RuleKind.NO_STEP: _no_step,
    RuleKind.PROTECTION: _protection,
    RuleKind.SIGNING: _signing,
    RuleKind.LANDING: _landing,
    RuleKind.CADENCE: _cadence,
    RuleKind.STALLED: _stalled,
    RuleKind.WAKING: _waking,
    RuleKind.AFTERCARE: _aftercare,
}
# The day that a kind counts from, where a lead has one.
_ANCHORS: dict[RuleKind, Callable[[LeadClock], date | None]] = {
    RuleKind.NEXT_STEP: lambda lead: lead.next_step.due_on if lead.next_step else None,
    RuleKind.NO_STEP: lambda lead: lead.last_step.on if lead.last_step else lead.registered_on,
    RuleKind.PROTECTION: lambda lead: lead.protected_until,
    RuleKind.SIGNING: lambda lead: lead.expected_signing_on,
    RuleKind.LANDING: lambda lead: lead.expected_landing_on,
    RuleKind.CADENCE: lambda lead: lead.last_touch.on if lead.last_touch else lead.registered_on,
    RuleKind.STALLED: lambda lead: lead.stalls_on,
    RuleKind.WAKING: lambda lead: lead.hold_until,
    RuleKind.AFTERCARE: lambda lead: lead.landed_on,
}
# What the others look at: where a lead has none of it, they find nothing.
_ASKS: dict[RuleKind, Callable[[LeadClock], object]] = {
    **dict.fromkeys(
        (
            RuleKind.PROMISE_OURS,
            RuleKind.PROMISE_THEIRS,
            RuleKind.DIRECTIVE,
            RuleKind.TASK,
            RuleKind.MATTER,
        ),
        attrgetter("tasks"),
    ),
    RuleKind.MENTION: attrgetter("mentions"),
    RuleKind.OFFER: attrgetter("offer"),
    RuleKind.OFFER_APPROVED: attrgetter("decided"),
    RuleKind.OFFER_REFUSED: attrgetter("decided"),
}
_ALWAYS = frozenset(_ASKS)
_SPEAKS: dict[Status, frozenset[RuleKind]] = {
    Status.ACTIVE: frozenset(_KINDS) - {RuleKind.WAKING},
    Status.ON_HOLD: _ALWAYS | {RuleKind.WAKING},
    Status.LOST: frozenset({RuleKind.MENTION}),
}
