"""The form of a saved view."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField

from crm.access import Actor
from crm.formats import say
from crm.leads import views
from crm.messages import msg
from models.saved_view import SavedView, Visibility
from views.forms.base import ChangeForm
from views.forms.fields import TextField

WORDS = {
    Visibility.PRIVATE: msg("只有我"),
    Visibility.TEAM: msg("本队"),
    Visibility.EVERYONE: msg("所有人"),
}


class SavedViewForm(ChangeForm):
    """What a view is called and who finds it; whether it takes over the list as it is now."""

    shown_as = {"shown": "take_over"}  # noqa: RUF012 (a table, replaced by subclasses)

    name = TextField(_l("名字"))
    visibility = RadioField(_l("给谁看"), validate_choice=False)
    take_over = BooleanField(_l("改成现在的条件、排序和列"))

    def offer(self, actor: Actor, view: SavedView | None = None) -> None:
        """Offer whom the actor may show it to, and whoever sees it already."""
        offered = {*views.choices(actor), *([view.visibility] if view else [])}
        self.visibility.choices = [
            (code.value, say(words)) for code, words in WORDS.items() if code in offered
        ]

    def _said(self, name: str, value: Any) -> str:
        """A list under a view is too long to say: whose it is says enough."""
        if name != "shown":
            return super()._said(name, value)
        theirs = self.stale is not None and value == self.stale.changed[name][0]
        return str(_("对方存的列表") if theirs else _("现在的列表"))
