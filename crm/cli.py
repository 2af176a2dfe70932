"""``flask --app wsgi …``: each room's commands stand in its ``cli.py``."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from flask import Flask

import crm


def register(app: Flask) -> None:
    """Hang every room's commands on the application."""
    for room in sorted(pkgutil.iter_modules(crm.__path__), key=lambda module: module.name):
        name = f"crm.{room.name}.cli"
        if room.ispkg and find_spec(name) is not None:
            for group in import_module(name).COMMANDS:
                app.cli.add_command(group)
