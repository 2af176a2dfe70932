"""Forms of the trash: why something is put away, why it is purged."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from views.forms.base import Form
from views.forms.fields import LongTextField


class ReasonForm(Form):
    """Why; optional to put something away, required to purge it."""

    reason = LongTextField(_l("原因"))
