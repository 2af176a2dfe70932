"""The form of what a company was in a year."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from crm.companies.figures import SOURCE_WORDS, YEARLY_SOURCES, YearFigures
from views.forms.base import Form
from views.forms.fields import WanField, WholeField
from views.forms.lead import Choose


class YearFiguresForm(Form):
    """A year, what is known of it and where from; the service says what is wrong."""

    year = WholeField(_l("年份"))
    revenue_cny = WanField(_l("软件业务收入"))
    employees = WholeField(_l("从业人员"))
    source = Choose(_l("数字来源"))

    def offer(self) -> YearFiguresForm:
        """Fill in what may be chosen."""
        self.source.offer((code, SOURCE_WORDS[code]) for code in YEARLY_SOURCES)
        return self

    def typed(self) -> YearFigures:
        """What was sent, ready for the service."""
        return YearFigures(
            year=self.year.data or 0,
            revenue_cny=self.revenue_cny.data,
            employees=self.employees.data,
            source=self.source.data or "",
        )
