"""Accounts: made, changed, switched off and on, given a fresh password."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.access import held_on
from crm.accounts.rules import (
    LAST_ADMINISTRATOR,
    AccountInput,
    Errors,
    leaves_team,
    normal_form,
    problems,
    reaches_otherwise,
    refused_role,
    wrong_password,
)
from crm.clock import local_date
from crm.errors import Refusal
from crm.held import held
from crm.leads import departures, lookups
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.enums import Role
from models.place import Park
from models.team import Team
from models.user import Membership, User

# What a form calls otherwise than the columns that a change of it moves.
_COLUMNS = {"team": ("team_id", "to_on"), "park": ("park_id", "to_on")}

_TAKEN = msg("这个邮箱已经有账号。")


@dataclass(frozen=True)
class Changed:
    """An account as it stands now, how many leads somebody else took over, and whether it has to
    sign in anew.
    """

    user: User
    handed_over: int = 0
    signed_out: bool = False


def create_user(typed: AccountInput, *, password: str, now: datetime) -> User:
    """Make an account. Raises Refusal with each field that a person must correct."""
    typed = typed.tidied()
    errors = problems(typed) | _wrong_email(typed.email)
    if text := wrong_password(password):
        errors["password"] = [text]
    places = _places(typed, errors)
    if errors:
        raise Refusal(errors)
    user = User(
        email=typed.email,
        name=typed.name,
        role=typed.role,
        password=_hashed(password),
        fs_uniquifier=_no_session(),
        active=True,
        created_at=now,
    )
    with _address_decides():
        db.session.add(user)
    for column, key in places.items():
        if key is not None:
            _join(user, column, key, local_date(now))
    db.session.flush()
    return user


def known_of(user: User, memberships: Sequence[Membership]) -> AccountInput:
    """An account as it would be typed, with the memberships of today."""
    team = next((one.team.code for one in memberships if one.team), "")
    park = next((one.park.code for one in memberships if one.park), "")
    return AccountInput(user.email, user.name, user.role, team, park)


def memberships_of(user: User, today: date) -> Sequence[Membership]:
    """Where a person belongs that day (one statement)."""
    query = (
        sa.select(Membership)
        .where(Membership.user_id == user.id, held_on(today))
        .options(joinedload(Membership.team), joinedload(Membership.park))
        .order_by(Membership.id)
    )
    return db.session.scalars(query).all()


def change_account(
    public_id: str,
    typed: AccountInput,
    *,
    by: int | None,
    now: datetime,
    read: Read | None = None,
    heir: str = "",
) -> Changed:
    """Change who somebody is; ``heir``, a public id, takes the open leads of a team they leave.

    Without one the leads stay theirs, in the team they are in. Raises NotFound, Refusal with a
    sentence at each field, and Stale for what two people changed.
    """
    administrators = _administrators()
    user, today = held(User, User.public_id == public_id, referable=True), local_date(now)
    memberships = memberships_of(user, today)
    known = known_of(user, memberships)
    stands = [user, *memberships]
    wanted = merged(asdict(known), asdict(typed.tidied()), read, stands, _COLUMNS)
    typed = AccountInput(**wanted).tidied()
    errors = problems(typed)
    errors |= refused_role(known, typed, own=user.id == by, last=administrators == [user.id])
    if typed.email != known.email:
        errors |= _wrong_email(typed.email)
    places = _places(typed, errors)
    leaves = leaves_team(known, typed)
    if heir and not leaves:
        errors["heir"] = [msg("还在这支小分队，不用改派；要改派请队长来做。")]
    if errors:
        raise Refusal(errors)
    user.name, user.role = typed.name, typed.role
    with _address_decides():
        user.email = typed.email
    for field, column in (("team", "team_id"), ("park", "park_id")):
        if getattr(known, field) != getattr(typed, field):
            _move(user, memberships, column, places[column], today)
    signed_out = reaches_otherwise(known, typed)
    if signed_out:
        user.fs_uniquifier = _no_session()
    db.session.flush()
    handed_over = departures.hand_over(user, known.team, heir, now) if heir else 0
    return Changed(user, handed_over, signed_out)


def deactivate(public_id: str, *, by: int | None, now: datetime, heir: str = "") -> Changed:
    """Switch an account off; what was done stays, ``heir`` takes the open leads of their team.

    Raises NotFound, and Refusal: nobody locks themselves out, and one administrator stays.
    """
    administrators = _administrators()
    user = held(User, User.public_id == public_id, referable=True)
    if user.id == by:
        raise Refusal({"active": [msg("不能停用自己的账号，请另一位管理员来做。")]})
    if administrators == [user.id]:
        raise Refusal({"active": [LAST_ADMINISTRATOR]})
    user.active = False
    user.fs_uniquifier = _no_session()
    db.session.flush()
    if not heir:
        return Changed(user, signed_out=True)
    team = known_of(user, memberships_of(user, local_date(now))).team
    return Changed(user, departures.hand_over(user, team, heir, now), signed_out=True)


def activate(public_id: str) -> User:
    """Switch an account on again. Raises NotFound."""
    user = held(User, User.public_id == public_id, referable=True)
    user.active = True
    db.session.flush()
    return user


def reset_password(public_id: str, *, by: int) -> tuple[User, str]:
    """Give an account a fresh password, said once to whoever asked; open sessions end.

    Raises NotFound, and Refusal for one's own account.
    """
    user = held(User, User.public_id == public_id, referable=True)
    if user.id == by:
        raise Refusal({"password": [msg("自己的密码请在“我的账号”里改。")]})
    password = secrets.token_urlsafe(12)
    user.password = _hashed(password)
    user.fs_uniquifier = _no_session()
    db.session.flush()
    return user, password


def _administrators() -> list[int]:
    """Who can administrate now, their rows held: two do not take the role from one another."""
    query = (
        sa.select(User.id)
        .where(User.role == Role.ADMINISTRATOR, User.active)
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return list(db.session.scalars(query))


def _no_session() -> str:
    """A new value ends every session of the account at once."""
    return secrets.token_hex(32)


def _hashed(password: str) -> str:
    return str(hash_password(normal_form(password)))


def _wrong_email(address: str) -> Errors:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return {"email": [msg("请填完整的邮箱，例如 name@jiaxing.example。")]}
    if db.session.scalar(sa.select(User.id).where(User.email == address)):
        return {"email": [_TAKEN]}
    return {}


@contextmanager
def _address_decides() -> Iterator[None]:
    """What writes an address runs inside: when somebody was faster, it is refused as taken."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError:
        raise Refusal({"email": [_TAKEN]}) from None


def _places(typed: AccountInput, errors: Errors) -> dict[str, int | None]:
    """Team and park by their codes, as columns of a membership."""
    return {
        "team_id": lookups.by_code(Team, typed.team, "team", errors),
        "park_id": lookups.by_code(Park, typed.park, "park", errors),
    }


def _move(
    user: User, memberships: Sequence[Membership], column: str, key: int | None, today: date
) -> None:
    """Out of every team (or park) into this one; what began today has then never held."""
    for one in memberships:
        if getattr(one, column) is not None:
            one.to_on = today - timedelta(days=1)
    # The trail says that somebody left before it says where they went.
    db.session.flush()
    if key is not None:
        _join(user, column, key, today)


def _join(user: User, column: str, key: int, today: date) -> None:
    db.session.add(Membership(user_id=user.id, from_on=today, **{column: key}))
