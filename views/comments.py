"""Comments on a lead: written, put right, removed, put back; and what mentions somebody, seen."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from crm import clock
from crm.access import Right, readable_lead
from crm.leads import comments
from crm.leads.queries import page_options
from models import db
from models.comment import Comment
from views.errors import wants_json
from views.forms.base import answer
from views.forms.talk import CommentForm, EditCommentForm, draft_of
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.toasts import toast

blueprint = Blueprint("comments", __name__)


@blueprint.get("/leads/<public_id>/comments/new")
@needs(Right.COMMENT)
def new(public_id: str) -> ResponseReturnValue:
    """The form with the colleagues to choose from, as a page; these alone for a form that is there.

    A lead's page has no choice of people until somebody wants one.
    """
    lead = readable_lead(actor(), public_id, *page_options())
    draft = draft_of("comment", public_id, current_user.public_id)
    form = CommentForm(formdata=None, data={"draft": draft})
    form.offer(comments.colleagues(lead, actor(), clock.now()))
    only = "HX-Request" in request.headers
    page = "comments/_mentions.html" if only else "comments/new.html"
    return answer(form, page, lead=lead, title=title_of(lead))


@blueprint.post("/leads/<public_id>/comments")
@needs(Right.COMMENT)
def create(public_id: str) -> ResponseReturnValue:
    """Say something on a lead and tell whom it mentions."""
    lead = readable_lead(actor(), public_id, *page_options())
    form = CommentForm()
    people = comments.colleagues(lead, actor(), clock.now())
    form.offer(people)
    if form.validate_on_submit():
        with form.refusals():
            fresh, told = first_time(form.client_key.data), set[int]()
            if fresh:
                comment = comments.write(
                    public_id, form.text.data, form.mentions.data or (), actor(), now=clock.now()
                )
                told = {mention.user_id for mention in comment.mentions}
            text = _written([user.name for user in people if user.id in told])
            db.session.commit()
            home = url_for("leads.show", public_id=public_id, _anchor="timeline")
            if wants_json():
                return received(public_id, home, fresh=fresh)
            toast(text)
            return redirect(home)
        lead = readable_lead(actor(), public_id, *page_options())
    return answer(form, "comments/new.html", lead=lead, title=title_of(lead))


@blueprint.get("/comments/<public_id>/edit")
@needs(Right.COMMENT)
def edit(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    comment = comments.own(public_id, actor(), clock.now())
    form = EditCommentForm(formdata=None, data={"text": comment.text})
    form.stamp({"text": comment.text})
    return _page(form, comment)


@blueprint.post("/comments/<public_id>")
@needs(Right.COMMENT)
def update(public_id: str) -> ResponseReturnValue:
    """Put one's own comment right."""
    form = EditCommentForm()
    if form.validate_on_submit():
        with form.refusals():
            comment = comments.edit(
                public_id, form.text.data, actor(), now=clock.now(), read=form.has_read
            )
            db.session.commit()
            toast(form.saved(_("评论已改。")))
            return redirect(_home(comment))
    return _page(form, comments.own(public_id, actor(), clock.now()))


@blueprint.post("/comments/<public_id>/removal")
@needs(Right.COMMENT)
def remove(public_id: str) -> ResponseReturnValue:
    """Take one's own comment away, with a way back."""
    comment = comments.remove(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(_("评论已删除。"), url_for("comments.restore", public_id=public_id))
    return redirect(_home(comment))


@blueprint.post("/comments/<public_id>/restoration")
@needs(Right.COMMENT)
def restore(public_id: str) -> ResponseReturnValue:
    """Put it back."""
    comment = comments.restore(public_id, actor())
    db.session.commit()
    return redirect(_home(comment))


@blueprint.post("/leads/<public_id>/mentions/seen")
@needs(Right.READ_LEADS)
def see(public_id: str) -> ResponseReturnValue:
    """What mentions the reader on this lead was seen: by opening it, or waved off on Today."""
    lead = comments.see(public_id, actor(), now=clock.now())
    db.session.commit()
    if "HX-Request" in request.headers:
        return "", 204
    if request.values.get("back") == "today":
        return redirect(url_for("today.show"))
    return redirect(url_for("leads.show", public_id=lead.public_id))


def _written(told: list[str]) -> str:
    """What is said of a comment that was written, and who is told of it."""
    if not told:
        return str(_("评论已写下。"))
    return str(_("评论已写下，会提醒%(names)s。", names=_("、").join(told)))


def _home(comment: Comment) -> str:
    return url_for("leads.show", public_id=comment.lead.public_id, _anchor="timeline")


def _page(form: EditCommentForm, comment: Comment) -> ResponseReturnValue:
    in_dialog = "HX-Request" in request.headers
    return answer(
        form,
        "comments/_edit.html" if in_dialog else "comments/edit.html",
        comment=comment,
        lead=comment.lead,
    )
