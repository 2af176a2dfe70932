"""What the next page says in passing, with a way back where there is one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, make_response, request, url_for

from crm.errors import Conflict, Refusal
from crm.formats import say
from models import db
from views.errors import wants_json


def toast(text: str, undo_url: str | None = None) -> None:
    """Say a sentence on the next page; ``undo_url`` is POSTed by its 撤销."""
    message: Any = {"text": text, "undo_url": undo_url}
    flash(message, "toast")


def toast_refusal(refused: Conflict | Refusal) -> None:
    """Undo what was begun, and say on the next page why it was not done.

    For what has no form to say it on. Machines get the refusal itself.
    """
    if wants_json():
        raise refused
    db.session.rollback()
    toast(say(refused.texts[0]))


def in_place() -> bool:
    """Whether a script asks for a part of the page that it stands on."""
    return "HX-Request" in request.headers


def lead_on(response: Response) -> Response:
    """A dialog's form is told which page follows, instead of being sent it.

    The page that it stands on is read anew, also where only a place in it is named.
    """
    if "X-Dialog" not in request.headers or response.status_code not in {302, 303}:
        return response
    url = response.headers["Location"]
    below, then = urlsplit(request.headers.get("HX-Current-URL", "")), urlsplit(url)
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = url
    if (below.path, below.query) == (then.path, then.query):
        answer.headers["HX-Refresh"] = "true"
    return answer


def page_before() -> str | None:
    """The page of this site that a dialog's form was opened over, when it said which."""
    return local_path(request.values.get("back", ""))


def local_path(address: str) -> str | None:
    """An address of this site, as a browser would follow it; None for any other."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if ours and address.isprintable() else None


def asked_on_board() -> bool:
    """Whether a dialog over the board asks; the board stays and changes one card."""
    below = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return in_place() and below == url_for("leads.board")


def told_board(lead_id: str, text: str, undo_url: str | None = None) -> Response:
    """The answer to a dialog over the board: which card has changed, and what to say of it."""
    answer = make_response("", 200)
    told = {"card:saved": {"id": lead_id, "text": text, "undo_url": undo_url}}
    answer.headers["HX-Trigger"] = json.dumps(told)
    return answer


def told_page(fragment: str, text: str, undo_url: str | None = None) -> Response:
    """The answer to a part of a lead's page that was changed in place, and what to say of it."""
    answer = make_response(fragment)
    told = {"lead:saved": {"text": text, "undo_url": undo_url}}
    answer.headers["HX-Trigger"] = json.dumps(told)
    return answer
