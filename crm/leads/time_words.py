"""What the clocks of a lead say, why, and what clears it. Pure.

One function a clock: Today, the mail, a card, a row and the lead's page all say the same of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm.leads.clock import StageClock, is_stalled
from crm.leads.stages import protection, stage_info
from crm.messages import Message, msg, nmsg
from models.enums import SIGNED, Stage, Status


class Clear(StrEnum):
    """What a person may do so that a clock says nothing more."""

    VISIT = "visit"
    STEP = "step"
    GATE = "gate"
    HOLD = "hold"
    WAKE = "wake"
    LONGER = "longer"
    ANSWER = "answer"
    SIGNING = "signing"
    LANDING = "landing"
    PROMISE = "promise"
    TASK = "task"
    OFFER = "offer"


@dataclass(frozen=True)
class LeadClocks:
    """The dates of one lead that can be late or become late."""

    stage: Stage
    status: Status
    clock: StageClock
    next_step_on: date | None
    protected_until: date | None
    hold_until: date | None = None
    next_step: str = ""
    last_touch: date | None = None


@dataclass(frozen=True)
class TimeWord:
    """What a clock says; ``tone`` is red, amber, ink or plain, ``kind`` names the clock.

    ``why`` is the reason in a sentence with its numbers and days (None: the word says it all),
    ``clears`` what makes it go.
    """

    kind: str
    tone: str
    message: Message
    why: Message | None = None
    clears: tuple[Clear, ...] = ()


def time_words(clocks: LeadClocks, today: date) -> list[TimeWord]:
    """What a lead's clocks say, the most pressing first; a card shows two at most."""
    if clocks.status is Status.LOST:
        return [TimeWord("lost", "plain", msg("流失"))]
    if clocks.status is Status.ON_HOLD:
        waking = waking_word(clocks.hold_until, today)
        return [waking] if waking else []
    stalled = is_stalled(clocks.stage, clocks.clock, clocks.status, today)
    days = clocks.clock.days(today)
    words = (
        late_word(clocks.next_step, clocks.next_step_on, today),
        pool_word(clocks.stage, clocks.protected_until, clocks.last_touch, today),
        stalled_word(clocks.stage, days, clocks.last_touch) if stalled else None,
        _date_word(clocks.next_step_on, today),
    )
    return [word for word in words if word is not None]


def late_word(text: str, due: date | None, today: date) -> TimeWord | None:
    """The next step, on its day and after it. ``text``: somebody's own words, may be empty."""
    if due is None or due > today:
        return None
    text, clears = clause(text), (Clear.STEP, Clear.VISIT)
    if due == today:
        why = msg("约好今天%(text)s。", text=text) if text else msg("下一步约在今天。")
        return TimeWord("due_today", "ink", msg("今天到期"), why, clears)
    why = msg("下一步约在 %(day)s，还没有做。", day=due)
    if text:
        why = msg("约好 %(day)s %(text)s，还没有做。", day=due, text=text)
    late = nmsg("逾期 %(n)s 天", (today - due).days)
    return TimeWord("overdue", "red", late, why, clears)


def pool_word(
    stage: Stage, until: date | None, last_touch: date | None, today: date
) -> TimeWord | None:
    """The countdown to the pool, once it is time to warn."""
    if pool_warning(stage, until, today) is None or until is None:
        return None
    return pool_countdown(until, last_touch, today)


def pool_countdown(until: date, last_touch: date | None, today: date) -> TimeWord:
    """How long the holder is still protected, however long that is."""
    left = (until - today).days
    if left < 0:
        word = msg("保护期已过")
        why = msg("保护期到 %(day)s 为止，其他小分队可以接手。", day=until)
    else:
        word = nmsg("%(n)s 天后退回公海", left) if left else msg("今天过后退回公海")
        why = msg("到 %(day)s 没有接触就退回公海，其他小分队可以接手。", day=until)
    touched = msg("%(why)s%(touch)s。", why=why, touch=_touch(last_touch))
    return TimeWord("pool", "amber", word, touched, (Clear.VISIT,))


def pool_warning(stage: Stage, until: date | None, today: date) -> int | None:
    """Days left of the protection once it is time to warn, below 0 when it is over.

    None while there is nothing to warn of; a signed project does not go back to the pool.
    """
    if until is None or stage in SIGNED:
        return None
    left = (until - today).days
    return left if left <= protection().warning_days else None


def stalled_word(stage: Stage, days: int, last_touch: date | None) -> TimeWord:
    """A lead that has been longer in its stage than the stage's limit."""
    info = stage_info(stage)
    why = msg(
        "%(stage)s满 %(limit)s 天算停滞，现在 %(days)s 天；%(touch)s。",
        stage=info.name,
        limit=info.stalled_after or 0,
        days=days,
        touch=_touch(last_touch),
    )
    clears = (Clear.GATE, Clear.HOLD)
    return TimeWord("stalled", "amber", nmsg("停滞 %(n)s 天", days), why, clears)


def waking_word(until: date | None, today: date) -> TimeWord | None:
    """A lead on hold, and its day to wake."""
    if until is None:
        return None
    if until > today:
        return TimeWord("waking", "plain", msg("暂缓到 %(day)s", day=until))
    why = msg("暂缓到 %(day)s，请决定恢复跟进还是再缓一缓。", day=until)
    return TimeWord("waking", "amber", msg("该恢复跟进了"), why, (Clear.WAKE, Clear.LONGER))


def clause(text: str) -> str:
    """Somebody's own words, so that they can stand inside a sentence."""
    return text.strip().rstrip("。.；;，,！!")


def _date_word(due: date | None, today: date) -> TimeWord | None:
    if due is None:
        why = msg("下一步没有日期，到时候没有人提醒您。")
        return TimeWord("no_date", "amber", msg("没有日期"), why, (Clear.STEP,))
    return TimeWord("date", "plain", msg("%(day)s", day=due)) if due > today else None


def _touch(last: date | None) -> Message:
    return msg("上次接触 %(day)s", day=last) if last else msg("还没有接触过")
