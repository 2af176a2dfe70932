"""Pages: one blueprint a noun."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Hang every blueprint on the application."""
    from views import account, health, home  # noqa: PLC0415 (they need the models configured)

    for module in (account, health, home):
        app.register_blueprint(module.blueprint)
