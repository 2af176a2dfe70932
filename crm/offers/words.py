"""What the states of an offer are called, and who did the last thing with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm import clock
from crm.messages import Message, Money, Value, msg
from crm.offers.rules import Version
from crm.offers.terms import Kind
from models.enums import OfferState

STATE_WORDS: dict[OfferState, Message] = {
    OfferState.PROPOSED: msg("等批准"),
    OfferState.RECORDED: msg("不申请扶持"),
    OfferState.APPROVED: msg("已批准"),
    OfferState.REFUSED: msg("已退回"),
    OfferState.WITHDRAWN: msg("已撤回"),
    OfferState.SUPERSEDED: msg("已被新版替换"),
}


def asked_for(sums: Mapping[Kind, int]) -> Value | None:
    """What is asked, in sums of CNY by kind: one is never added to another. None of nothing."""
    said: Value | None = None
    for kind, cny in sums.items():
        one = _sum(kind, cny)
        said = one if said is None else msg("%(before)s、%(next)s", before=said, next=one)
    return said


def _sum(kind: Kind, cny: int) -> Value:
    """A sum and what it is of; a grant goes without saying."""
    match kind:
        case Kind.EQUITY:
            return msg("基金投资 %(sum)s", sum=Money(cny))
        case Kind.CREDIT:
            return msg("授信和担保 %(sum)s", sum=Money(cny))
        case _:
            return Money(cny)


def what_is_asked(sums: Value | None, *, no_incentive: bool) -> Message:
    """The same as what an offer is called."""
    if no_incentive:
        return STATE_WORDS[OfferState.RECORDED]
    return msg("政策测算 %(sum)s", sum=sums) if sums else msg("政策测算")


def outcome(version: Version, proposer: str, created_at: datetime) -> Message:
    """A sentence: who proposed, approved, refused or withdrew it, and on which day."""
    proposed, ended = clock.local_date(created_at), version.at and clock.local_date(version.at)
    match version.state:
        case OfferState.PROPOSED:
            return msg("%(name)s %(day)s 提出，等局领导批准", name=proposer, day=proposed)
        case OfferState.RECORDED:
            return msg("%(name)s %(day)s 记录", name=proposer, day=proposed)
        case OfferState.APPROVED if ended:
            return msg("%(name)s %(day)s 批准", name=version.by, day=ended)
        case OfferState.REFUSED if ended:
            return msg("%(name)s %(day)s 退回", name=version.by, day=ended)
        case OfferState.WITHDRAWN if ended:
            return msg("%(name)s %(day)s 撤回", name=version.by, day=ended)
        case _:
            return msg("%(name)s %(day)s 提出", name=proposer, day=proposed)


def ended(version: Version) -> Message:
    """Who approved, refused or withdrew it, to the minute; also of one that was replaced since."""
    values: dict[str, Value] = {"name": version.by, "at": version.at or ""}
    match version.state:
        case OfferState.REFUSED:
            return msg("%(name)s %(at)s 退回", **values)
        case OfferState.WITHDRAWN:
            return msg("%(name)s %(at)s 撤回", **values)
        case _:
            return msg("%(name)s %(at)s 批准", **values)
