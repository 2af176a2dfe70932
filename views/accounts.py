"""Accounts: who may sign in. Made, switched off and on, given a fresh password."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, accounts, queries
from crm.access.words import ROLE_WORDS
from models import db
from models.enums import Role
from models.user import User
from views import drafts
from views.forms.account import AccountForm, AddressForm
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
    return render_template("accounts/new.html", form=AccountForm().offer())


@blueprint.post("")
@needs(Right.WRITE_ACCOUNTS)
def create() -> ResponseReturnValue:
    """Make an account; its password is made here and shown this once."""
    form = AccountForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            password = secrets.token_urlsafe(12)
            user = accounts.create_user(
                email=form.email.data,
                name=form.name.data,
                role=Role(form.role.data),
                team=form.team.data,
                park=form.park.data,
                password=password,
                now=clock.now(),
            )
            db.session.commit()
            drafts.taken()
            return _show_password(user, password), 201
    return answer(form, "accounts/new.html")


@blueprint.get("/<public_id>/password-resets/new")
@needs(Right.WRITE_ACCOUNTS)
def ask_reset(public_id: str) -> ResponseReturnValue:
    """Ask first: there is no way back to the old password."""
    page = "accounts/_reset.html" if in_place() else "accounts/reset.html"
    return render_template(page, user=accounts.account_or_404(public_id))


@blueprint.post("/<public_id>/password-resets")
@needs(Right.WRITE_ACCOUNTS)
def reset_password(public_id: str) -> ResponseReturnValue:
    """Give the account a fresh password, shown this once; the old one opens nothing any more."""
    user, password = accounts.reset_password(public_id, by=actor().id)
    db.session.commit()
    return _show_password(user, password), 201


@blueprint.get("/<public_id>/address")
@needs(Right.WRITE_ACCOUNTS)
def edit_address(public_id: str) -> ResponseReturnValue:
    """The form of another address."""
    user = accounts.account_or_404(public_id)
    return _address_form(AddressForm(email=user.email), user)


@blueprint.post("/<public_id>/address")
@needs(Right.WRITE_ACCOUNTS)
def change_address(public_id: str) -> ResponseReturnValue:
    """Give the account another address; what was refused by the old one is not held against it."""
    user, form = accounts.account_or_404(public_id), AddressForm()
    if form.validate_on_submit():
        with form.refusals():
            accounts.change_email(public_id, form.email.data or "")
            db.session.commit()
            toast(_("%(name)s 的邮箱已换成 %(email)s", name=user.name, email=user.email))
            return redirect(url_for("accounts.index"))
    return _address_form(form, user), 422


@blueprint.post("/<public_id>/deactivations")
@needs(Right.WRITE_ACCOUNTS)
def deactivate(public_id: str) -> ResponseReturnValue:
    """Switch the account off; what the person did stays."""
    user = accounts.set_active(public_id, active=False, by=actor().id)
    db.session.commit()
    undo = url_for("accounts.activate", public_id=user.public_id)
    toast(_("已停用 %(name)s 的账号", name=user.name), undo)
    return redirect(url_for("accounts.index"))


@blueprint.post("/<public_id>/activations")
@needs(Right.WRITE_ACCOUNTS)
def activate(public_id: str) -> ResponseReturnValue:
    """Switch the account on again."""
    user = accounts.set_active(public_id, active=True, by=actor().id)
    db.session.commit()
    toast(_("已启用 %(name)s 的账号", name=user.name))
    return redirect(url_for("accounts.index"))


def _address_form(form: AddressForm, user: User) -> str:
    reply = queries.refused_addresses([user.email]).get(user.email)
    return render_template("accounts/address.html", form=form, user=user, reply=reply)


def _show_password(user: User, password: str) -> str:
    return render_template("accounts/password.html", user=user, password=password)
