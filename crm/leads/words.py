"""What the fields and choices of a lead are called."""

from __future__ import annotations

from crm.messages import Message, msg
from models.enums import Status, TaskKind, VisitMode

STATUS_WORDS: dict[Status, Message] = {
    Status.ACTIVE: msg("在谈"),
    Status.ON_HOLD: msg("暂缓"),
    Status.LOST: msg("流失"),
}

MODE_WORDS: dict[VisitMode, Message] = {
    VisitMode.OUT: msg("外出拜访"),
    VisitMode.IN: msg("接待来访"),
    VisitMode.CALL: msg("电话"),
    VisitMode.VIDEO: msg("视频"),
    VisitMode.MESSAGE: msg("消息"),
    VisitMode.EVENT: msg("活动"),
}

TASK_WORDS: dict[TaskKind, Message] = {
    TaskKind.NEXT_STEP: msg("下一步"),
    TaskKind.TASK: msg("待办"),
    TaskKind.MATTER: msg("需协调事项"),
    TaskKind.PROMISE: msg("承诺"),
    TaskKind.DIRECTIVE: msg("批示"),
}

# The columns whose changes a timeline tells, and what they are called.
FIELD_WORDS: dict[str, Message] = {
    "project": msg("项目名称"),
    "segment_id": msg("产业链环节"),
    "channel_id": msg("线索来源"),
    "owner_id": msg("负责人"),
    "team_id": msg("招商小分队"),
    "liaison_id": msg("挂钩领导"),
    "district_id": msg("意向区县"),
    "park_id": msg("意向园区"),
    "need": msg("企业诉求"),
    "space_m2": msg("载体需求"),
    "planned_investment_cny": msg("计划总投资"),
    "planned_revenue_cny": msg("三年软件收入"),
    "planned_headcount": msg("三年用工"),
    "expected_signing_on": msg("预计签约"),
    "expected_landing_on": msg("预计落地"),
    "signed_on": msg("签约日期"),
    "signed_investment_cny": msg("签约投资额"),
    "registered_on": msg("注册日期"),
    "landed_on": msg("落地日期"),
}
