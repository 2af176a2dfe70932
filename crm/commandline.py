"""How commands behave: wrong use is one line on stderr and exit 2; logs go to stderr.

That line is English whoever refuses, the command line itself or a room: as are the help beside it
and ``doctor``. What a command finds, each row of a file too and with ``--json`` as without, it says
in the language of those whose file it is: Chinese, whatever the terminal's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from crm import audit, clock
from crm.errors import CrmError, Refusal
from crm.messages import Message
from crm.spans import YEARS, wrong_year
from models.enums import Via


def fail(text: str) -> NoReturn:
    """Say one line on stderr and stop with exit 2."""
    click.echo(" ".join(text.split()), err=True)
    raise SystemExit(2)


def said(error: CrmError) -> str:
    """A refusal as one line: the sentence of each field, or the whole one's."""
    texts = error.texts if isinstance(error, Refusal) else [error.message]
    return " ".join(_say_in("en", texts))


def found(sentences: Sequence[Message]) -> str:
    """What a command found out of a file's row, as its page says it in Chinese."""
    return " ".join(_say_in("zh_Hans_CN", sentences))


def _say_in(locale: str, sentences: Sequence[Message]) -> list[str]:
    # Only who says something needs them: the commands without pages start sooner.
    from flask_babel import Babel, force_locale  # noqa: PLC0415

    from crm.formats import say  # noqa: PLC0415

    if "babel" not in current_app.extensions:
        Babel(current_app._get_current_object())  # type: ignore[attr-defined]
    with force_locale(locale):
        return [say(sentence) for sentence in sentences]


# How drivers call what is wrong with a database that is out of reach, or has not all its tables. By
# name: whoever needs no driver has loaded none.
_OUT_OF_ORDER = frozenset({"OperationalError", "UndefinedTable", "UndefinedColumn"})


def _out_of_order(error: Exception) -> str:
    """What a driver says of such a database, in its first line; nothing for any other mishap."""
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if type(cause).__name__ in _OUT_OF_ORDER else ""


class OneLineCommand(click.Command):
    """A command whose every refusal is one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Wrong options are wrong use."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            fail(error.format_message())

    def invoke(self, ctx: click.Context) -> Any:
        """What the command changes is marked as done on the command line."""
        try:
            with audit.acting(None, Via.CLI):
                return super().invoke(ctx)
        except CrmError as error:
            fail(said(error))
        except click.UsageError as error:
            fail(error.format_message())
        except Exception as error:
            if not (trouble := _out_of_order(error)):
                raise
            text = f"The database can not be used: {trouble}. `flask --app wsgi doctor` says more."
            click.echo(text, err=True)
            raise SystemExit(1) from error


class OneLineGroup(AppGroup):
    """A group of such commands."""

    command_class = OneLineCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A group alone is wrong use; its help is there for who asks for it."""
        if not args:
            fail(f"Missing command. Choose from: {', '.join(self.list_commands(ctx))}")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command is wrong use."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            fail(error.format_message())


class Commands(AppGroup):
    """All commands; asked for one that is not there, it says so in one line."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of that name."""
        return super().get_command(ctx, cmd_name) or fail(f"No such command {cmd_name!r}.")


class Moment(click.ParamType[datetime]):
    """ISO 8601; without an offset it is the time where the teams work."""

    name = "ISO8601"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the moment."""
        if isinstance(value, datetime):
            return value
        try:
            moment = clock.moment_of(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; write it as 2026-12-03T08:00", param, ctx)
        if wrong_year(clock.local_date(moment)):
            first, last = YEARS
            self.fail(f"{value!r} is not of the years {first} to {last}", param, ctx)
        return moment


at_option = click.option(
    "--at", type=Moment(), help="As if it were then; without an offset in the teams' own time."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def print_json(value: Any) -> None:
    """One object on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))
