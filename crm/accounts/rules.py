"""What an account may be, and what a change of one brings with it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from crm.messages import Message, msg
from models.enums import Role

PASSWORD_MIN = 10
# Longer ones are not hashed: the library that does it refuses more than 4,096 characters.
PASSWORD_MAX = 1_000
LONGEST_NAME = 64
TEAM_ROLES = frozenset({Role.SCOUT, Role.TEAM_LEAD})

Errors = dict[str, list[Message]]


def wrong_password(text: str) -> Message | None:
    """What keeps a text from becoming a password; None when it will do."""
    if len(text) < PASSWORD_MIN:
        return msg("密码要有 %(n)s 个字符以上。", n=PASSWORD_MIN)
    if can_not_be_password(text):
        return msg("密码最多 %(n)s 个字符。", n=PASSWORD_MAX)
    return None


def can_not_be_password(text: str) -> bool:
    """Whether a text is longer than any password, as it is hashed too: nobody's, then."""
    return len(text) > PASSWORD_MAX or len(normal_form(text)) > PASSWORD_MAX


@dataclass(frozen=True)
class AccountInput:
    """An account as typed; team and park are codes."""

    email: str
    name: str
    role: Role
    team: str = ""
    park: str = ""

    def tidied(self) -> AccountInput:
        """Without the spaces around what was typed; an address has no capitals."""
        email, name = self.email.strip().lower(), self.name.strip()
        return AccountInput(email, name, Role(self.role), self.team or "", self.park or "")


def problems(typed: AccountInput) -> Errors:
    """What is wrong with an account as typed (tidied), by field; the address is looked up."""
    errors: Errors = {}
    if not 1 <= len(typed.name) <= LONGEST_NAME:
        errors["name"] = [msg("请填姓名，64 个字以内。")]
    if typed.role in TEAM_ROLES and not typed.team:
        errors["team"] = [msg("招商专员和队长要有小分队，请选一个。")]
    if typed.role is Role.PARK_OFFICER and not typed.park:
        errors["park"] = [msg("园区人员要有园区，请选一个。")]
    return errors


def refused_role(known: AccountInput, typed: AccountInput, *, own: bool, last: bool) -> Errors:
    """Why nobody may change this role: it is one's ``own``, or the ``last`` administrator's."""
    if typed.role is known.role:
        return {}
    if last:
        return {"role": [LAST_ADMINISTRATOR]}
    if own:
        return {"role": [msg("自己的角色请另一位管理员来改。")]}
    return {}


LAST_ADMINISTRATOR = msg("这是最后一位在用的系统管理员，请先给另一位这个角色。")


def reaches_otherwise(known: AccountInput, typed: AccountInput) -> bool:
    """Whether the person comes to see and do other things: then they sign in anew."""
    return (known.role, known.team, known.park) != (typed.role, typed.team, typed.park)


def leaves_team(known: AccountInput, typed: AccountInput) -> bool:
    """Whether the person looks after leads of their team no more; a manager may, of any team."""
    if not known.team or typed.role is Role.MANAGER:
        return False
    return typed.team != known.team or typed.role not in TEAM_ROLES


def normal_form(password: str) -> str:
    """The form of a password that sign-in compares: full and half width are one."""
    return unicodedata.normalize("NFKD", password)
