"""How an appointment is said: on Today's bar, in calendars and in mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm.clock import local_date
from crm.messages import Message, msg, nmsg
from models.enums import VisitMode

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Arranged:
    """An appointment that stands, as somebody's day reads it; ``lead`` and ``company_id`` are
    public ids."""

    public_id: str
    mode: VisitMode
    company: str
    company_id: str
    lead: str | None
    place: str
    starts_at: datetime
    ends_at: datetime


def what(mode: VisitMode, company: str) -> Message:
    """What somebody does who goes there: 接待易华录."""
    match mode:
        case VisitMode.IN:
            return msg("接待%(company)s", company=company)
        case VisitMode.OUT:
            return msg("拜访%(company)s", company=company)
        case VisitMode.VIDEO:
            return msg("与%(company)s视频", company=company)
        case VisitMode.EVENT:
            return msg("与%(company)s参加活动", company=company)
        case _:
            return msg("与%(company)s通话", company=company)


def how_soon(one: Arranged, now: datetime) -> Message:
    """How long there is until it begins, or that it was not written down yet."""
    left = one.starts_at - now
    if left > _HOUR:
        hours = round(left / _HOUR)
        return nmsg("还有 %(n)s 小时", hours)
    if left > timedelta(0):
        return nmsg("还有 %(n)s 分钟", max(1, left // timedelta(minutes=1)))
    return msg("正在进行") if now < one.ends_at else msg("还没有记")


def said(one: Arranged, time: str, today: date) -> Message:
    """The sentence of a mail: 10:30 易华录来访，在智创园 2 号楼。 ``time`` is its hour in words, of
    another day with the day."""
    if local_date(one.starts_at) < today:
        return msg("%(time)s %(what)s，还没有记。", time=time, what=what(one.mode, one.company))
    comes = one.mode is VisitMode.IN
    thing = msg("%(company)s来访", company=one.company) if comes else what(one.mode, one.company)
    if one.place:
        return msg("%(time)s %(what)s，在%(place)s。", time=time, what=thing, place=one.place)
    return msg("%(time)s %(what)s。", time=time, what=thing)
