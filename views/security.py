"""Signing in and out, on Flask-Security."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.forms import ChangePasswordForm, LoginForm
from wtforms import BooleanField, EmailField, PasswordField, SubmitField
from wtforms.validators import DataRequired, EqualTo, Length

from crm import clock
from crm.access.sign_in import allowance, note_attempt
from models import db
from models.user import RoleName, User

PASSWORD_MIN = 10


class SignInForm(LoginForm):
    """E-mail and password; wrong tries are counted and, after a few, have to wait."""

    email = EmailField(
        _l("邮箱"),
        validators=[DataRequired(_l("请填邮箱。"))],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("密码"),
        validators=[DataRequired(_l("请填密码。"))],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("这台设备 14 天内不用再登录"))
    submit = SubmitField(_l("登录"))

    def validate(self, **kwargs: Any) -> bool:
        """Check the tries left, then the password; a failed try is committed at once."""
        email = (self.email.data or "").strip().lower()
        address = request.remote_addr or ""
        now = clock.now()
        before = allowance(email, address, now)
        if before.blocked:
            return self._refuse(_("错的次数太多，请 15 分钟后再试。"))
        if not (email and self.password.data):
            return bool(super(LoginForm, self).validate(**kwargs))
        passed = bool(super().validate(**kwargs))
        note_attempt(email, address, now, succeeded=passed)
        if passed:
            return True
        db.session.commit()
        left = before.left - 1
        if left <= 0:
            return self._refuse(_("错的次数太多，请 15 分钟后再试。"))
        return self._refuse(_("邮箱或密码不对。再错 %(left)s 次要等 15 分钟。", left=left))

    def _refuse(self, text: str) -> bool:
        """One sentence at the password, the same whichever of the two was wrong."""
        for field in self:
            field.errors = []
        self.form_errors: list[str] = []
        self.password.errors = [text]
        return False


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


def init_app(app: Flask) -> None:
    """Set up Flask-Security with our accounts, forms and words."""
    app.config.setdefault("SECURITY_JOIN_USER_ROLES", False)
    Security(
        app,
        SQLAlchemyUserDatastore(db, User, RoleName),
        login_form=SignInForm,
        change_password_form=PasswordForm,
    )
