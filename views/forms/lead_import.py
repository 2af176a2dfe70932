"""The forms that bring a ledger in and say what holds for the whole of it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from crm.access import Actor
from crm.formats import say
from crm.imports.workbook import Limits
from crm.leads.choices import segments, teams
from crm.leads.importing.matching import Mode
from crm.leads.importing.staging import StageChoice
from models.enums import Role
from views.forms.base import Form

MODES = (
    SelectChoice(Mode.ADD.value, _l("只补空缺")),
    SelectChoice(Mode.REPLACE.value, _l("以台账为准")),
    SelectChoice(Mode.SKIP.value, _l("跳过")),
)
STAGES = (
    SelectChoice(StageChoice.GATES.value, _l("停在条件齐的最远一步")),
    SelectChoice(StageChoice.WRITTEN.value, _l("照台账写的阶段，记为导入")),
)


class LeadImportForm(Form):
    """Whose ledger, what to do with leads that are there, and the file."""

    team = SelectField(_l("招商小分队"), validate_choice=False)
    mode = RadioField(_l("库里已有的线索"), default=Mode.ADD.value)
    file = FileField(
        _l("文件"),
        [FileRequired(_l("请选一个 .xlsx 或 .csv 文件。"))],
        render_kw={
            "accept": ".xlsx,.csv,.txt",
            "data-most": Limits().file_size,
            "data-over": _l("文件超过 20 MB。请分成几个小一些的文件。"),
        },
    )

    def offer(self, actor: Actor) -> LeadImportForm:
        """A manager may bring in every team's; others bring in their own."""
        self.mode.choices = list(MODES)
        if actor.role is Role.MANAGER:
            named = [SelectChoice(code, say(name)) for code, name in teams()]
            self.team.choices = [SelectChoice("", _l("按表里的小分队列")), *named]
        else:
            del self.team
        return self


class LedgerForm(Form):
    """What holds for every row of a waiting ledger."""

    mode = RadioField(_l("库里已有的线索"))
    stages = RadioField(_l("阶段的条件不齐时"))
    segment = SelectField(_l("没写产业链环节的算作"), validate_choice=False)
    team = SelectField(_l("没写小分队的归"), validate_choice=False)

    def offer(self, *, any_team: bool) -> LedgerForm:
        """Fill in what may be chosen; ``any_team``: whoever brought it in may say whose it is."""
        self.mode.choices, self.stages.choices = list(MODES), list(STAGES)
        if any_team:
            names = [SelectChoice(code, say(name)) for code, name in teams()]
            self.team.choices = [SelectChoice("", _l("不归谁，逐行补")), *names]
        else:
            del self.team
        named = [SelectChoice(code, say(name)) for code, name in segments()]
        self.segment.choices = [SelectChoice("", _l("不算，逐行补")), *named]
        return self
