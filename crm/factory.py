"""Puts the parts together: the one place that knows them all."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import cli, clock
from crm.cli import Needs
from crm.config import ROOT, Config


def create_app(config: Config | None = None, *, needs: Needs = Needs.PAGES) -> Flask:
    """A ready application; without a config it is read from the environment.

    Whoever needs no pages gets the commands that need none (``crm.cli``), nothing that keeps what
    follows from a change of an audited record, and starts in a sixth of the time.
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
    # The clock has read where the teams work; pages say their times.
    app.config["BABEL_DEFAULT_TIMEZONE"] = clock.ZONE.key
    app.extensions["crm.config"] = settings
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    if needs is not Needs.TABLES:
        _open_database(app)
    if needs is Needs.PAGES:
        from crm.serving import serve  # noqa: PLC0415 (slow to import, and not always wanted)

        serve(app, settings)
    else:
        cli.register_plain(app)
    return app


def _open_database(app: Flask) -> None:
    # Slow to import, and not always wanted.
    from crm import timing  # noqa: PLC0415
    from models import db, engine  # noqa: PLC0415

    db.init_app(app)
    with app.app_context():
        engine.prepare(db.engine)
        timing.watch(db.engine)
