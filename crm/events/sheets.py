"""The guest list as shown, as a table of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm.clock import local_date
from crm.events.guests import GuestFilter, every_guest
from crm.events.rules import ATTENDANCE_WORDS, REPLY_WORDS
from crm.exports import Cell, Column, Kind, Table
from crm.messages import msg
from models.event import Event

COLUMNS = (
    Column(msg("企业"), width=22),
    Column(msg("企业全称"), width=36),
    Column(msg("联系人"), width=14),
    Column(msg("谁邀请的"), width=12),
    Column(msg("邀请日期"), Kind.DATE, 12),
    Column(msg("回复"), width=10),
    Column(msg("到场情况"), width=10),
)


def guests_sheet(event: Event, wanted: GuestFilter) -> Table:
    """The guests of an event with this filter; no numbers of people go along."""
    above = [msg("%(name)s %(day)s", name=event.name, day=event.starts_on.isoformat())]
    return Table(msg("活动名单"), COLUMNS, _rows(event, wanted), above)


def _rows(event: Event, wanted: GuestFilter) -> Iterator[Sequence[Cell]]:
    for guest in every_guest(event, wanted):
        yield (
            guest.company.short_name,
            guest.company.name,
            guest.contact.name if guest.contact else None,
            guest.invited_by.name if guest.invited_by else msg("自己来的"),
            local_date(guest.created_at),
            None if guest.walk_in else REPLY_WORDS[guest.reply],
            ATTENDANCE_WORDS[guest.attendance] if guest.attendance else None,
        )
