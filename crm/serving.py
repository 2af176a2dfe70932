"""What an application shows to browsers and machines: pages, API, sign-in, and what they need."""

from __future__ import annotations

import pypinyin  # noqa: F401 (read while starting, not at the first search)
from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

import views
from crm import cli, formats
from crm.config import ROOT
from models import db
from views import api, assets, drafts, edge, errors, guard, locale, navigation, once, security

csrf = CSRFProtect()
migrate = Migrate(directory=str(ROOT / "models" / "migrations"), render_as_batch=True)
babel = locale.Languages()
compress = Compress()


def serve(app: Flask) -> None:
    """Hang all of it, and every room's commands, on an application that has its records."""
    migrate.init_app(app, db)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale.select)
    # First of all: whether a request writes must be said before anything asks who is signed in.
    edge.register(app)
    # After the edge, so that the time it says holds the time to compress.
    compress.init_app(app)
    security.init_app(app)
    formats.register(app)
    assets.register(app)
    navigation.register(app)
    guard.register(app)
    drafts.register(app)
    once.register(app)
    errors.register(app)
    views.register(app)
    api.register(app)
    cli.register(app)
