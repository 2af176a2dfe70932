"""``flask --app wsgi …``: each room's commands."""

from __future__ import annotations

from flask import Flask

from crm.access import cli as accounts
from crm.leads import cli as leads


def register(app: Flask) -> None:
    """Hang every room's commands on the application."""
    for group in (accounts.commands, leads.commands):
        app.cli.add_command(group)
