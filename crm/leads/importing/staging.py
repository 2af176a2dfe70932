"""In which stage a ledger's lead is put, and what the gates say of it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from crm.leads.gates import LeadFacts, missing_for
from crm.leads.stages import between, stage_name
from crm.messages import Message, enumerated, msg
from models.enums import Stage

# What a stage change keeps as its reason; a reason is text as written, in no other language.
REASON = "导入"
UNDONE = "撤销导入"


class StageChoice(enum.StrEnum):
    """What a person chose once for a file whose stages lack what their gates ask for."""

    GATES = "gates"
    """Each lead stops at the furthest stage whose gates hold."""
    WRITTEN = "written"
    """Each lead is put where its ledger says; the change keeps what the gate saw."""


def placed(
    facts: LeadFacts, target: Stage, choice: StageChoice, current: Stage = Stage.IDENTIFIED
) -> tuple[Stage, Sequence[Message]]:
    """The stage a lead is put in on its way to ``target``, and what is missing, in words."""
    missing = missing_for(facts, target, current)
    if not missing:
        return target, ()
    named, ledger = enumerated([check.label for check in missing]), stage_name(target)
    if choice is StageChoice.WRITTEN:
        return target, (msg("按台账放在“%(stage)s”，还差%(missing)s", stage=ledger, missing=named),)
    here = current
    for info in between(current, target):
        if missing_for(facts, info.stage, current):
            break
        here = info.stage
    sentence = msg(
        "台账写“%(stage)s”，还差%(missing)s，先放在“%(here)s”",
        stage=ledger,
        missing=named,
        here=stage_name(here),
    )
    return here, (sentence,)
