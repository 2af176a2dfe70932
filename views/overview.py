"""The overview: where everything stands, what waits, what will land, what the goals miss."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_pgettext

from crm import clock
from crm.access import Right, sees_the_city
from crm.formats import area, count, money, say
from crm.leads.cards import stall_of
from crm.leads.stages import stage_name, stages
from crm.messages import msg
from crm.reports.goals import GoalLine
from crm.reports.overview import Overview, overview
from crm.spans import Period
from crm.targets.queries import Standing
from crm.targets.states import EntryState
from views.figures import href
from views.guard import actor, needs
from views.landing_charts import ACROSS, BOTTOM, WIDE, Ending, progress, ranges
from views.landing_forecasts import called
from views.lead_cards import title_of
from views.why import why_of

blueprint = Blueprint("overview", __name__)

# The words of the switch: a period said in full would fill an English phone's first line.
_SWITCH = {
    Period.QUARTER: lazy_pgettext("switch", "本季"),
    Period.YEAR: lazy_pgettext("switch", "今年"),
    Period.TWO_YEARS: lazy_pgettext("switch", "两年"),
}
# What the table of teams shows in its cells.
BY = ("n", "sum")
# Units of goals that are neither money nor shares.
_UNITS = {
    "people": msg("%(n)s 人"),
    "people/year": msg("每年 %(n)s 人"),
    "companies": msg("%(n)s 家"),
    "teams": msg("%(n)s 个"),
    "products": msg("%(n)s 个"),
    "scenarios": msg("%(n)s 个"),
}


@blueprint.get("/overview")
@needs(Right.READ_LEADS)
def show() -> ResponseReturnValue:
    """Everything that this role may see of it, for a quarter, a year or two."""
    asked = request.args.get("period", "")
    period = Period(asked) if asked in set(Period) else Period.QUARTER
    by = request.args.get("by", "")
    by = by if by in BY else BY[0]
    found = overview(actor(), period, clock.now())
    today = clock.today()
    return render_template(
        "overview/show.html",
        page=found,
        today=today,
        by=by,
        periods=[
            {"label": _SWITCH[one], "url": _here(one, by), "active": one is period}
            for one in Period
        ],
        measures=[
            {"label": label, "url": _here(period, one), "active": one == by}
            for one, label in zip(BY, (_("条数"), _("计划投资")), strict=True)
        ],
        city=sees_the_city(actor()),
        href=href,
        infos=stages(),
        stage_name=stage_name,
        local_date=clock.local_date,
        title_of=title_of,
        word_of=lambda lead: stall_of(lead, today),
        why_of=why_of,
        most=max((month.leads.value for month in found.results.months), default=0),
        covered=_covered(found),
        forecast=found.forecast,
        ranges=ranges(found.forecast),
        chart=progress(found.landed, found.forecast),
        called=called,
        ending=_ending,
        states=list(EntryState),
        nothing=Standing(),
        plot={"bottom": BOTTOM, "wide": WIDE, "across": ACROSS},
        said=_said,
    )


def _here(period: Period, by: str) -> str:
    """The page of a period; what it starts with stands in no address."""
    return url_for(
        "overview.show",
        period=period.value if period is not Period.QUARTER else None,
        by=by if by != BY[0] else None,
    )


def _ending(one: Ending) -> str:
    """What a line of progress comes to."""
    words = {
        "goal": _("目标 %(n)s", n=count(one.n)),
        "possible": _("一成可能 %(n)s", n=count(one.n)),
        "likely": _("最可能 %(n)s", n=count(one.n)),
        "sure": _("九成把握 %(n)s", n=count(one.n)),
    }
    return str(words[one.kind])


def _covered(found: Overview) -> dict[str, int]:
    """All editions together, for the sentence above the bars: entries and those nobody follows."""
    of = [found.coverage.get(edition.id, Standing()) for edition in found.editions]
    untouched = sum(one.states.get(EntryState.UNTOUCHED, 0) for one in of)
    return {"entries": sum(one.entries for one in of), "untouched": untouched}


def _said(line: GoalLine, value: int) -> str:
    """A value in the unit of its goal."""
    unit = line.goal.unit or ""
    if unit.startswith("CNY"):
        return money(value)
    if unit == "m2":
        return area(value)
    if unit == "bp":
        return f"{value / 100:g}%"
    if unit in _UNITS:
        return say(replace(_UNITS[unit], params={"n": count(value)}))
    return count(value)
