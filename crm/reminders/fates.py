"""What became of a reminder, in a sentence: sent, or not and why not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from crm.messages import Message, msg, nmsg
from crm.reminders.facts import LeadClock
from crm.reminders.personal.words import WAY_WORDS
from crm.reminders.quiet import MOST_AN_HOUR
from models.enums import MessageState, ReminderState, Status, Way


@dataclass(frozen=True)
class Fate:
    """What decides what became of a reminder.

    ``absent_until`` and ``stand_in`` are of its person today, ``deputy`` is who was told instead.
    ``at_once``: its rule waits for no day's mail; ``quiet_until`` and ``sent_lately`` (mails of the
    last hour) may hold it up. ``again_at``: when a message that was refused for now is tried again.
    ``overtook``: an earlier message, which never went, was merged into this one.
    """

    state: ReminderState
    snoozed_until: date | None = None
    active: bool = True
    working_day: bool = True
    mailed_today: bool = False
    unwritten: bool = False
    mail_state: MessageState | None = None
    mail_goes: bool = True
    sent_at: datetime | None = None
    again_at: datetime | None = None
    overtook: bool = False
    way: Way = Way.MAIL
    deputy: str = ""
    absent_until: date | None = None
    stand_in: str = ""
    paused_until: date | None = None
    chosen: Way = Way.MAIL
    hour: time = time(8)
    at_once: bool = False
    quiet_until: time | None = None
    sent_lately: int = 0


def outcome(fate: Fate) -> Message:
    """What became of a reminder that was not called off. Pure."""
    match fate.state:
        case ReminderState.QUEUED:
            said = _sent(fate)
            if fate.overtook:
                said = msg("%(said)s；之前的一封没有送到，并进了这一封", said=said)
        case ReminderState.SHOWN:
            said = msg("本人选了只在这里看，没有发")
        case _:
            return _waiting(fate)
    if fate.deputy:
        return msg("%(said)s，本人休假，由%(deputy)s代收", said=said, deputy=fate.deputy)
    return said


def _sent(fate: Fate) -> Message:
    by_mail = fate.way is Way.MAIL
    if fate.sent_at and by_mail:
        return msg("%(moment)s 发出", moment=fate.sent_at)
    if fate.sent_at:
        return msg("%(moment)s 发到%(way)s", moment=fate.sent_at, way=WAY_WORDS[fate.way])
    if fate.mail_state in {MessageState.FAILED, MessageState.DEAD}:
        if by_mail:
            return msg("邮件没有送到，管理员可以在发件箱里重发")
        return msg("%(way)s不收，写进下一封邮件", way=WAY_WORDS[fate.way])
    if fate.mail_state is MessageState.DROPPED:
        return msg("没有送到，管理员放弃了这一封")
    return _on_its_way(fate)


def _on_its_way(fate: Fate) -> Message:
    if fate.mail_state is MessageState.SENDING:
        return msg("正在发")
    if fate.way is Way.MAIL and not fate.mail_goes:
        return msg("已写好，这里没有设置邮件服务器，发不出去")
    if fate.again_at:
        return msg("对方服务器暂时没有收，%(moment)s 再发", moment=fate.again_at)
    return msg("已写好，还没有发出")


def _waiting(fate: Fate) -> Message:
    if not fate.active:
        return msg("账号停用了，不发")
    if fate.snoozed_until:
        return msg("本人放到 %(day)s 再提醒", day=fate.snoozed_until)
    return _not_there(fate) or _of_the_day(fate)


def _not_there(fate: Fate) -> Message | None:
    """That its person is on leave or has paused."""
    if fate.absent_until and fate.stand_in:
        return msg(
            "本人休假到 %(day)s，写进代理人%(who)s的下一封（看不到的发给队长）",
            day=fate.absent_until,
            who=fate.stand_in,
        )
    if fate.absent_until:
        return msg("本人休假到 %(day)s，没有人代收，发给队长", day=fate.absent_until)
    if fate.paused_until:
        return msg("本人暂停了提醒，%(day)s 恢复", day=fate.paused_until)
    return None


def _of_the_day(fate: Fate) -> Message:
    """For which message of a day it waits."""
    if not fate.working_day:
        return msg("今天不上班，下一个工作日发")
    if fate.chosen is Way.APP:
        return msg("本人选了只在这里看，不发")
    if fate.at_once:
        return _out_of_turn(fate)
    return _with_the_next(fate)


def _with_the_next(fate: Fate) -> Message:
    if fate.unwritten:
        return msg("上一封没有写成，原因在管理员的发件箱里，下一封一起说")
    if fate.mailed_today:
        return msg("今天的提醒已经发过，写进下一个工作日的")
    return msg("等下一封提醒，工作日 %(time)s 发", time=format(fate.hour, "%H:%M"))


def _out_of_turn(fate: Fate) -> Message:
    """Why what waits for no day's mail has not gone yet."""
    if fate.quiet_until:
        until = format(fate.quiet_until, "%H:%M")
        return msg("免打扰时间，%(time)s 后单独发；在那之前有每日提醒就写进去", time=until)
    if fate.sent_lately >= MOST_AN_HOUR:
        return nmsg("一小时里已单独发过 %(n)s 封，过一会儿再发", fate.sent_lately)
    return msg("马上单独发")


def asleep(lead: LeadClock) -> Message | None:
    """Why most rules say nothing of a lead; None where they do. Pure."""
    if lead.status is Status.LOST:
        return msg("已流失：除了在评论里提到谁，不再提醒。")
    if lead.status is Status.ON_HOLD and lead.hold_until:
        return msg(
            "暂缓到 %(day)s：在那之前只提醒承诺、批示、待办、待批和批过的测算、评论里提到的人。",
            day=lead.hold_until,
        )
    return None
