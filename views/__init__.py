"""Pages: one blueprint a noun."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from flask import Flask

from views.addresses import NumberConverter, YearConverter


def register(app: Flask) -> None:
    """Hang the blueprint of every noun on the application."""
    app.url_map.converters.update({"int": NumberConverter, "year": YearConverter})
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        blueprint = getattr(import_module(f"{__name__}.{found.name}"), "blueprint", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
