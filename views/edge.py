"""What happens before and after every request: who acts, headers, timing, clean-up."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, current_app, g, request, url_for
from flask_login import current_user

from crm import audit, timing
from crm.config import Config
from crm.errors import NotFound
from models import engine
from models.enums import Via

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


def settings() -> Config:
    """The settings this process was started with."""
    found: Config = current_app.extensions["crm.config"]
    return found


def for_machines() -> bool:
    """Whether the request is one of the API: no cookie counts, every answer is JSON."""
    return request.path.startswith("/api/") and request.endpoint != "api_docs.show"


def page_of_form() -> str:
    """Where the form of this request stands: at its own address if that can be read, else home."""
    readable = current_app.url_map.bind("").test(request.path, "GET")
    return request.path if readable else url_for("home.home")


def register(app: Flask) -> None:
    """Hang the edge on the application."""
    app.before_request(_begin)
    app.before_request(_name_the_actor)
    app.before_request(_know_the_address)
    app.after_request(_finish)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(6)
    g.started = time.perf_counter()
    g.tally = timing.begin()
    engine.set_writing(request.method not in _SAFE)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _name_the_actor() -> None:
    actor_id = None
    if for_machines():
        # Its bearer says who acts; the session of a browser says nothing here.
        audit.set_acting(audit.Acting(None, Via.API, request_id=g.request_id))
        return
    if request.endpoint not in {"static", "health.healthz"} and current_user.is_authenticated:
        actor_id = current_user.id
    audit.set_acting(audit.Acting(actor_id, Via.WEB, request_id=g.request_id))


def _know_the_address() -> None:
    """Nothing has a name that no database keeps; the API says so of each argument itself."""
    argument = b"%00" in request.query_string and not for_machines()
    if argument or "\x00" in request.path:
        raise NotFound


def _finish(response: Response) -> Response:
    response.headers.update({k: v for k, v in HEADERS.items() if k not in response.headers})
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if settings().base_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        # Pages hold what one person may see; no shared cache may keep them.
        kept = "no-cache" if for_machines() else "no-store"
        response.headers.setdefault("Cache-Control", f"private, {kept}")
    if settings().timing and "started" in g:
        spent = (time.perf_counter() - g.started) * 1000
        response.headers["Server-Timing"] = (
            f'app;dur={spent:.1f}, db;dur={g.tally.milliseconds:.1f};desc="n={g.tally.count}"'
        )
    return response
