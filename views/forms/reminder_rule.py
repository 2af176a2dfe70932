"""The form of a reminder rule: its steps are a few rows of days and whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from crm.access.queries import teams
from crm.formats import name, say
from crm.leads.stages import stages
from crm.messages import Name
from crm.reminders.editing import Draft
from crm.reminders.rulebook import Conditions, Step, Tier, To
from crm.reminders.shapes import (
    CALENDAR_ONLY,
    LONGEST_NAME,
    MOST_STEPS,
    NEVER_AT_ONCE,
    may_remind,
    wrong_name,
    wrong_step,
)
from crm.reminders.words import TIER_WORDS, TO_WORDS
from crm.targets.queries import lists
from models.enums import RuleKind, Stage
from models.reminder_rule import ReminderRule
from views.addresses import number_of
from views.forms.base import Form
from views.forms.fields import TextField, WholeField


class ChipsField(SelectMultipleField):
    """Several choices as chips."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class StepsField(HiddenField):
    """Stands for the rows of steps, beside which the page says what is wrong with them."""


@dataclass(frozen=True)
class StepRow:
    """The two fields of a step."""

    number: int
    days: Field
    to: Field


class ReminderRuleForm(Form):
    """What an administrator changes; the service says what is wrong with the values."""

    version = HiddenField()
    zh = TextField(_l("中文名称"))
    en = TextField(_l("英文名称"))
    enabled = BooleanField(_l("启用"))
    working = BooleanField(_l("天数按工作日算（含调休）"))
    at_once = BooleanField(_l("随时单独发一封邮件（不等每日邮件）"))
    tiers = ChipsField(_l("哪些企业"))
    stages = ChipsField(_l("哪些阶段"))
    lists = ChipsField(_l("哪些榜单"))
    except_lists = ChipsField(_l("哪些榜单除外"))
    teams = ChipsField(_l("哪些小分队"))
    steps = StepsField(_l("什么时候提醒谁"))

    def offer(self, kind: RuleKind) -> ReminderRuleForm:
        """Fill in what may be chosen for a rule of this kind."""
        self.kind = kind
        self.tiers.choices = [(tier.value, say(text)) for tier, text in TIER_WORDS.items()]
        self.stages.choices = [(one.stage.value, say(one.name)) for one in stages()]
        found = [(one.code, say(Name(one.short_zh, one.short_en))) for one in lists()]
        self.lists.choices = self.except_lists.choices = found
        self.teams.choices = [(team.code, name(team)) for team in teams()]
        for row in self.rows:
            row.to.choices = [
                ("", _("不用这一步")),
                *((to.value, say(TO_WORDS[to])) for to in may_remind(kind)),
            ]
        return self

    @property
    def rows(self) -> Iterator[StepRow]:
        """The steps, the empty ones too."""
        for number in range(MOST_STEPS):
            yield StepRow(number, self[f"days_{number}"], self[f"to_{number}"])

    @property
    def counts_working(self) -> bool:
        """Whether a rule of this kind may count working days."""
        return self.kind not in CALENDAR_ONLY

    @property
    def may_be_at_once(self) -> bool:
        """Whether a rule of this kind may write a mail of its own."""
        return self.kind not in NEVER_AT_ONCE

    @property
    def asks_leads(self) -> bool:
        """Whether it is about leads, which have a stage."""
        return self.kind is not RuleKind.UNCOVERED

    def show(self, record: ReminderRule) -> ReminderRuleForm:
        """Take the values of a record."""
        self.version.data = str(record.version)
        for field in ("zh", "en", "enabled", "working", "at_once"):
            self[field].data = getattr(record, field)
        for field in ("tiers", "stages", "lists", "except_lists", "teams"):
            self[field].data = list(record.conditions.get(field, ()))
        for row, step in zip(self.rows, record.steps, strict=False):
            row.days.data, row.to.data = step["days"], step["to"]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Also the names and each step, at their own fields."""
        fine = bool(super().validate(extra_validators))
        for lang in LONGEST_NAME:
            if unfit := wrong_name(lang, self[lang].data):
                self[lang].errors = [say(unfit)]
                fine = False
        for row in self.rows:
            if row.days.errors or row.to.errors:
                continue
            if row.to.data and row.days.data is None:
                row.days.errors = [_("请填天数：0 是当天，负数是提前。")]
            elif row.days.data is not None and not row.to.data:
                row.to.errors = [_("请选提醒谁，或清空天数。")]
            elif row.to.data and (
                wrong := wrong_step(self.kind, Step(row.days.data, To(row.to.data)))
            ):
                row.days.errors = [say(wrong)]
            fine = fine and not row.days.errors and not row.to.errors
        return fine

    @property
    def draft(self) -> Draft:
        """What was filled in; after validation."""
        return Draft(
            zh=self.zh.data,
            en=self.en.data,
            enabled=bool(self.enabled.data),
            working=bool(self.working.data),
            at_once=bool(self.at_once.data),
            conditions=Conditions(
                tiers=frozenset(Tier(one) for one in self.tiers.data or ()),
                lists=frozenset(self.lists.data or ()),
                except_lists=frozenset(self.except_lists.data or ()),
                stages=frozenset(Stage(one) for one in self.stages.data or ()),
                teams=frozenset(self.teams.data or ()),
            ),
            steps=tuple(Step(row.days.data, To(row.to.data)) for row in self.rows if row.to.data),
        )

    @property
    def version_read(self) -> int:
        """The version that its reader saw; 0 when the form carried none."""
        return number_of(str(self.version.data or ""))


for _number in range(MOST_STEPS):
    _days, _to = _l("第 %(n)s 步的天数", n=_number + 1), _l("第 %(n)s 步提醒谁", n=_number + 1)
    setattr(ReminderRuleForm, f"days_{_number}", WholeField(_days))
    setattr(ReminderRuleForm, f"to_{_number}", SelectField(_to, default=""))
