"""Puts the parts together: the one place that knows them all."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import audit, cli, logs, timing
from crm.companies import index as search_index
from crm.config import ROOT, Config
from crm.files import FileStore, settling
from crm.leads import totals as lead_totals
from crm.visits import totals as visit_totals
from models import db, engine


def create_app(config: Config | None = None, *, pages: bool = True) -> Flask:
    """A ready application; without a config it is read from the environment.

    Without ``pages`` it has its records and the commands that ask nothing else (``crm.cli``), and
    starts in a third of the time.
    """
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
    audit.install()
    lead_totals.install()
    visit_totals.install()
    search_index.install()
    settling.install()
    with app.app_context():
        for opened in db.engines.values():
            engine.prepare(opened)
            timing.watch(opened)
    if pages:
        from crm.serving import serve  # noqa: PLC0415 (slow to import, and not always wanted)

        serve(app)
    else:
        cli.register_plain(app)
    return app
