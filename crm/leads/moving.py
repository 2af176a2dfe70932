"""What the form of a move shows before anybody sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.access import Actor, may_write, readable_lead
from crm.errors import Forbidden
from crm.leads.choices import Suggestion, suggested_place
from crm.leads.evidence import evidence_of, last_said
from crm.leads.facts import facts_of
from crm.leads.gates import Check, LeadFacts, checks_for
from crm.leads.queries import page_options
from crm.leads.stages import StageInfo, position, stage_info, stages
from models.enums import Stage, Status
from models.lead import Lead
from models.visit import Visit

# So much of what was said fits where a sentence is asked for.
MOST_SAID = 200
# A full stop within a number or an address ends nothing, nor does the comma of 3,000.
_SENTENCE = re.compile(r"[。！？!?；;…\n]+[”’」』）)]*|\.(?=\s)")
_CLAUSE = re.compile(r"[，、：]|[,:](?=\D)|\s(?=\S)")


def beginning_of(text: str, most: int) -> str:
    """As much of a text as fits, to the end of a sentence; where that leaves little, of a clause.

    What has no end that fits is cut where it must be.
    """
    if len(text) <= most:
        return text
    # What stands behind the last character that fits says whether that one ends anything.
    sentence, clause = (
        max((found.end() for found in ends.finditer(text) if found.end() <= most), default=0)
        for ends in (_SENTENCE, _CLAUSE)
    )
    if sentence >= most // 2 or sentence > clause:
        return text[:sentence].strip()
    return text[:clause].strip().rstrip("，、：,:") if clause else text[:most]


@dataclass(frozen=True)
class Moving:
    """A lead and where somebody wants it."""

    lead: Lead
    target: StageInfo
    status: Status
    facts: LeadFacts
    checks: Sequence[Check]
    suggestion: Suggestion | None
    # The latest visit behind each check that is met by one.
    evidence: Mapping[str, Visit]
    # What they last said, where a check asks what they want: nobody writes it twice.
    said: Visit | None = None

    @property
    def said_need(self) -> str:
        """The same in the words that were written down then, for a person to make a sentence of."""
        return beginning_of(self.said.summary.strip(), MOST_SAID) if self.said else ""

    @property
    def missing(self) -> list[Check]:
        """What the gates on the way still ask for."""
        return [check for check in self.checks if not check.met]

    @property
    def changes_stage(self) -> bool:
        """Whether it is about another stage."""
        return self.target.stage is not self.lead.stage

    @property
    def skipped(self) -> Sequence[StageInfo]:
        """The stages between here and there that a step forward leaves out."""
        here, there = position(self.lead.stage), position(self.target.stage)
        return [one for one in stages() if here < position(one.stage) < there]

    @property
    def wants_reason(self) -> bool:
        """Going back, holding, losing and taking up again what was lost are explained."""
        back = position(self.target.stage) < position(self.lead.stage)
        changes = self.status is not self.lead.status and self.status is not Status.ACTIVE
        reopens = self.lead.status is Status.LOST and self.status is not Status.LOST
        return back or changes or reopens


def moving(
    public_id: str, actor: Actor, to_stage: Stage | None, to_status: Status | None
) -> Moving:
    """The move that a form asks for; NotFound, or Forbidden for who only reads the lead."""
    lead = readable_lead(actor, public_id, *page_options())
    if not may_write(lead, actor):
        raise Forbidden
    facts = facts_of(lead)
    target = to_stage or lead.stage
    checks = checks_for(facts, target, lead.stage)

    def asks(field: str) -> bool:
        return any(check.field == field and not check.met for check in checks)

    return Moving(
        lead=lead,
        target=stage_info(target),
        status=to_status or lead.status,
        facts=facts,
        checks=checks,
        suggestion=suggested_place(lead) if asks("district") else None,
        evidence=evidence_of(lead) if checks else {},
        said=last_said(lead) if asks("need") else None,
    )
