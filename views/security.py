"""Signing in and out and changing one's password, on Flask-Security."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import Security, SQLAlchemyUserDatastore, verify_password
from flask_security.forms import ChangePasswordForm, LoginForm
from werkzeug.exceptions import BadRequest
from wtforms import BooleanField, EmailField, Field, PasswordField, SubmitField
from wtforms.validators import DataRequired, EqualTo, Length

from crm import clock
from crm.access import with_actor
from crm.access.sign_in import allowance, note_attempt
from crm.accounts.rules import PASSWORD_MIN, can_not_be_password, normal_form, wrong_password
from crm.errors import Refusal
from crm.formats import say
from crm.reminders.notices import with_unread
from models import db
from models.columns import UNKEEPABLE
from models.user import RoleName, User
from views.addresses import NOT_KEPT
from views.errors import as_json, wants_json


def _unkept(*fields: Field) -> list[Field]:
    """Those that hold what no database keeps."""
    return [field for field in fields if UNKEEPABLE.search(field.data)]


class SignInForm(LoginForm):
    """E-mail and password; wrong tries are counted and, after a few, have to wait."""

    email = EmailField(
        _l("邮箱"),
        validators=[DataRequired(_l("请填邮箱。"))],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _l("密码"),
        validators=[DataRequired(_l("请填密码。"))],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("这台设备 14 天内不用再登录"))
    submit = SubmitField(_l("登录"))
    blocked = False

    def validate(self, **kwargs: Any) -> bool:
        """Check the tries left, then the password; a failed try is committed at once."""
        for field in (self.email, self.password):
            # JSON may bring anything; only text can be an address or a password.
            field.data = field.data if isinstance(field.data, str) else ""
        self.email.data = self.email.data.strip()
        if _unkept(self.email, self.password):
            return self._refuse(say(NOT_KEPT))
        if not (self.email.data and self.password.data):
            return bool(super(LoginForm, self).validate(**kwargs))
        email = self.email.data.lower()
        address = request.remote_addr or ""
        now = clock.now()
        before = allowance(email, address, now)
        if before.blocked:
            return self._block()
        passed = not can_not_be_password(self.password.data) and bool(super().validate(**kwargs))
        note_attempt(email, address, now, succeeded=passed)
        if passed:
            return True
        db.session.commit()
        left = before.left - 1
        if left <= 0:
            return self._block()
        return self._refuse(_("邮箱或密码不对。再错 %(left)s 次要等 15 分钟。", left=left))

    def validate_next(self, field: Field) -> None:
        """A foreign address is no reason to refuse; it is passed over when it comes to going."""

    def _block(self) -> bool:
        self.blocked = True
        return self._refuse(_("错的次数太多，请 15 分钟后再试。"))

    def _refuse(self, text: str) -> bool:
        """One sentence at the password, the same whichever of the two was wrong."""
        for field in self:
            field.errors = []
        self.form_errors: list[str] = []
        self.password.errors = [text]
        return False


class Accounts(SQLAlchemyUserDatastore):
    """Our accounts; who is found brings along what they may do, in the same statement."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        """The account that has this one value; None when nobody has it."""
        (name, value), *_more = by.items()
        found = _account_by(name, case_insensitive, clock.today())
        user = db.session.scalars(found, {"wanted": value}).unique().one_or_none()
        # Kept apart: what a record was found with is gone when a commit or a refusal ends it.
        g.unread = user.unread if user else None
        return user


@lru_cache(maxsize=4)
def _account_by(name: str, case_insensitive: bool, today: date) -> sa.Select[User]:
    """Every request asks this, and building it takes longer than the answer: once a day will do."""
    column, wanted = getattr(User, name), sa.bindparam("wanted", type_=User.email.type)
    same = sa.func.lower(column) == sa.func.lower(wanted) if case_insensitive else column == wanted
    return sa.select(User).where(same).options(with_actor(today), with_unread())


class PasswordForm(ChangePasswordForm):
    """The old password and a new one, twice."""

    password = PasswordField(
        _l("现在的密码"),
        validators=[DataRequired(_l("请填现在的密码。"))],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("新密码"),
        validators=[Length(min=PASSWORD_MIN, message=_l("新密码要有 10 个字符以上。"))],
        render_kw={"autocomplete": "new-password"},
    )
    new_password_confirm = PasswordField(
        _l("再填一次新密码"),
        validators=[EqualTo("new_password", message=_l("两次填的不一样，请重填。"))],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_l("改密码"))

    def validate(self, **kwargs: Any) -> bool:
        """Check the old password and the new one, in our own words."""
        for field in (self.password, self.new_password, self.new_password_confirm):
            field.data = normal_form(field.data) if isinstance(field.data, str) else ""
        if not super(ChangePasswordForm, self).validate(**kwargs):
            return False
        if wrong := _unkept(self.password, self.new_password):
            wrong[0].errors = [say(NOT_KEPT)]
            return False
        if text := wrong_password(self.new_password.data):
            self.new_password.errors = [say(text)]
            return False
        known = self.password.data
        if can_not_be_password(known) or not verify_password(known, current_user.password):
            self.password.errors = [_("现在的密码不对，请重填。")]
            return False
        if self.password.data == self.new_password.data:
            self.new_password.errors = [_("新密码和现在的一样，请换一个。")]
            return False
        return True


def init_app(app: Flask) -> None:
    """Set up Flask-Security with our accounts, forms and words."""
    app.config.setdefault("SECURITY_JOIN_USER_ROLES", False)
    security = Security(
        app,
        Accounts(db, User, RoleName),
        login_form=SignInForm,
        change_password_form=PasswordForm,
        render_template=_page,
    )
    security.want_json(lambda _request: wants_json())
    security.render_json(_as_json)
    app.before_request(_want_an_object)
    # Only the session signs somebody in; the extension's own tokens open nothing.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]


def _want_an_object() -> None:
    """The extension takes the members of a JSON body for fields; it must have some."""
    ours = request.blueprint == "security" and request.is_json
    if ours and not isinstance(request.get_json(), dict):
        raise BadRequest


def _page(template: str, **context: Any) -> ResponseReturnValue:
    """A page of the extension; a refused form says so by its status too."""
    form = context.get("login_user_form") or context.get("change_password_form")
    status = 200
    if form is not None and form.errors:
        status = 429 if getattr(form, "blocked", False) else 422
    return render_template(template, **context), status


def _as_json(
    payload: dict[str, Any], code: int, headers: dict[str, str] | None, _user: User | None
) -> ResponseReturnValue:
    """The same answers for who asks for JSON, in the API's shape."""
    if code < 400:
        return jsonify(payload), code, headers or {}
    if code == 401:
        body = {"code": "sign_in", "message": _("请先登录。"), "errors": {}}
        return jsonify(body), code, headers or {}
    body = as_json(Refusal({}))
    body["errors"] = {
        name or "form": [str(text) for text in texts]
        for name, texts in (payload.get("field_errors") or {}).items()
    }
    return jsonify(body), 422, headers or {}
