"""What the form of a move shows before anybody sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.access import Actor, may_write, readable_lead
from crm.errors import Forbidden
from crm.leads.choices import Suggestion, suggested_place
from crm.leads.evidence import evidence_of
from crm.leads.facts import facts_of
from crm.leads.gates import Check, LeadFacts, checks_for
from crm.leads.queries import page_options
from crm.leads.stages import StageInfo, position, stage_info, stages
from models.enums import Stage, Status
from models.lead import Lead
from models.visit import Visit


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
    asks_place = any(check.field == "district" and not check.met for check in checks)
    return Moving(
        lead=lead,
        target=stage_info(target),
        status=to_status or lead.status,
        facts=facts,
        checks=checks,
        suggestion=suggested_place(lead) if asks_place else None,
        evidence=evidence_of(lead) if checks else {},
    )
