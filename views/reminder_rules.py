"""The reminder rules: what each does, changed after a look at whom that would remind."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right, allowed
from crm.access.queries import teams
from crm.access.words import ROLE_WORDS
from crm.errors import Conflict, NotFound
from crm.formats import say
from crm.messages import Name
from crm.reminders import editing
from crm.reminders.editing import Saved
from crm.reminders.preview import Preview, preview
from crm.reminders.rulebook import Rule
from crm.reminders.store import as_rule, book_of
from crm.reminders.words import sentence
from crm.targets.queries import lists
from models import db
from models.reminder_rule import ReminderRule
from views.forms.base import answer
from views.forms.reminder_rule import ReminderRuleForm
from views.guard import actor, needs
from views.toasts import toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("reminder_rules", __name__, url_prefix="/admin/reminder-rules")

_KIND = "reminder-rule"


@blueprint.get("")
@needs(Right.READ_RULES)
def index() -> ResponseReturnValue:
    """Every rule with what it does in one sentence."""
    rules = editing.all_rules()
    names = _names()
    return render_template(
        "reminder_rules/index.html",
        rules=[(one, sentence(as_rule(one), names)) for one in rules],
        waiting=editing.waiting_by_rule(),
        is_delivered=editing.is_delivered,
    )


@blueprint.get("/<rule>")
@needs(Right.READ_RULES)
def show(rule: str) -> ResponseReturnValue:
    """A rule's form, and whom it reminds today."""
    record = editing.rule_or_404(rule)
    form = ReminderRuleForm(formdata=None).offer(record.kind).show(record)
    now = as_rule(record)
    return _page(form, record, _preview(record, now, enabled=record.enabled))


@blueprint.post("/<rule>")
@needs(Right.WRITE_RULES)
def update(rule: str) -> ResponseReturnValue:
    """Save what the form says."""
    record = editing.rule_or_404(rule)
    form = ReminderRuleForm().offer(record.kind)
    if form.validate_on_submit():
        try:
            with form.refusals():
                saved = editing.save(rule, form.draft, form.version_read, clock.today())
                db.session.commit()
                _say(saved)
                return redirect(url_for("reminder_rules.index"))
        except Conflict as conflict:
            db.session.rollback()
            record = editing.rule_or_404(rule)
            form.form_errors.append(say(conflict.message))
            form.version.data, form.version.raw_data = str(record.version), None
            return _page(form, record, None, conflict)
    return _page(form, editing.rule_or_404(rule), None)


@blueprint.post("/<rule>/previews")
@needs(Right.WRITE_RULES)
def try_out(rule: str) -> ResponseReturnValue:
    """Whom the rule would remind today, were it saved; changes nothing."""
    record = editing.rule_or_404(rule)
    form = ReminderRuleForm().offer(record.kind)
    if form.validate_on_submit():
        with form.refusals():
            draft = form.draft
            then = editing.as_drafted(record, draft)
            return _page(form, record, _preview(record, then, enabled=draft.enabled))
    return _page(form, editing.rule_or_404(rule), None)


@blueprint.post("/<rule>/restorations")
@needs(Right.WRITE_RULES)
def restore(rule: str) -> ResponseReturnValue:
    """Bring back the delivered values."""
    saved = editing.restore(rule, clock.today())
    db.session.commit()
    _say(saved)
    return redirect(url_for("reminder_rules.index"))


@blueprint.post("/<rule>/reversals")
@needs(Right.WRITE_RULES)
def reverse(rule: str) -> ResponseReturnValue:
    """Take the last change back."""
    of_rule, before, version = unsealed(_KIND)
    if of_rule != rule:
        raise NotFound
    editing.take_back(rule, before, version, clock.today())
    db.session.commit()
    toast(_("已撤销。"))
    return redirect(url_for("reminder_rules.index"))


@blueprint.post("/<rule>/copies")
@needs(Right.WRITE_RULES)
def copy(rule: str) -> ResponseReturnValue:
    """Another rule of the same kind, off until it is edited."""
    made = editing.copy_of(rule)
    db.session.commit()
    toast(_("已复制一条，先停用着。改好再启用。"))
    return redirect(url_for("reminder_rules.show", rule=made.code))


@blueprint.post("/<rule>/removals")
@needs(Right.WRITE_RULES)
def remove(rule: str) -> ResponseReturnValue:
    """Take away a rule that was made here."""
    called_off = editing.remove(rule, clock.now())
    db.session.commit()
    toast(_with_called_off(_("规则已删除。"), called_off))
    return redirect(url_for("reminder_rules.index"))


def _page(
    form: ReminderRuleForm,
    record: ReminderRule,
    shown: Preview | None,
    stale: Conflict | None = None,
) -> ResponseReturnValue:
    return answer(
        form,
        "reminder_rules/show.html",
        stale,
        rule=record,
        does=sentence(as_rule(record), _names()),
        preview=shown,
        role_words=ROLE_WORDS,
        delivered=editing.delivered(record.code) is not None,
        as_delivered=editing.is_delivered(record),
        may_write=allowed(actor(), Right.WRITE_RULES),
    )


def _preview(record: ReminderRule, then: Rule, *, enabled: bool) -> Preview:
    today = clock.today()
    now = as_rule(record) if record.enabled else None
    return preview(now, then if enabled else None, today, book_of(today))


def _names() -> dict[str, Name]:
    found = {one.code: Name(one.short_zh, one.short_en) for one in lists()}
    return found | {team.code: Name(team.short_zh, team.short_en) for team in teams()}


def _say(saved: Saved) -> None:
    was = sealed(_KIND, [saved.code, saved.before, saved.version])
    undo = url_for("reminder_rules.reverse", rule=saved.code, was=was)
    toast(_with_called_off(_("规则已保存。"), saved.called_off), undo)


def _with_called_off(text: str, n: int) -> str:
    if not n:
        return text
    off = ngettext("%(num)s 条等着发的提醒不再发。", "%(num)s 条等着发的提醒不再发。", n)
    return f"{text}{off}"
