"""``tokens``."""

from __future__ import annotations

import click

from crm import clock
from crm.access import tokens
from crm.access.queries import account_named
from crm.commandline import OneLineGroup, fail
from crm.errors import NotFound
from models import db
from models.enums import ApiScope

token_commands = OneLineGroup("tokens", help="Tokens of the API.")


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
    made = tokens.issue(
        account_named(email), name, now=clock.now(), scope=ApiScope(scope), days=days
    )
    db.session.commit()
    click.echo(made.secret)


@token_commands.command("list")
@click.argument("email")
def list_tokens(email: str) -> None:
    """The tokens of a person: id, beginning, scope, end, last use, name."""
    for token in tokens.tokens_of(account_named(email).id):
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


COMMANDS = (token_commands,)
