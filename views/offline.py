"""The product as an app of the phone: its manifest, its worker, and which pages may be kept there.

What stands on the phone and why: docs/decisions/0014-offline.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound

from views.assets import AssetsMissing, token
from views.edge import settings
from views.locale import EN, LOCALES
from views.toasts import in_place

blueprint = Blueprint("offline", __name__)

READER = "X-Reader"
COPY = "X-Offline-Copy"
# The pages of a working day: what a scout looks up before a door. Nothing of offers, accounts,
# tokens, the outbox or files, whose answers stay nowhere.
KEPT = frozenset(
    {
        "calendar.show",
        "appointments.new",
        "appointments.show",
        "chain.index",
        "chain.show",
        "comments.new",
        "companies.index",
        "companies.show",
        "events.index",
        "events.show",
        "leads.board",
        "leads.index",
        "leads.show",
        "next_steps.blank",
        "next_steps.new",
        "promises.index",
        "promises.new",
        "queue.show",
        "referrals.index",
        "reminders.index",
        "targets.index",
        "targets.show",
        "tasks.new",
        "today.show",
        "trips.index",
        "trips.show",
        "visits.index",
        "visits.new",
        "visits.show",
    }
)
# File, size and what a launcher may do with it.
ICONS = (
    ("icon-192", 192, "any"),
    ("icon-512", 512, "any"),
    ("maskable-192", 192, "maskable"),
    ("maskable-512", 512, "maskable"),
)


@blueprint.get("/manifest/<lang>.webmanifest")
def manifest(lang: str) -> ResponseReturnValue:
    """What a launcher has to know; a browser asks for it without cookies, so the address says
    the language."""
    if lang not in LOCALES:
        raise NotFound
    name = settings().site_name_en if LOCALES[lang] == EN else settings().site_name_zh
    with force_locale(LOCALES[lang]):
        answer = jsonify(_manifest(lang, name))
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _manifest(lang: str, name: str) -> dict[str, Any]:
    shortcuts = ((_("记走访"), "visits.new"), (_("今日"), "today.show"))
    return {
        "id": "/",
        "name": name,
        "short_name": _("招商"),
        "lang": "en" if lang == "en" else "zh-CN",
        "start_url": url_for("today.show"),
        "scope": "/",
        "display": "standalone",
        "background_color": token("surface"),
        "theme_color": token("surface"),
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [
            {"name": words, "url": url_for(endpoint), "icons": [_icon(*ICONS[0])]}
            for words, endpoint in shortcuts
        ],
    }


def _icon(name: str, side: int, purpose: str) -> dict[str, str]:
    source = url_for("static", filename=f"icons/{name}.png")
    return {"src": source, "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}


@blueprint.get("/sw.js")
def worker() -> ResponseReturnValue:
    """The service worker, at the root because it may serve only what lies below its own address."""
    script = Path(current_app.static_folder or "") / "vendor" / "sw.js"
    if not script.exists():
        raise AssetsMissing
    answer = Response(script.read_bytes(), mimetype="text/javascript")
    # Asked for anew each time: a new version must be found.
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/offline")
def page() -> ResponseReturnValue:
    """Shown where there is neither network nor a copy; it says nothing of anybody."""
    return render_template("offline/show.html")


@blueprint.after_app_request
def _name_the_reader(answer: Response) -> Response:
    """Say whose page this is, and whether the phone may keep a copy for them."""
    whole_page = answer.mimetype == "text/html" and not in_place()
    if not whole_page or request.endpoint in {None, "static"}:
        return answer
    if current_user.is_authenticated:
        answer.headers[READER] = current_user.public_id
        if request.endpoint in KEPT and request.method == "GET" and answer.status_code == 200:
            answer.headers[COPY] = "1"
    return answer
