"""Drafts in the browser: under what name one is kept, and when what was typed is safe.

The text itself never comes here before it is sent (static/js/drafts.js keeps it). A form that has a
draft sends the draft's name and the address where the form stands.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from views.edge import page_of_form
from views.toasts import in_place, lead_on, local_path, toast

_DONE = "drafts_done"
# More than one page's forms; what is older was told to the browser long ago.
_MOST = 8


def draft_of(kind: str, subject: str = "new") -> str:
    """Under what name this person's browser keeps a draft: nobody else is shown it."""
    return f"{kind}:{current_user.public_id}:{subject}"


def register(app: Flask) -> None:
    """Give the templates the names, and lead on to the page that is told which drafts are done."""
    app.after_request(lead_on)
    app.after_request(_note_saved)
    app.jinja_env.globals["draft_of"] = draft_of
    app.jinja_env.globals["drafts_done"] = lambda: session.pop(_DONE, [])


def sign_in_again() -> Response:
    """To the sign-in page, and from there back to the form that was sent."""
    g.draft_kept = True
    back = form_address() or (request.full_path if request.method == "GET" else page_of_form())
    kept = 1 if form_address() else None
    return _to(url_for("security.login", next=back.rstrip("?"), kept=kept))


def press_again() -> Response | None:
    """Back to a form whose page stood open too long; None where nothing says where it stands."""
    back = form_address()
    if back is None:
        return None
    g.draft_kept = True
    toast(_("页面放得太久了，没有保存。您填的还在，请再按一次保存。"))
    return _to(back)


def form_address() -> str | None:
    """Where the form of this request stands, as its page said."""
    return local_path(request.form.get("draft_at", ""))


def _to(url: str) -> Response:
    if not in_place():
        response: Response = current_app.make_response(redirect(url))
        return response
    answer = current_app.make_response(("", 401))
    # What comes behind a page by itself leads nobody away from it, nor from what they typed.
    if "X-Behind" not in request.headers:
        answer.headers["HX-Redirect"] = url
    return answer


def taken() -> None:
    """Say on the page that answers this form that its draft is done: no other page follows."""
    session[_DONE] = [*session.get(_DONE, []), *request.form.getlist("draft")][-_MOST:]


def _note_saved(response: Response) -> Response:
    """A form that was taken leads on to another page; that one is told which draft is done."""
    leads_on = response.status_code in {302, 303} or bool(
        {"HX-Redirect", "HX-Refresh"} & set(response.headers.keys())
    )
    if request.method != "POST" or not leads_on or g.get("draft_kept"):
        return response
    if "draft" in request.form and current_user.is_authenticated:
        taken()
    return response
