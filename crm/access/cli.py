"""``users create``."""

from __future__ import annotations

import secrets
import sys

import click

from crm import clock
from crm.access.accounts import create_user
from crm.commandline import OneLineGroup
from models import db
from models.enums import Role

commands = OneLineGroup("users", help="Accounts.")


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


COMMANDS = (commands,)
