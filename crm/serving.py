"""What makes an application write and show itself: the trail and totals, pages, API, sign-in."""

from __future__ import annotations

import pypinyin  # noqa: F401 (read while starting, not at the first search)
from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

import models.every  # noqa: F401 (models find one another when all are there)
import views
from crm import cli, formats, logs
from crm.audit import recorder
from crm.companies import index as search_index
from crm.config import ROOT, Config
from crm.files import FileStore, settling
from crm.leads import kept
from crm.visits import totals as visit_totals
from models import db
from views import api, assets, drafts, edge, errors, guard, locale, navigation, once, security

csrf = CSRFProtect()
migrate = Migrate(directory=str(ROOT / "models" / "migrations"), render_as_batch=True)
babel = locale.Languages()
compress = Compress()


def serve(app: Flask, settings: Config) -> None:
    """Hang all of it, and every room's commands, on an application that has its database."""
    logs.configure(app)
    app.extensions["crm.files"] = FileStore(settings.data_dir / "files", settings.upload_max_bytes)
    keep()
    migrate.init_app(app, db)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale.select)
    # First of all: whether a request writes must be said before anything asks who is signed in.
    edge.register(app)
    # After the edge, so that the time it says holds the time to compress.
    compress.init_app(app)
    security.init_app(app)
    # It brings its own writer of JSON. What that says is read by people, too: as it is written.
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
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


def keep() -> None:
    """Write with every change what follows from it: the trail, the totals, what is found."""
    recorder.install()
    kept.install()
    visit_totals.install()
    search_index.install()
    settling.install()
