"""How the forecast of landings comes about: its table, and what was observed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right, sees_the_city
from crm.leads.stages import stage_name
from crm.reports.forecast.hindsight import hindsight_of
from crm.reports.forecast.queries import Ahead, forecast_of
from crm.reports.forecast.rules import (
    AHEAD,
    LEAST_STANDING,
    OBSERVED_QUARTERS,
    Observed,
    Quarter,
    pooled,
)
from views.figures import href
from views.guard import actor, needs

blueprint = Blueprint("landing_forecasts", __name__)


@blueprint.get("/overview/forecast")
@needs(Right.READ_LEADS)
def show() -> ResponseReturnValue:
    """The numbers, the leads they are of, and the shares that they follow from."""
    found = forecast_of(actor(), clock.today())
    return render_template(
        "landing_forecasts/show.html",
        forecast=found,
        past=hindsight_of(actor(), found.today),
        today=found.today,
        city=sees_the_city(actor()),
        quarters=OBSERVED_QUARTERS,
        least=LEAST_STANDING,
        ahead=AHEAD,
        lag=lag,
        called=called,
        named=named,
        percent=percent,
        pooled=lambda stage, ahead: pooled(found.rates, stage, ahead),
        stage_name=stage_name,
        href=href,
    )


def called(one: Ahead, first: bool = False) -> str:
    """What a quarter is called; this one is only what is left of it."""
    return str(_("本季还剩")) if first else named(one.quarter)


def named(quarter: Quarter) -> str:
    """A whole quarter."""
    names = {
        1: _("%(year)s 一季度", year=quarter.first.year),
        2: _("%(year)s 二季度", year=quarter.first.year),
        3: _("%(year)s 三季度", year=quarter.first.year),
        4: _("%(year)s 四季度", year=quarter.first.year),
    }
    return str(names[quarter.number])


def lag(quarters: int) -> str:
    """How long after the start of a quarter."""
    if not quarters:
        return str(_("当季"))
    return str(ngettext("再过 %(num)s 季", "再过 %(num)s 季", quarters))


def percent(observed: Observed) -> str:
    """A share, to a tenth where it is small."""
    share = 100 * observed.landed / observed.standing
    return f"{share:.1f}%" if 0 < share < 10 else f"{share:.0f}%"
