"""Who asks: every page but a few public ones wants a signed-in person with the right role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from crm import access, clock
from crm.access import Actor, Right
from views import drafts
from views.edge import for_machines
from views.errors import wants_json

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC = frozenset(
    {
        "static",
        "security.login",
        "health.healthz",
        "health.readyz",
        "metrics.show",
        "api_docs.show",
        "api_docs.document",
        "calendar_feeds.show",
        "mail_links.show",
        "mail_links.act",
        "mail_links.reverse",
        "offline.manifest",
        "offline.worker",
        "offline.page",
    }
)


def actor() -> Actor:
    """The signed-in person; read once a request."""
    if "actor" not in g:
        g.actor = access.load_actor(current_user._get_current_object(), clock.today())
    found: Actor = g.actor
    return found


def needs(right: Right, *others: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view that only roles with this right, or one of the others, may use."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not any(access.allowed(actor(), other) for other in others):
                access.require(actor(), right)
            return view(*args, **kwargs)

        guarded.needs = frozenset({right, *others})  # type: ignore[attr-defined]
        return guarded

    return decorate


def register(app: Flask) -> None:
    """Nobody sees a page by a forgotten decorator: what is not public wants a sign-in."""
    app.before_request(_sign_in_first)


def _sign_in_first() -> Response | None:
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    # The API has its own door, views/api/bearer.py.
    if for_machines() or current_user.is_authenticated:
        return None
    if wants_json():
        found: Response | None = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return found
    return drafts.sign_in_again()
