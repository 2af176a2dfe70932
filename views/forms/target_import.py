"""The form that brings a list's file in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from json import dumps

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from crm.formats import name
from crm.imports.workbook import Limits
from crm.targets.queries import lists
from views.forms.base import Form


class YearField(IntegerField):
    """A year; what is none is told so in the words of an empty one."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the year as typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("请填年份，如 2018。")) from None


class TargetImportForm(Form):
    """Which list, of which year, and the file; the service says what is wrong with the values."""

    list = SelectField(_l("榜单"), [InputRequired(_l("请选一个榜单。"))], validate_choice=False)
    year = YearField(
        _l("年份"), [InputRequired(_l("请填年份，如 2018。"))], render_kw={"inputmode": "numeric"}
    )
    file = FileField(
        _l("文件"),
        [FileRequired(_l("请选一个 .xlsx 或 .csv 文件。"))],
        render_kw={
            "accept": ".xlsx,.csv,.txt",
            "data-most": Limits().file_size,
            "data-over": _l("文件超过 20 MB。请分成几个小一些的文件。"),
        },
    )

    def offer(self, today: date) -> TargetImportForm:
        """Fill in what may be chosen; the year starts at this one."""
        known = lists()
        named = [(found.code, name(found)) for found in known]
        self.list.choices = [("", _("请选榜单")), *named]
        # By what it may be called in a file's name the page guesses the list, see js/files.js.
        words = {found.code: (found.code, found.zh, found.en, found.short_zh) for found in known}
        self.list.render_kw = {"data-names": dumps(words, ensure_ascii=False)}
        if self.year.data is None and not self.is_submitted():
            self.year.data = today.year
        return self
