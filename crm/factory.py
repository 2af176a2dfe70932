"""Puts the parts together: the one place that knows them all."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import views
from crm import audit, cli, formats, logs, timing
from crm.companies import index as search_index
from crm.config import ROOT, Config
from crm.files import FileStore, settling
from crm.leads import totals as lead_totals
from crm.visits import totals as visit_totals
from models import db, engine
from views import api, assets, drafts, edge, errors, guard, locale, navigation, security

csrf = CSRFProtect()
migrate = Migrate(directory=str(ROOT / "models" / "migrations"), render_as_batch=True)
babel = Babel()
compress = Compress()


def create_app(config: Config | None = None) -> Flask:
    """A ready application; without a config it is read from the environment."""
    settings = config or Config.from_environment()
    app = Flask(
        "crm",
        root_path=str(ROOT),
        static_folder="static",
        template_folder="templates",
        instance_path=str(settings.data_dir),
    )
    app.config.update(settings.flask())
    app.extensions["crm.config"] = settings
    app.extensions["crm.files"] = FileStore(settings.data_dir / "files", settings.upload_max_bytes)
    logs.configure(app)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale.select)
    audit.install()
    lead_totals.install()
    visit_totals.install()
    search_index.install()
    settling.install()
    with app.app_context():
        for opened in db.engines.values():
            engine.prepare(opened)
            timing.watch(opened)

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
    errors.register(app)
    views.register(app)
    api.register(app)
    cli.register(app)
    return app
