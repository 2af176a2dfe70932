"""What the states of an offer are called, and who did the last thing with it."""

from __future__ import annotations

from datetime import datetime

from crm import clock
from crm.messages import Message, Value, msg
from crm.offers.rules import Version
from models.enums import OfferState

STATE_WORDS: dict[OfferState, Message] = {
    OfferState.PROPOSED: msg("等批准"),
    OfferState.RECORDED: msg("不申请扶持"),
    OfferState.APPROVED: msg("已批准"),
    OfferState.REFUSED: msg("已退回"),
    OfferState.WITHDRAWN: msg("已撤回"),
    OfferState.SUPERSEDED: msg("已被新版替换"),
}


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
