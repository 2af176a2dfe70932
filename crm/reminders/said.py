"""What people said or decided on a lead that somebody is to hear of, as causes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from crm.leads.time_words import Clear
from crm.messages import msg
from crm.reminders.facts import Cause, LeadClock
from crm.reminders.reasons import Rank
from models.enums import SIGNED


def mentions(lead: LeadClock, today: date) -> Iterator[Cause]:
    """Comments that name somebody who has not looked."""
    # What was said stays in the house: a reason leaves it by mail.
    for one in lead.mentions:
        yield Cause(
            name=f"comment {one.comment_id}",
            anchor=one.on,
            tone="ink",
            headline=msg("有人提到您"),
            reason=msg("%(name)s %(day)s 在评论里提到您。", name=one.by, day=one.on),
            rank=Rank.ASKED,
            since=one.on,
            person_id=one.person_id,
        )


def offer(lead: LeadClock, today: date) -> Iterator[Cause]:
    """An offer that waits for a decision."""
    if one := lead.offer:
        yield Cause(
            name=f"offer {one.id}",
            anchor=one.on,
            tone="amber",
            headline=msg("等您批准"),
            reason=msg("%(name)s %(day)s 提出政策测算，还没有批准。", name=one.by, day=one.on),
            rank=Rank.ASKED,
            since=one.on,
            not_to=one.proposer_id,
        )


def approved(lead: LeadClock, today: date) -> Iterator[Cause]:
    """An offer that was approved, until somebody goes on with it."""
    # Not the amounts: these are read in the house.
    if (one := lead.decided) and one.approved:
        signed = lead.stage in SIGNED
        reason = msg("%(name)s %(day)s 批准了政策测算，可以去签约了。", name=one.by, day=one.on)
        if signed:
            reason = msg("%(name)s %(day)s 批准了政策测算，请告诉企业。", name=one.by, day=one.on)
        yield Cause(
            name=f"offer {one.id} approved",
            anchor=one.on,
            tone="ink",
            headline=msg("测算获批准"),
            reason=reason,
            rank=Rank.ASKED,
            since=one.on,
            person_id=one.person_id,
            clears=() if signed else (Clear.GATE,),
        )


def refused(lead: LeadClock, today: date) -> Iterator[Cause]:
    """An offer that was sent back, until somebody answers it."""
    # Neither the amounts nor why: these are read in the house.
    if (one := lead.decided) and not one.approved:
        yield Cause(
            name=f"offer {one.id} refused",
            anchor=one.on,
            tone="amber",
            headline=msg("测算被退回"),
            reason=msg(
                "%(name)s %(day)s 退回了政策测算，请看原因，改好后重新提出。",
                name=one.by,
                day=one.on,
            ),
            rank=Rank.ASKED,
            since=one.on,
            person_id=one.person_id,
            clears=(Clear.OFFER,),
        )
