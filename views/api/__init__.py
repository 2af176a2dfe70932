"""The same nouns as JSON, for machines: ``/api/v1``, by bearer token."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from flask import Flask

from views.api import document
from views.api.bearer import authenticate
from views.api.noun import CONVERTERS, Noun


def register(app: Flask) -> None:
    """Hang every noun on the application, below one address and behind one door."""
    app.url_map.converters.update(CONVERTERS)
    top = Noun("api", "", "api/v1")
    top.before_request(authenticate)
    for noun in nouns():
        top.register_blueprint(noun)
        # Only a bearer token opens an operation and no cookie is looked at, so no foreign page
        # can make a browser act here: there is no cross-site request to refuse.
        app.extensions["csrf"].exempt(noun)
    described = document.Document(app)
    described.register_blueprint(top)
    described.describe(nouns())
    app.extensions["crm.api"] = described


def nouns() -> list[Noun]:
    """The nouns, by name."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = (getattr(import_module(f"{__name__}.{name}"), "noun", None) for name in modules)
    return [noun for noun in found if isinstance(noun, Noun)]
