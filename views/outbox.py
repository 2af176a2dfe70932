"""The outbox: every mail with its state, what the server said, and the mail itself."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.accounts.queries import refused_addresses
from crm.reminders import by_mail, queries, undelivered
from crm.reminders.digest import queue_digest
from models import db
from models.enums import MessageState
from models.user import User
from views.edge import CONTENT_SECURITY_POLICY, settings
from views.guard import actor, needs
from views.toasts import toast

blueprint = Blueprint("outbox", __name__, url_prefix="/admin/outbox")

# A mail's own styles stand in it; nothing else of it may load, run or leave its frame.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@blueprint.get("")
@needs(Right.READ_OUTBOX)
def index() -> ResponseReturnValue:
    """Mails, the latest first."""
    wanted = request.args.get("state")
    state = MessageState(wanted) if wanted in set(MessageState) else None
    return render_template(
        "outbox/index.html",
        page=queries.messages_page(state, request.args.get("cursor")),
        state=state,
        sends=settings().mail_url is not None,
        ours=undelivered.NOT_TRIED | undelivered.BY_HAND,
    )


@blueprint.get("/<public_id>")
@needs(Right.READ_OUTBOX)
def show(public_id: str) -> ResponseReturnValue:
    """One mail: where it stands, every try, and how it reads."""
    message = queries.message_or_404(public_id)
    page = render_template(
        "outbox/show.html",
        message=message,
        text=by_mail.masked(message.text_body),
        attempts=queries.attempts_of(message),
        by_hand=undelivered.BY_HAND,
        refused=refused_addresses([message.to_address]),
        sends=settings().mail_url is not None,
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


@blueprint.get("/<public_id>/body")
@needs(Right.READ_OUTBOX)
def body(public_id: str) -> ResponseReturnValue:
    """The mail's own page, for the frame that shows it; its links that act are its reader's."""
    html = by_mail.masked(queries.message_or_404(public_id).html_body)
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@blueprint.post("/<public_id>/retries")
@needs(Right.WRITE_OUTBOX)
def retry(public_id: str) -> ResponseReturnValue:
    """Queue a refused mail again; one that could not be written is written."""
    message = queries.message_or_404(public_id)
    # Only digests are written again, and those have somebody of ours.
    if message.state is MessageState.UNWRITTEN and message.recipient_id is not None:
        return _write_again(message.recipient_id, public_id)
    undelivered.retry(queries.message_or_404(public_id, hold=True), _me(), clock.now())
    db.session.commit()
    toast(_("已放回待发。"))
    return redirect(url_for("outbox.show", public_id=public_id))


@blueprint.post("/<public_id>/drops")
@needs(Right.WRITE_OUTBOX)
def drop(public_id: str) -> ResponseReturnValue:
    """Give up a mail that did not go."""
    undelivered.drop(queries.message_or_404(public_id, hold=True), _me(), clock.now())
    db.session.commit()
    toast(_("已放弃这封邮件。"), url_for("outbox.restore", public_id=public_id))
    return redirect(url_for("outbox.show", public_id=public_id))


@blueprint.post("/<public_id>/restorations")
@needs(Right.WRITE_OUTBOX)
def restore(public_id: str) -> ResponseReturnValue:
    """Take that back."""
    undelivered.restore(queries.message_or_404(public_id, hold=True), _me(), clock.now())
    db.session.commit()
    toast(_("已恢复，邮件没有再发。"))
    return redirect(url_for("outbox.show", public_id=public_id))


def _write_again(recipient_id: int, public_id: str) -> ResponseReturnValue:
    written = queue_digest(recipient_id, clock.now())
    if written is None:
        toast(_("还是没有写成，原因写在下面。"))
    elif written:
        toast(_("已写好，放进了待发。"))
    else:
        toast(_("已没有要提醒的事，或者今天的邮件已经写好。"))
    return redirect(url_for("outbox.show", public_id=public_id))


def _me() -> User:
    return db.session.get_one(User, actor().id)
