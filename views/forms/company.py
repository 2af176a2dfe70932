"""The forms of a company: what is known of it, its other names, and who is whose parent."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired

from crm.companies.edits import CompanyEdit
from crm.companies.other_names import KIND_WORDS
from crm.companies.queries import places, segments
from crm.formats import name, say
from models.company import NameKind
from views.forms.base import ChangeForm, Form
from views.forms.fields import ShareField


class CompanyForm(ChangeForm):
    """Names, credit code, place and links of the chain; the service says what is wrong."""

    shown_as = {"place_id": "place"}  # noqa: RUF012 (a table, replaced by subclasses)

    name = StringField(_l("企业名称"), [DataRequired(_l("请填企业名称。"))])
    short_name = StringField(_l("简称"))
    credit_code = StringField(_l("统一社会信用代码"))
    place = SelectField(_l("总部所在城市"), validate_choice=False)
    segments = SelectMultipleField(_l("产业链环节"))

    def offer(self) -> CompanyForm:
        """Fill in what may be chosen."""
        cities = [(str(place.id), place.city) for place in places()]
        self.place.choices = [("", _l("未填")), *cities]
        self.segments.choices = [(s.code, "　" * s.depth + name(s)) for s in segments()]
        return self

    @property
    def place_id(self) -> int | None:
        """The key of the chosen city; what is no key names no city."""
        chosen = self.place.data or ""
        if not chosen:
            return None
        return int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0

    def edit(self) -> CompanyEdit:
        """What was sent, ready for the service."""
        return CompanyEdit(
            name=self.name.data or "",
            short_name=self.short_name.data or "",
            credit_code=self.credit_code.data or "",
            place_id=self.place_id,
            segments=self.segments.data or [],
        )

    def show(self, known: CompanyEdit) -> CompanyForm:
        """Fill in what is known."""
        self.name.data = known.name
        self.short_name.data = known.short_name
        self.credit_code.data = known.credit_code
        self.place.data = str(known.place_id or "")
        self.segments.data = known.segments
        self.stamp(known.as_values())
        return self


class NameForm(Form):
    """One more name of a company, and what it is."""

    name = StringField(_l("名称"), [DataRequired(_l("请填企业的另一个名称。"))])
    kind = RadioField(_l("这是它的"), default=NameKind.ENGLISH.value)

    def offer(self) -> NameForm:
        """Fill in what may be chosen."""
        self.kind.choices = [(kind.value, say(words)) for kind, words in KIND_WORDS.items()]
        return self


class RelationForm(Form):
    """Another company, whether it stands above or below, and the share held in percent."""

    other = SelectField(
        _l("另一家企业"), [DataRequired(_l("请选另一家企业。"))], validate_choice=False
    )
    side = RadioField(_l("它是"), default="parent")
    share = ShareField(_l("持股比例"))

    def offer(self) -> RelationForm:
        """Fill in what may be chosen."""
        self.other.choices = [("", _l("输入名称找企业"))]
        self.side.choices = [("parent", _l("上级")), ("child", _l("下属"))]
        return self
