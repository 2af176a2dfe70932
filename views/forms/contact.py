"""The form of a person at a company."""

from __future__ import annotations

from dataclasses import asdict

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, StringField, TelField

from crm.companies.contacts import ContactInput, known_of
from models.contact import ContactRole
from views.forms.base import ChangeForm


class ContactForm(ChangeForm):
    """Name, what they are there, and how they are reached; the service says what is wrong."""

    name = StringField(_l("姓名"))
    title = StringField(_l("职务"))
    phone = TelField(_l("电话"))
    email = EmailField(_l("邮箱"))
    wechat = StringField(_l("微信号"))
    decides = BooleanField(_l("能拍板"))

    def typed(self) -> ContactInput:
        """What was typed, for the service."""
        return ContactInput(
            name=self.name.data or "",
            title=self.title.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            wechat=self.wechat.data or "",
            decides=bool(self.decides.data),
        )

    def show(self, role: ContactRole) -> ContactForm:
        """Fill in what is known."""
        known = asdict(known_of(role))
        for name, value in known.items():
            self[name].data = value
        self.stamp(known)
        return self
