"""Accounts: making them, switching them off, setting a password."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password

from crm.clock import local_date
from crm.errors import NotFound, Refusal
from crm.messages import Message, msg
from models import db
from models.enums import Role
from models.place import Park
from models.team import Team
from models.user import Membership, User

PASSWORD_MIN = 10
TEAM_ROLES = frozenset({Role.SCOUT, Role.TEAM_LEAD})


def create_user(
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    now: datetime,
    team: str | None = None,
    park: str | None = None,
) -> User:
    """Make an account; team and park are codes. Refuses what a person must correct."""
    errors: dict[str, list[Message]] = {}
    address = email.strip().lower()
    _check_email(address, errors)
    if not 1 <= len(name.strip()) <= 64:
        errors["name"] = [msg("请填姓名，64 个字以内。")]
    if len(password) < PASSWORD_MIN:
        errors["password"] = [msg("密码要有 %(n)s 个字符以上。", n=PASSWORD_MIN)]
    team_id = _key(Team, team, "team", errors)
    park_id = _key(Park, park, "park", errors)
    if role in TEAM_ROLES and not team:
        errors["team"] = [msg("招商专员和队长要有小分队，请选一个。")]
    if role is Role.PARK_OFFICER and not park:
        errors["park"] = [msg("园区人员要有园区，请选一个。")]
    if errors:
        raise Refusal(errors)
    user = User(
        email=address,
        name=name.strip(),
        role=role,
        password=_hashed(password),
        fs_uniquifier=secrets.token_hex(32),
        active=True,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    for place in ({"team_id": team_id}, {"park_id": park_id}):
        if any(place.values()):
            db.session.add(Membership(user_id=user.id, from_on=local_date(now), **place))
    db.session.flush()
    return user


def set_active(public_id: str, *, active: bool, by: int) -> User:
    """Switch an account on or off; what the person did stays. Nobody locks themselves out."""
    user = _find(public_id)
    if user.id == by and not active:
        raise Refusal({"active": [msg("不能停用自己的账号，请另一位管理员来做。")]})
    user.active = active
    if not active:
        # A new value ends every session of the account at once.
        user.fs_uniquifier = secrets.token_hex(32)
    db.session.flush()
    return user


def change_email(public_id: str, email: str) -> User:
    """Give an account another address, to sign in with and to write to. Refuses one that is taken.

    A mark of refused mail is the old address's: the new one is free of it.
    """
    user = _find(public_id)
    errors: dict[str, list[Message]] = {}
    address = email.strip().lower()
    if address != user.email:
        _check_email(address, errors)
    if errors:
        raise Refusal(errors)
    user.email = address
    db.session.flush()
    return user


def account_or_404(public_id: str) -> User:
    """One account by its public id. Raises NotFound."""
    return _find(public_id)


def reset_password(public_id: str, *, by: int) -> tuple[User, str]:
    """Give an account a fresh password, said once to whoever asked; open sessions end."""
    user = _find(public_id)
    if user.id == by:
        raise Refusal({"password": [msg("自己的密码请在“我的账号”里改。")]})
    password = secrets.token_urlsafe(12)
    user.password = _hashed(password)
    user.fs_uniquifier = secrets.token_hex(32)
    db.session.flush()
    return user, password


def normal_form(password: str) -> str:
    """The form of a password that sign-in compares: full and half width are one."""
    return unicodedata.normalize("NFKD", password)


def _hashed(password: str) -> str:
    return str(hash_password(normal_form(password)))


def _find(public_id: str) -> User:
    user: User | None = db.session.scalar(sa.select(User).where(User.public_id == public_id))
    if user is None:
        raise NotFound
    return user


def _check_email(address: str, errors: dict[str, list[Message]]) -> None:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        errors["email"] = [msg("请填完整的邮箱，例如 name@jiaxing.example。")]
        return
    if db.session.scalar(sa.select(User.id).where(User.email == address)):
        errors["email"] = [msg("这个邮箱已经有账号。")]


def _key(
    model: type[Team] | type[Park],
    code: str | None,
    field: str,
    errors: dict[str, list[Message]],
) -> int | None:
    if not code:
        return None
    key = db.session.scalar(sa.select(model.id).where(model.code == code))
    if key is None:
        errors[field] = [msg("没有代码为“%(code)s”的这一项，请核对。", code=code)]
    return key
