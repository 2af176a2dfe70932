"""``flask --app wsgi …``: each room's commands stand in its ``cli.py``."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from importlib.util import find_spec

import click
from flask import Flask
from flask.cli import FlaskGroup

import crm
from crm.commandline import Commands

# Commands that need the records alone, and the rooms they stand in. They start without the pages.
PLAIN = {("pipeline",): "reports", ("reminders", "plan"): "reminders"}


def register(app: Flask) -> None:
    """Hang every room's commands on the application."""
    app.cli = Commands(app.name, commands=app.cli.commands)
    for room in sorted(pkgutil.iter_modules(crm.__path__), key=lambda module: module.name):
        if room.ispkg and find_spec(f"crm.{room.name}.cli") is not None:
            _add(app, room.name)


def register_plain(app: Flask) -> None:
    """Hang on it the command that was asked for and needs no pages; else all of those."""
    asked = _asked_plainly()
    for room in [asked] if asked else sorted(PLAIN.values()):
        _add(app, room)
    if "structlog" in sys.modules:
        # Who logs does so on stderr.
        import_module("crm.logs").configure(app)


def _add(app: Flask, room: str) -> None:
    for group in import_module(f"crm.{room}.cli").COMMANDS:
        app.cli.add_command(group)


def asks_records_alone() -> bool:
    """Whether this process is ``flask`` looking for one of the plain commands."""
    return _asked_plainly() is not None


def _asked_plainly() -> str | None:
    """The room of the plain command that this process is asked for."""
    context = click.get_current_context(silent=True)
    if context is None or not isinstance(context.command, FlaskGroup):
        return None
    _options, rest, _order = context.command.make_parser(context).parse_args(sys.argv[1:])
    return next((PLAIN[path] for path in PLAIN if tuple(rest[: len(path)]) == path), None)
