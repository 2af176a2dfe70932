"""``users create`` and ``tokens``."""

from __future__ import annotations

import secrets
import sys

import click
import sqlalchemy as sa

from crm import clock
from crm.access import tokens
from crm.access.accounts import create_user
from crm.commandline import OneLineGroup, fail
from crm.errors import NotFound
from models import db
from models.enums import ApiScope, Role
from models.user import User

commands = OneLineGroup("users", help="Accounts.")
token_commands = OneLineGroup("tokens", help="Tokens of the API.")


@commands.command("create")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--team", help="Code of a scouting team.")
@click.option("--park", help="Code of a park.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(
    email: str, name: str, role: str, team: str | None, park: str | None, password_stdin: bool
) -> None:
    """Make an account. Without --password-stdin a password is made and printed once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    create_user(
        email=email,
        name=name,
        role=Role(role),
        password=password,
        now=clock.now(),
        team=team,
        park=park,
    )
    db.session.commit()
    click.echo(email if password_stdin else password)


@token_commands.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What the token is for.")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in ApiScope]),
    default=ApiScope.WRITE.value,
    help="read, or write (all of the person's rights; the default).",
)
@click.option("--days", type=int, help="Days until it expires; without them it never does.")
def create_token(email: str, name: str, scope: str, days: int | None) -> None:
    """Make a token for a person and print it, this once."""
    made = tokens.issue(_person(email), name, now=clock.now(), scope=ApiScope(scope), days=days)
    db.session.commit()
    click.echo(made.secret)


@token_commands.command("list")
@click.argument("email")
def list_tokens(email: str) -> None:
    """The tokens of a person: id, beginning, scope, end, last use, name."""
    for token in tokens.tokens_of(_person(email).id):
        days = (token.expires_at, token.last_used_at)
        written = (clock.local_date(day).isoformat() if day else "-" for day in days)
        click.echo("\t".join((token.public_id, token.prefix, token.scope, *written, token.name)))


@token_commands.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """End the token of that id (see tokens list)."""
    try:
        tokens.revoke(token_id, now=clock.now())
    except NotFound:
        fail(f"There is no token {token_id!r}; tokens list EMAIL says which there are.")
    db.session.commit()


def _person(email: str) -> User:
    found: User | None = db.session.scalar(
        sa.select(User).where(User.email == email.strip().lower())
    )
    if found is None:
        fail(f"No account has the address {email}.")
    return found


COMMANDS = (commands, token_commands)
