"""What the roles are called."""

from __future__ import annotations

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
