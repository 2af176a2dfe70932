"""That a visit was logged, called what it was."""

from __future__ import annotations

from flask_babel import gettext as _

from models.enums import VisitMode


def logged(mode: VisitMode, more: str = "") -> str:
    """It is written down; ``more``, a sentence, says what it led to."""
    if more and mode.is_contact:
        return str(_("联系已记下，%(moved)s", moved=more))
    if more:
        return str(_("走访已记下，%(moved)s", moved=more))
    return str(_("联系已记下。") if mode.is_contact else _("走访已记下。"))
