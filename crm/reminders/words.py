"""A reminder rule in words: what it does, in one sentence, and what its parts are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.leads.stages import stage_name
from crm.messages import Message, Name, Value, enumerated, msg, nmsg
from crm.reminders.rulebook import Conditions, Rule, Step, Tier, To
from models.enums import CalledOff, RuleKind

TO_WORDS: dict[To, Message] = {
    To.ASKED: msg("要办的人"),
    To.OWNER: msg("线索负责人"),
    To.TEAM_LEAD: msg("本队队长"),
    To.TEAM_LEAD_ELSE_MANAGER: msg("本队队长（没有就提醒分管领导）"),
    To.MANAGER: msg("分管领导"),
    To.PARK_OFFICER: msg("园区工作人员"),
    To.LIAISON_LEADER: msg("挂钩联系的领导"),
}
TIER_WORDS: dict[Tier, Message] = {
    Tier.REWARDED: msg("重点榜单企业"),
    Tier.LISTED: msg("其他榜单企业"),
    Tier.UNLISTED: msg("不在榜单的企业"),
}
# What the days of a rule are counted from.
ANCHOR_WORDS: dict[RuleKind, Message] = {
    RuleKind.NEXT_STEP: msg("下一步的日期"),
    RuleKind.NO_STEP: msg("没有下一步的那天"),
    RuleKind.CADENCE: msg("上次接触"),
    RuleKind.STALLED: msg("超过阶段期限"),
    RuleKind.SIGNING: msg("预计签约日"),
    RuleKind.LANDING: msg("预计落地日"),
    RuleKind.UNCOVERED: msg("每周一"),
    RuleKind.PROMISE_OURS: msg("我方承诺的日期"),
    RuleKind.PROMISE_THEIRS: msg("对方承诺的日期"),
    RuleKind.DIRECTIVE: msg("批示要求的日期"),
    RuleKind.TASK: msg("待办的日期"),
    RuleKind.MATTER: msg("需协调事项的日期"),
    RuleKind.MENTION: msg("在评论里被提到"),
    RuleKind.OFFER: msg("提出政策测算"),
    RuleKind.OFFER_APPROVED: msg("政策测算获批准"),
    RuleKind.OFFER_REFUSED: msg("政策测算被退回"),
    RuleKind.PROTECTION: msg("保护期满"),
    RuleKind.WAKING: msg("恢复跟进"),
    RuleKind.AFTERCARE: msg("落地"),
}
CALLED_OFF_WORDS: dict[CalledOff, Message] = {
    CalledOff.UNTRUE: msg("发之前已经不是这样了，不必提醒"),
    CalledOff.RULE_OFF: msg("规则停用了，没有发"),
    CalledOff.RULE_CHANGED: msg("规则改了，没有发"),
}


def sentence(rule: Rule, names: Mapping[str, Name]) -> Message:
    """What a rule does, in one sentence; ``names`` of lists and teams by code."""
    phrases = [step_words(rule, step) for step in rule.steps]
    said = phrases[0]
    for phrase in phrases[1:]:
        said = msg("%(before)s；%(next)s", before=said, next=phrase)
    about = conditions_words(rule.conditions, names)
    does = msg("%(steps)s。", steps=said)
    if about is not None:
        does = msg("%(about)s：%(steps)s。", about=about, steps=said)
    if rule.kind is RuleKind.UNCOVERED:
        does = msg("%(does)s本队是榜单上分派到的小分队，没有分派的按企业所在城市。", does=does)
    return msg("%(does)s随时单独发一封邮件。", does=does) if rule.at_once else does


def step_words(rule: Rule, step: Step) -> Message:
    """When a step reminds whom."""
    return msg("%(when)s提醒%(who)s", when=when_words(rule, step.days), who=TO_WORDS[step.to])


def when_words(rule: Rule, days: int) -> Message:
    """When a step is reached."""
    anchor = ANCHOR_WORDS[rule.kind]
    if not days:
        return anchor if rule.kind is RuleKind.UNCOVERED else msg("%(day)s当天", day=anchor)
    if rule.working:
        if days < 0:
            return nmsg("%(day)s前 %(n)s 个工作日", -days, day=anchor)
        return nmsg("%(day)s后 %(n)s 个工作日", days, day=anchor)
    if days < 0:
        return nmsg("%(day)s前 %(n)s 天", -days, day=anchor)
    return nmsg("%(day)s后 %(n)s 天", days, day=anchor)


def conditions_words(conditions: Conditions, names: Mapping[str, Name]) -> Message | None:
    """Of which leads it speaks; None for all."""
    parts: list[Message] = []
    if conditions.tiers:
        parts.append(_any([TIER_WORDS[tier] for tier in Tier if tier in conditions.tiers]))
    if conditions.stages:
        parts.append(_any([stage_name(stage) for stage in sorted(conditions.stages)]))
    if conditions.lists:
        parts.append(_any([names.get(code, code) for code in sorted(conditions.lists)]))
    if conditions.except_lists:
        some = _any([names.get(code, code) for code in sorted(conditions.except_lists)])
        parts.append(msg("%(lists)s除外", lists=some))
    if conditions.teams:
        parts.append(_any([names.get(code, code) for code in sorted(conditions.teams)]))
    if not parts:
        return None
    said = parts[0]
    for part in parts[1:]:
        said = msg("%(before)s，%(next)s", before=said, next=part)
    return said


def _any(values: Sequence[Value]) -> Message:
    return enumerated([msg("%(one)s", one=value) for value in values])
