"""What may be purged, and what is said of a purge. Pure."""

from __future__ import annotations

from collections.abc import Collection

from crm.errors import Refusal
from crm.messages import Message, msg
from crm.texts import too_long
from models.archive import REASON_LENGTH

# Records that decide or certify something: what one of them rests on stays in the trash.
OFFICIAL: dict[str, Message] = {
    "offer": msg("政策测算"),
    "lead_entity": msg("本地公司"),
    "premises": msg("办公场地"),
    "credit_share": msg("业绩分成"),
    "directive_answer": msg("批示的回复"),
    "directive_day": msg("批示的改期"),
    "stage_change": msg("签约的依据"),
}
# What a company may still have there: it goes first.
BEFORE: dict[str, Message] = {
    "lead": msg("线索"),
    "visit": msg("走访"),
    "list_entry": msg("上榜记录"),
    "trip_stop": msg("出差的行程"),
    "company_relation": msg("关联企业"),
    "invitation": msg("活动邀请"),
    "referral": msg("引荐"),
    "company": msg("并进来的企业"),
    "merger": msg("并进来的企业"),
}


def check_purge(reason: str, rests_on: Collection[str]) -> str:
    """The reason, tidied. Raises Refusal without one, and for what another record needs.

    ``rests_on`` are the tables that refer to it.
    """
    if first := next((BEFORE[name] for name in BEFORE if name in rests_on), None):
        text = msg("它还有%(what)s，也在回收站或在用，请先清除或移走。", what=first)
        raise Refusal({}, text, code="in_use")
    if rests_on:
        first = next((OFFICIAL[name] for name in OFFICIAL if name in rests_on), msg("别的记录"))
        text = msg("它有%(what)s，是正式记录，不能清除，只能留在回收站。", what=first)
        raise Refusal({}, text, code="official")
    reason = reason.strip()
    if not reason:
        raise Refusal({"reason": [msg("请写下清除的原因。清除后不能恢复。")]})
    if wrong := too_long(reason, REASON_LENGTH):
        raise Refusal({"reason": [wrong]})
    return reason
