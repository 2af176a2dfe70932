"""What managers judge of a segment's gap: said in a form of its own, withdrawn, put back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.chain import judging, queries
from crm.errors import Conflict
from crm.formats import say
from models import db
from models.segment import SegmentJudgement
from views.chain_words import GAPS
from views.errors import wants_json
from views.forms.base import answer
from views.forms.chain import JudgementForm
from views.guard import actor, needs
from views.toasts import in_place, page_before, toast, toast_refusal

blueprint = Blueprint("chain_judgements", __name__, url_prefix="/chain/<code>/judgements")


@blueprint.get("/new")
@needs(Right.JUDGE_GAPS)
def new(code: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog, with what stands there now."""
    standing = _standing(code)
    known = {"gap": standing.gap.value, "reason": standing.reason} if standing else {}
    form = JudgementForm(formdata=None, data=known)
    form.seen.data = standing.public_id if standing else ""
    return _page(form, code)


@blueprint.post("")
@needs(Right.JUDGE_GAPS)
def create(code: str) -> ResponseReturnValue:
    """Judge the segment's gap otherwise."""
    form = JudgementForm()
    before = _standing(code)
    if form.validate_on_submit():
        gap, reason, seen = form.gap.data or "", form.reason.data or "", form.seen.data or ""
        try:
            with form.refusals():
                made = judging.say(code, gap, reason, actor(), clock.now(), seen=seen)
                db.session.commit()
                _toast_of(code, made, before)
                return redirect(_back(code))
        except Conflict as conflict:
            return _once_more(form, code, conflict)
    return _page(form, code)


@blueprint.post("/<public_id>/withdrawal")
@needs(Right.JUDGE_GAPS)
def withdraw(code: str, public_id: str) -> ResponseReturnValue:
    """Let the projects speak again."""
    try:
        withdrawn = judging.withdraw(code, public_id, actor(), clock.now())
    except Conflict as conflict:
        toast_refusal(conflict)
    else:
        db.session.commit()
        toast(_("判断已撤回，按项目算。"), _address("put_back", code, withdrawn))
    return redirect(_back(code))


@blueprint.post("/<public_id>/restoration")
@needs(Right.JUDGE_GAPS)
def put_back(code: str, public_id: str) -> ResponseReturnValue:
    """Let a judgement stand again."""
    try:
        judging.put_back(code, public_id, actor(), clock.now())
    except Conflict as conflict:
        toast_refusal(conflict)
    else:
        db.session.commit()
        toast(_("判断已恢复。"))
    return redirect(_back(code))


def _standing(code: str) -> SegmentJudgement | None:
    return queries.standing_judgements().get(queries.segment_or_404(code).id)


def _toast_of(code: str, made: SegmentJudgement, before: SegmentJudgement | None) -> None:
    """What was saved; its undo is back to what stood there, else to what the projects say."""
    if before is made:
        # Nothing was done, so there is nothing to undo: it may be a colleague's that stands.
        toast(_("判断和理由都没有变。"))
        return
    undo = _address("put_back", code, before) if before else _address("withdraw", code, made)
    toast(_("判断已改为“%(gap)s”。", gap=say(GAPS[made.gap].word)), undo)


def _address(verb: str, code: str, judgement: SegmentJudgement) -> str:
    """Where a judgement is taken or put back, from the same page as this."""
    endpoint, at = f"chain_judgements.{verb}", judgement.public_id
    return url_for(endpoint, code=code, public_id=at, back=page_before())


def _back(code: str) -> str:
    return page_before() or url_for("chain.show", code=code)


def _once_more(form: JudgementForm, code: str, conflict: Conflict) -> ResponseReturnValue:
    """Somebody was faster: what was typed stays, and what stands there now has been seen."""
    if wants_json():
        raise conflict
    db.session.rollback()
    standing = _standing(code)
    form.see(standing.public_id if standing else "")
    form.form_errors.append(say(conflict.message))
    return render_template(_template(), form=form, **_shown(code)), 409


def _page(form: JudgementForm, code: str) -> ResponseReturnValue:
    return answer(form, _template(), **_shown(code))


def _template() -> str:
    return "chain/_judge.html" if in_place() else "chain/judge.html"


def _shown(code: str) -> dict[str, object]:
    segment = queries.segment_or_404(code)
    standing = queries.standing_judgements().get(segment.id)
    return {"segment": segment, "said": standing, "gaps": GAPS, "back": page_before()}
