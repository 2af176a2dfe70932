"""The forms of a new account and of another address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from crm.access.queries import parks, teams
from crm.access.words import ROLE_WORDS
from crm.formats import name, say
from views.forms.base import Form


class AccountForm(Form):
    """Who it is for, and where they belong; the service says what is wrong with the values."""

    email = EmailField(
        _l("邮箱"), [DataRequired(_l("请填邮箱。"))], render_kw={"autocomplete": "off"}
    )
    name = StringField(_l("姓名"), [DataRequired(_l("请填姓名，64 个字以内。"))])
    role = SelectField(_l("角色"))
    team = SelectField(_l("招商小分队"), validate_choice=False)
    park = SelectField(_l("园区"), validate_choice=False)

    def offer(self) -> AccountForm:
        """Fill in what may be chosen."""
        self.role.choices = [SelectChoice(role.value, say(it)) for role, it in ROLE_WORDS.items()]
        self.team.choices = [
            SelectChoice("", _l("不属于小分队")),
            *(SelectChoice(team.code, name(team)) for team in teams()),
        ]
        self.park.choices = [
            SelectChoice("", _l("不属于园区")),
            *(SelectChoice(park.code, name(park)) for park in parks()),
        ]
        return self


class AddressForm(Form):
    """Where an account's mail goes, and what it signs in with."""

    email = EmailField(
        _l("邮箱"), [DataRequired(_l("请填邮箱。"))], render_kw={"autocomplete": "off"}
    )
