"""Accounts: who may sign in. Made, changed, switched off and on, given a fresh password."""

from __future__ import annotations

import secrets
from dataclasses import asdict

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.access.words import ROLE_WORDS
from crm.accounts import queries, service
from crm.accounts.service import Changed
from crm.leads.departures import open_leads
from models import db
from models.user import User
from views import drafts
from views.forms.account import AccountChangeForm, AccountForm, HeirForm
from views.forms.base import answer
from views.guard import actor, needs
from views.toasts import in_place, toast

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/users")


@blueprint.get("")
@needs(Right.READ_ACCOUNTS)
def index() -> ResponseReturnValue:
    """The accounts, by name."""
    page = queries.accounts_page(clock.today(), request.args.get("cursor"))
    refused = queries.refused_addresses(user.email for user in page.items)
    return render_template("accounts/index.html", page=page, role_words=ROLE_WORDS, refused=refused)


@blueprint.get("/new")
@needs(Right.WRITE_ACCOUNTS)
def new() -> ResponseReturnValue:
    """The form of a new account."""
    form = AccountForm()
    form.offer()
    return render_template("accounts/new.html", form=form)


@blueprint.post("")
@needs(Right.WRITE_ACCOUNTS)
def create() -> ResponseReturnValue:
    """Make an account; its password is made here and shown this once."""
    form = AccountForm()
    form.offer()
    if form.validate_on_submit():
        with form.refusals():
            password = secrets.token_urlsafe(12)
            user = service.create_user(form.typed(), password=password, now=clock.now())
            db.session.commit()
            drafts.taken()
            return _show_password(user, password), 201
    return answer(form, "accounts/new.html")


@blueprint.get("/<public_id>")
@needs(Right.READ_ACCOUNTS)
def show(public_id: str) -> ResponseReturnValue:
    """Who somebody is here, and who changed that: a form for whoever may."""
    return _page(AccountChangeForm(formdata=None), queries.account_or_404(public_id))


@blueprint.post("/<public_id>")
@needs(Right.WRITE_ACCOUNTS)
def update(public_id: str) -> ResponseReturnValue:
    """Save what the form says."""
    form = AccountChangeForm()
    form.offer()
    if form.validate_on_submit():
        with form.refusals():
            changed = service.change_account(
                public_id,
                form.typed(),
                by=actor().id,
                now=clock.now(),
                read=form.has_read,
                heir=form.heir.data or "",
            )
            db.session.commit()
            toast(form.saved(_told(changed)))
            return redirect(url_for("accounts.show", public_id=public_id))
    return _page(form, queries.account_or_404(public_id))


@blueprint.get("/<public_id>/password-resets/new")
@needs(Right.WRITE_ACCOUNTS)
def ask_reset(public_id: str) -> ResponseReturnValue:
    """Ask first: there is no way back to the old password."""
    page = "accounts/_reset.html" if in_place() else "accounts/reset.html"
    return render_template(page, user=queries.account_or_404(public_id))


@blueprint.post("/<public_id>/password-resets")
@needs(Right.WRITE_ACCOUNTS)
def reset_password(public_id: str) -> ResponseReturnValue:
    """Give the account a fresh password, shown this once; the old one opens nothing any more."""
    user, password = service.reset_password(public_id, by=actor().id)
    db.session.commit()
    return _show_password(user, password), 201


@blueprint.get("/<public_id>/deactivations/new")
@needs(Right.WRITE_ACCOUNTS)
def ask_deactivation(public_id: str) -> ResponseReturnValue:
    """Ask first: who takes the leads of somebody who goes."""
    return _deactivation(HeirForm(formdata=None), queries.account_or_404(public_id))


@blueprint.post("/<public_id>/deactivations")
@needs(Right.WRITE_ACCOUNTS)
def deactivate(public_id: str) -> ResponseReturnValue:
    """Switch the account off; what the person did stays."""
    form = HeirForm()
    if form.validate_on_submit():
        with form.refusals():
            heir, by = form.heir.data or "", actor().id
            gone = service.deactivate(public_id, by=by, now=clock.now(), heir=heir)
            db.session.commit()
            text = _("已停用 %(name)s 的账号。", name=gone.user.name)
            # Switching it on again brings no lead back.
            undo = None if gone.handed_over else url_for("accounts.activate", public_id=public_id)
            toast(text + _handed_over(gone), undo)
            return redirect(url_for("accounts.index"))
    return _deactivation(form, queries.account_or_404(public_id))


@blueprint.post("/<public_id>/activations")
@needs(Right.WRITE_ACCOUNTS)
def activate(public_id: str) -> ResponseReturnValue:
    """Switch the account on again."""
    user = service.activate(public_id)
    db.session.commit()
    toast(_("已启用 %(name)s 的账号", name=user.name))
    return redirect(url_for("accounts.index"))


def _page(form: AccountChangeForm, user: User) -> ResponseReturnValue:
    known = service.known_of(user, service.memberships_of(user, clock.today()))
    if not form.is_submitted():
        form.offer()
        form.process(formdata=None, **asdict(known))
        form.stamp(asdict(known))
    form.offer_heirs(user, known.team)
    return answer(
        form,
        "accounts/show.html",
        user=user,
        leads=open_leads(user, known.team),
        edits=queries.edits_of(user),
        refused=queries.refused_addresses([user.email]).get(user.email),
    )


def _deactivation(form: HeirForm, user: User) -> ResponseReturnValue:
    team = service.known_of(user, service.memberships_of(user, clock.today())).team
    form.offer_heirs(user, team)
    page = "accounts/_deactivate.html" if in_place() else "accounts/deactivate.html"
    return answer(form, page, user=user, leads=open_leads(user, team))


def _told(changed: Changed) -> str:
    text = _("%(name)s 的账号已保存。", name=changed.user.name)
    if changed.signed_out:
        text += _("对方要重新登录。")
    return str(text) + _handed_over(changed)


def _handed_over(changed: Changed) -> str:
    """How many leads went to somebody else by it."""
    n = changed.handed_over
    return ngettext("%(num)s 条线索已改派。", "%(num)s 条线索已改派。", n) if n else ""


def _show_password(user: User, password: str) -> str:
    return render_template("accounts/password.html", user=user, password=password)
