"""What roles and scopes are called."""

from __future__ import annotations

from crm.access.scopes import Scope
from crm.messages import Message, msg
from models.enums import Role

ROLE_WORDS: dict[Role, Message] = {
    Role.SCOUT: msg("招商专员"),
    Role.TEAM_LEAD: msg("小分队队长"),
    Role.MANAGER: msg("局长/分管领导"),
    Role.PARK_OFFICER: msg("园区人员"),
    Role.LIAISON_LEADER: msg("挂钩领导"),
    Role.ADMINISTRATOR: msg("系统管理员"),
    Role.SECURITY_OFFICER: msg("安全管理员"),
    Role.AUDITOR: msg("审计员"),
}

SCOPE_WORDS: dict[Scope, Message] = {
    Scope.MINE: msg("我的"),
    Scope.TEAM: msg("本队"),
    Scope.PLACE: msg("本园区"),
    Scope.CITY: msg("全市"),
}
