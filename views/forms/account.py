"""The forms of accounts: a new one, a change of one, who takes over when one is switched off."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from crm import clock
from crm.access.queries import parks, teams
from crm.access.words import ROLE_WORDS
from crm.accounts.rules import AccountInput
from crm.formats import name, say
from crm.leads.choices import members
from models.enums import Role
from models.user import User
from views.forms.base import ChangeForm, Form


class AccountForm(Form):
    """Who it is for, and where they belong; the service says what is wrong with the values."""

    email = EmailField(
        _l("邮箱"), [DataRequired(_l("请填邮箱。"))], render_kw={"autocomplete": "off"}
    )
    name = StringField(
        _l("姓名"),
        [DataRequired(_l("请填姓名，64 个字以内。"))],
        render_kw={"autocomplete": "off"},
    )
    role = SelectField(_l("角色"))
    team = SelectField(_l("招商小分队"), validate_choice=False)
    park = SelectField(_l("园区"), validate_choice=False)

    def offer(self) -> None:
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

    def typed(self) -> AccountInput:
        """What was typed, for the service."""
        return AccountInput(
            email=self.email.data or "",
            name=self.name.data or "",
            role=Role(self.role.data),
            team=self.team.data or "",
            park=self.park.data or "",
        )


class HeirForm(Form):
    """Who takes the open leads of somebody who leaves their team, or all."""

    heir = SelectField(_l("手上的线索"), validate_choice=False)

    def offer_heirs(self, user: User, team: str) -> None:
        """The colleagues of a team (its code), and nobody: then the leads stay where they are."""
        colleagues = members(team, clock.today()) if team else ()
        self.heir.choices = [
            SelectChoice("", _("留在本人名下，由队长或局领导改派")),
            *(SelectChoice(one.public_id, one.name) for one in colleagues if one.id != user.id),
        ]


class AccountChangeForm(AccountForm, HeirForm, ChangeForm):
    """An account as it is to be."""
