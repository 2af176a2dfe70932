"""``flask --app wsgi …``: each room's commands stand in its ``cli.py``."""

from __future__ import annotations

import enum
import pkgutil
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import click
from flask import Flask
from flask.cli import FlaskGroup

import crm
from crm.commandline import Commands


class Needs(enum.Enum):
    """What of the application a process needs."""

    TABLES = "tables"
    """The database alone, whose tables it reads without their models."""
    RECORDS = "records"
    PAGES = "pages"


class Plain(NamedTuple):
    """The room that a command without pages stands in, and what it needs."""

    room: str
    needs: Needs


# Commands that start without the pages.
PLAIN = {
    ("pipeline",): Plain("reports", Needs.TABLES),
    ("reminders", "plan"): Plain("reminders", Needs.RECORDS),
}


def register(app: Flask) -> None:
    """Hang every room's commands on the application."""
    app.cli = Commands(app.name, commands=app.cli.commands)
    for room in sorted(pkgutil.iter_modules(crm.__path__), key=lambda module: module.name):
        if room.ispkg and find_spec(f"crm.{room.name}.cli") is not None:
            _add(app, room.name)


def register_plain(app: Flask) -> None:
    """Hang on it the command that was asked for and needs no pages."""
    asked = _asked_plainly()
    if asked:
        _add(app, asked.room)
    if "structlog" in sys.modules:
        # Who logs does so on stderr.
        import_module("crm.logs").configure(app)


def _add(app: Flask, room: str) -> None:
    for group in import_module(f"crm.{room}.cli").COMMANDS:
        app.cli.add_command(group)


def needs() -> Needs:
    """What this process needs: pages, unless ``flask`` is asked for one of the plain commands."""
    asked = _asked_plainly()
    return asked.needs if asked else Needs.PAGES


def _asked_plainly() -> Plain | None:
    """The plain command that this process is asked for."""
    context = click.get_current_context(silent=True)
    if context is None or not isinstance(context.command, FlaskGroup):
        return None
    _options, rest, _order = context.command.make_parser(context).parse_args(sys.argv[1:])
    return next((PLAIN[path] for path in PLAIN if tuple(rest[: len(path)]) == path), None)
