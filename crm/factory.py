"""Puts the parts together: the one place that knows them all."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import cli, timing
from crm.config import ROOT, Config
from models import db, engine


def create_app(config: Config | None = None, *, pages: bool = True) -> Flask:
    """A ready application; without a config it is read from the environment.

    Without ``pages`` it has the database and the commands that need nothing else (``crm.cli``),
    nothing that keeps what follows from a change of an audited record, and starts in a sixth of the
    time.
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
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    db.init_app(app)
    with app.app_context():
        for opened in db.engines.values():
            engine.prepare(opened)
            timing.watch(opened)
    if pages:
        from crm.serving import serve  # noqa: PLC0415 (slow to import, and not always wanted)

        serve(app, settings)
    else:
        cli.register_plain(app)
    return app
