"""How many projects are to land in a year: set, changed, cleared, put back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.errors import Conflict, NotFound
from crm.formats import say
from crm.reports.landing_goals import queries, service
from crm.reports.landing_goals.rules import MOST, asked_years, wrong_year
from models import db
from views.errors import wants_json
from views.forms.base import answer
from views.forms.landing_goal import LandingGoalForm
from views.guard import actor, needs
from views.toasts import toast, toast_refusal
from views.ways_back import sealed, unsealed

blueprint = Blueprint("landing_goals", __name__, url_prefix="/landing-goals")
_KIND = "landing-goal"


@blueprint.get("")
@needs(Right.WRITE_LANDING_GOALS)
def index() -> ResponseReturnValue:
    """The goals of all years, this one and the next among them, and who changed them."""
    goals = {goal.year: goal for goal in queries.landing_goals()}
    years = sorted({*goals, *asked_years(clock.today())}, reverse=True)
    return render_template(
        "landing_goals/index.html", goals=goals, years=years, edits=queries.edits()
    )


@blueprint.get("/<year:year>")
@needs(Right.WRITE_LANDING_GOALS)
def edit(year: int) -> ResponseReturnValue:
    """The form of a year."""
    stands = _standing(year)
    form = LandingGoalForm(formdata=None, data={"landings": stands or None})
    form.see(stands)
    return _page(form, year)


@blueprint.post("/<year:year>")
@needs(Right.WRITE_LANDING_GOALS)
def update(year: int) -> ResponseReturnValue:
    """Set the goal of a year."""
    form = LandingGoalForm()

    def attempt() -> int:
        return service.set_goal(year, form.landings.data, actor(), clock.now(), seen=form.has_seen)

    if form.all_right(attempt):
        try:
            with form.refusals():
                before = attempt()
                db.session.commit()
                _toast(
                    _("%(year)s 年的目标定为 %(n)s 条。", year=year, n=form.landings.data),
                    year,
                    before,
                )
                return redirect(url_for("landing_goals.index"))
        except Conflict as conflict:
            return _once_more(form, year, conflict)
    return _page(form, year)


@blueprint.post("/<year:year>/removal")
@needs(Right.WRITE_LANDING_GOALS)
def remove(year: int) -> ResponseReturnValue:
    """Let a year have no goal."""
    before = service.clear_goal(year, actor(), clock.now())
    db.session.commit()
    if before:
        _toast(_("%(year)s 年的目标取消了。", year=year), year, before)
    return redirect(url_for("landing_goals.index"))


@blueprint.post("/<year:year>/restoration")
@needs(Right.WRITE_LANDING_GOALS)
def restore(year: int) -> ResponseReturnValue:
    """Put back what was the goal before, unless somebody else changed it meanwhile."""
    before, after = unsealed(f"{_KIND}-{year}")
    try:
        if before:
            service.set_goal(year, before, actor(), clock.now(), seen=after)
        else:
            service.clear_goal(year, actor(), clock.now(), seen=after)
    except Conflict as conflict:
        toast_refusal(conflict)
    else:
        db.session.commit()
        toast(_("已撤销。"))
    return redirect(url_for("landing_goals.index"))


def _toast(text: str, year: int, before: int) -> None:
    """What was done; its undo is back to what stood there."""
    was = sealed(f"{_KIND}-{year}", [before, _standing(year)])
    toast(text, url_for("landing_goals.restore", year=year, was=was))


def _standing(year: int) -> int:
    if wrong_year(year):
        raise NotFound
    goals = {goal.year: goal.landings or 0 for goal in queries.landing_goals()}
    return goals.get(year, service.NONE)


def _once_more(form: LandingGoalForm, year: int, conflict: Conflict) -> ResponseReturnValue:
    """Somebody was faster: what was typed stays, and what stands there now has been seen."""
    if wants_json():
        raise conflict
    db.session.rollback()
    form.see(_standing(year))
    form.form_errors.append(say(conflict.message))
    return render_template("landing_goals/edit.html", form=form, **_shown(year)), 409


def _page(form: LandingGoalForm, year: int) -> ResponseReturnValue:
    return answer(form, "landing_goals/edit.html", **_shown(year))


def _shown(year: int) -> dict[str, object]:
    return {"year": year, "stands": _standing(year), "most": MOST}
