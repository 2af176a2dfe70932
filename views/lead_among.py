"""What is in the count above a board or a list, in words: the same leads make three totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure
from models.enums import Stage
from views.figures import href

# Whoever asks for these asks for nobody who is on hold.
_ACTIVE_ONLY = ("overdue", "stalled", "undated")


@dataclass(frozen=True)
class Among:
    """One thing that is in the count or is not; the figure opens it, where its number is known."""

    text: str
    figure: Figure | None = None

    @property
    def url(self) -> str:
        """What the figure opens."""
        return href(self.figure) if self.figure else ""


def among(wanted: LeadFilter, on_hold: int | None) -> list[Among]:
    """What the count of a filter holds of leads on hold, landed and lost, as far as it is not
    plain from the filter; ``on_hold``: how many more or of them, None where it is not known."""
    if any(getattr(wanted, name) for name in _ACTIVE_ONLY):
        return []
    return list(_among(wanted, on_hold))


def _among(wanted: LeadFilter, on_hold: int | None) -> Iterator[Among]:
    without = wanted.status == "active"
    if wanted.status in {"open", "ongoing", "active", "all"} and on_hold != 0:
        yield _resting(wanted, on_hold, without=without)
    if wanted.status == "ongoing":
        yield Among(_("不含已落地的"))
    if wanted.status == "all":
        yield Among(_("含流失的"))


def _resting(wanted: LeadFilter, on_hold: int | None, *, without: bool) -> Among:
    if on_hold is None:
        return Among(_("不含暂缓的") if without else _("含暂缓的"))
    text = _("不含暂缓") if without else _("含暂缓")
    opens = replace(wanted, status="on_hold")
    if wanted.status == "ongoing" and not wanted.stages:
        opens = replace(opens, stages=tuple(one for one in Stage if one is not Stage.LANDED))
    return Among(text, Figure("on-hold", on_hold, opens))
