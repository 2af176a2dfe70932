"""Change what is known of a lead, also when two people do it at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm import clock
from crm.access import Actor
from crm.errors import Conflict, Forbidden, Refusal
from crm.leads import claims, directives, lookups
from crm.leads.inputs import Errors, LeadEdit, wrong_next_step, wrong_past, wrong_values
from crm.leads.moves import locked_lead
from crm.leads.next_steps import set_next_step
from crm.leads.service import resolve
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.channel import Channel
from models.enums import SIGNED, Role
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import User

ON_SIGNING = ("signed_on", "signed_investment_cny")
# What an edit calls as the lead's column is called.
_PLAIN = (
    "project",
    "need",
    "planned_investment_cny",
    "planned_revenue_cny",
    "planned_headcount",
    "space_m2",
    "expected_signing_on",
    "expected_landing_on",
    *ON_SIGNING,
)
# What an edit calls otherwise.
COLUMNS = {
    **{name: (f"{name}_id",) for name in ("segment", "channel", "owner", "team", "liaison")},
    "place": ("district_id", "park_id"),
}


def edit_lead(
    public_id: str,
    edit: LeadEdit,
    actor: Actor,
    now: datetime,
    *,
    version: int | None = None,
    read: Read | None = None,
) -> Lead:
    """Change a lead. ``read`` is what the person had read of it, or ``version`` at least.

    Raises NotFound, Forbidden, Refusal with each wrong field, and Conflict with (theirs, yours)
    for each field that somebody else changed meanwhile to another value.
    """
    lead = locked_lead(public_id, actor)
    edit = _merged(lead, edit, read)
    errors = {
        **wrong_past(edit, clock.local_date(now)),
        **wrong_values(edit),
        **_wrong_emptied(lead, edit),
        **wrong_next_step(
            edit.get("next_step", ""), edit.get("next_step_on"), clock.local_date(now)
        ),
    }
    columns = {
        **resolve(edit, errors),
        **_people(lead, edit, actor, clock.local_date(now), errors),
    }
    if errors:
        raise Refusal(errors)
    if version is not None and version != lead.version:
        _refuse_differing(lead, columns)
    _write(lead, columns, now)
    if edit.get("next_step", "").strip() and (due_on := edit.get("next_step_on")):
        set_next_step(lead, edit["next_step"], due_on, now=now, by=actor.id)
    return lead


def known_of(lead: Lead) -> dict[str, Any]:
    """What an edit may change, as it stands, in the words of ``LeadEdit`` (one statement)."""
    owner, liaison = aliased(User), aliased(User)
    row = db.session.execute(
        sa.select(
            Segment.code,
            Channel.code,
            owner.public_id,
            Team.code,
            liaison.public_id,
            District.code,
            Park.code,
        )
        .select_from(Lead)
        .join(Segment, Segment.id == Lead.segment_id)
        .join(Channel, Channel.id == Lead.channel_id)
        .join(owner, owner.id == Lead.owner_id)
        .join(Team, Team.id == Lead.team_id)
        .outerjoin(liaison, liaison.id == Lead.liaison_id)
        .outerjoin(District, District.id == Lead.district_id)
        .outerjoin(Park, Park.id == Lead.park_id)
        .where(Lead.id == lead.id)
    ).one()
    codes = dict(zip(("segment", "channel", "owner", "team", "liaison"), row[:5], strict=True))
    *_, district, park = row
    place = f"park:{park}" if park else f"district:{district}" if district else ""
    return {**{name: getattr(lead, name) for name in _PLAIN}, **codes, "place": place}


def _wrong_emptied(lead: Lead, edit: LeadEdit) -> Errors:
    """What a signed lead was signed on can be put right, and not taken out."""
    if lead.stage not in SIGNED:
        return {}
    return {
        name: [msg("线索已签约，这一项不能空着。")]
        for name in ON_SIGNING
        if name in edit and edit.get(name) is None and getattr(lead, name) is not None
    }


def may_hand_over(lead: Lead, actor: Actor) -> bool:
    """Team leads within and from their team, and managers, say who works on a lead."""
    if actor.role is Role.MANAGER:
        return True
    return actor.role is Role.TEAM_LEAD and lead.team_id in actor.teams


def give_to(lead: Lead, owner_id: int, now: datetime) -> None:
    """Another person of its team looks after a lead that the caller holds."""
    _write(lead, {"owner_id": owner_id}, now)


def _people(
    lead: Lead, edit: LeadEdit, actor: Actor, today: date, errors: Errors
) -> dict[str, int | None]:
    """Owner, team and liaison leader, from people's ids and the team's code."""
    columns: dict[str, int | None] = {}
    if "liaison" in edit:
        liaison = lookups.person(edit["liaison"], "liaison", errors)
        if liaison and liaison.role not in {Role.LIAISON_LEADER, Role.MANAGER}:
            errors["liaison"] = [msg("挂钩领导要从领导账号里选。")]
        columns["liaison_id"] = liaison.id if liaison else None
    owner = lookups.person(edit.get("owner", ""), "owner", errors)
    team = lookups.team_id(edit.get("team", ""), errors)
    owner_id, team_id = owner.id if owner else lead.owner_id, team or lead.team_id
    if (owner_id, team_id) != (lead.owner_id, lead.team_id):
        if owner is None:
            errors.setdefault("owner", [msg("换了小分队，请选由谁负责。")])
        elif not lookups.may_own(owner, team_id, today):
            errors["owner"] = [msg("负责人要在这支小分队里，请另选一位。")]
        columns |= {"owner_id": owner_id, "team_id": team_id}
    changed = {name for name, value in columns.items() if value != getattr(lead, name)}
    if changed and not may_hand_over(lead, actor):
        raise Forbidden(msg("移交线索、换挂钩领导，请找队长或局领导。"))
    return columns


def _merged(lead: Lead, edit: LeadEdit, read: Read | None) -> LeadEdit:
    """What the others changed stays where this person changed nothing."""
    if read is None:
        return edit
    known = known_of(lead)
    asked = {name: value for name, value in edit.items() if name in known}
    return cast("LeadEdit", {**edit, **merged(known, asked, read, [lead], COLUMNS)})


def _refuse_differing(lead: Lead, columns: Mapping[str, Any]) -> None:
    """Somebody changed the lead, and nobody knows what this person had read of it."""
    differs = {name: value for name, value in columns.items() if getattr(lead, name) != value}
    if differs:
        raise Conflict(
            msg("您打开之后，有人改过这条线索。您填的还在，请选留下哪一个。"),
            {name: (getattr(lead, name), value) for name, value in differs.items()},
        )


def _write(lead: Lead, columns: Mapping[str, Any], now: datetime) -> None:
    changed = {n: v for n, v in columns.items() if getattr(lead, n) != v}
    if not changed:
        return
    project = changed.pop("project", None)
    if project is not None:
        claims.refuse_held(lead.company_id, project, but=lead.id)
        with claims.index_decides(lead.company_id, project, but=lead.id):
            lead.project = project
    owner_was = lead.owner_id
    for name, value in changed.items():
        setattr(lead, name, value)
    lead.updated_at = now
    if "owner_id" in changed:
        directives.hand_over(lead, owner_was)
    if "team_id" in changed:
        claims.hand_claim_over(lead, now)
    db.session.flush()
