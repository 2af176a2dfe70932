"""What the ways and topics are called. Pure."""

from __future__ import annotations

from crm.messages import Message, msg
from crm.reminders.personal.rules import Topic
from models.enums import Way

WAY_WORDS: dict[Way, Message] = {
    Way.MAIL: msg("邮件"),
    Way.WECOM: msg("企业微信"),
    Way.DINGTALK: msg("钉钉"),
    Way.FEISHU: msg("飞书"),
    Way.APP: msg("只在这里看，不发"),
}
TOPIC_WORDS: dict[Topic, Message] = {
    Topic.STEPS: msg("下一步和重要日子"),
    Topic.CADENCE: msg("太久没有联系、停滞"),
    Topic.ASKED: msg("承诺、批示和待办"),
    Topic.TALK: msg("提到我的、等我批准的"),
    Topic.TARGETS: msg("没有人跟的目标企业"),
}
TOPIC_HINTS: dict[Topic, Message] = {
    Topic.STEPS: msg("下一步到期、没有下一步、签约和落地日、保护期、恢复跟进、落地服务"),
    Topic.CADENCE: msg("超过跟进频率、在一个阶段停太久"),
    Topic.ASKED: msg("我方和对方的承诺、领导批示、待办、需协调事项"),
    Topic.TALK: msg("评论里提到您、政策测算等您批准、获批准或被退回"),
    Topic.TARGETS: msg("榜单上还没有负责人的企业，每周一次"),
}
