"""Random histories of a few leads, told through the services."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crm import audit, clock
from crm.companies.service import create_company, rename_company
from crm.files import FileStore
from crm.leads.archiving import archive_lead
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.moves import move_lead
from crm.leads.next_steps import set_next_step
from crm.leads.reversals import reverse_move
from crm.leads.rules import MoveRequest
from crm.mergers.service import merge as unite
from crm.mergers.service import part
from crm.targets import applying, batches, undoing
from crm.trash.purging import purge
from crm.visits.people import NewPerson
from crm.visits.service import NewVisit, log_visit
from models import db
from models.company import Company
from models.enums import Stage, Status, Via, VisitMode
from models.lead import Lead
from models.merger import Merger
from models.stage_change import StageChange
from tests.leads.making import PLANS, a_lead, actor_of
from tests.people import People

_numbers = itertools.count(1)


class Cast:
    """Who acts: scouts of two teams and a manager, and the leads they have made."""

    def __init__(self, people: People) -> None:
        self.beijing, self.shenzhen = people.scout(), people.scout("shenzhen")
        self.manager, self.admin = people.manager(), people.administrator()
        self.leads: list[Lead] = []

    def lead(self, chance: Random) -> Lead:
        """One of the leads."""
        return chance.choice(self.leads)


def create(cast: Cast, chance: Random) -> None:
    """Register a lead, ready to move far."""
    lead = a_lead(chance.choice((cast.beijing, cast.shenzhen)), more=PLANS)
    cast.leads.append(lead)
    visit(cast, chance, lead)


def edit(cast: Cast, chance: Random) -> None:
    """Other amounts, another place, another project."""
    values = LeadEdit(
        planned_investment_cny=chance.choice((None, 5, 10**9)),
        expected_landing_on=clock.today() + timedelta(days=chance.randint(-5, 300)),
        place=chance.choice(("park:nanhu", "district:haining")),
        project=f"项目 {next(_numbers)} “甲”",
    )
    edit_lead(cast.lead(chance).public_id, values, actor_of(cast.manager), clock.now())


def late_edit(cast: Cast, chance: Random) -> None:
    """What is written down now was so for days."""
    since = clock.now() - timedelta(days=chance.randint(1, 3))
    audit.set_acting(audit.Acting(cast.manager.id, Via.WEB, effective_at=since))
    edit(cast, chance)


def move(cast: Cast, chance: Random) -> None:
    """On, back, held, lost, taken up again: whatever the gate lets through."""
    stage = chance.choice((Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING))
    status = chance.choice((Status.ACTIVE, Status.ACTIVE, Status.ON_HOLD, Status.LOST))
    until = clock.today() + timedelta(days=chance.randint(1, 60))
    request = MoveRequest(
        to_stage=stage if status is Status.ACTIVE else None,
        to_status=status,
        hold_until=until if status is Status.ON_HOLD else None,
        reason="总部在调整",
    )
    move_lead(cast.lead(chance).public_id, request, actor_of(cast.manager), clock.now())


def late_move(cast: Cast, chance: Random) -> None:
    """A return that was decided days ago and is written down now."""
    lead, since = cast.lead(chance), clock.now() - timedelta(days=chance.randint(1, 3))
    audit.set_acting(audit.Acting(cast.manager.id, Via.WEB, effective_at=since))
    move_lead(
        lead.public_id,
        MoveRequest(to_stage=Stage.IDENTIFIED, reason="总部在调整"),
        actor_of(cast.manager),
        since,
    )


def reverse(cast: Cast, chance: Random) -> None:
    """Take the last move of a lead back."""
    lead = cast.lead(chance)
    seq = db.session.scalar(
        sa.select(sa.func.max(StageChange.seq)).where(StageChange.lead_id == lead.id)
    )
    reverse_move(lead.public_id, seq or 0, actor_of(cast.manager), clock.now())


def hand_over(cast: Cast, chance: Random) -> None:
    """Another team takes it."""
    owner = chance.choice((cast.beijing, cast.shenzhen))
    team = "beijing" if owner is cast.beijing else "shenzhen"
    values = LeadEdit(owner=owner.public_id, team=team)
    edit_lead(cast.lead(chance).public_id, values, actor_of(cast.manager), clock.now())


def rename(cast: Cast, chance: Random) -> None:
    """The company has another name, and so has a person."""
    company = db.session.get_one(Company, cast.lead(chance).company_id)
    rename_company(company, f"更名 {next(_numbers)} 软件\n有限公司", now=clock.now())
    cast.beijing.name = f"周{next(_numbers)}"


def merge(cast: Cast, chance: Random) -> None:
    """Two records were one company; or that was a mistake."""
    company = db.session.get_one(Company, cast.lead(chance).company_id)
    if company.merged_into_id is not None:
        company.merged_into_id = None
        return
    other = create_company(f"并入 {next(_numbers)} 科技有限公司", now=clock.now())
    company.merged_into_id = other.id


def merge_whole(cast: Cast, chance: Random) -> None:
    """Two leads' companies become one with all that is said of them; or are parted again."""
    boss = actor_of(cast.manager)
    known = db.session.scalars(sa.select(Merger).order_by(Merger.id)).all()
    if known and chance.random() < 0.5:
        merger = chance.choice(known)
        part(db.session.get_one(Company, merger.into_id).public_id, merger.public_id, boss)
        return
    gone, stays = (
        db.session.get_one(Company, cast.lead(chance).company_id).public_id for _ in range(2)
    )
    unite(gone, stays, boss, clock.now())


def import_and_undo(cast: Cast, chance: Random) -> None:
    """A list comes in with the company and another, and is taken back."""
    company = db.session.get_one(Company, cast.lead(chance).company_id)
    rows = f"排名,企业名称\n1,{company.short_name}\n2,导入{next(_numbers)}软件有限公司\n"
    batch = batches.store_batch(
        "list.csv", rows.encode(), "china-internet-100", 2019, actor_id=None, now=clock.now()
    )
    applying.apply(batch.public_id, now=clock.now())
    db.session.commit()
    undoing.undo(batch.public_id, now=clock.now())


def purge_one(cast: Cast, chance: Random) -> None:
    """A lead is put into the trash, and purged; one stays."""
    if len(cast.leads) == 1:
        return
    lead = cast.lead(chance)
    entry = archive_lead(lead.public_id, "登记重了", actor_of(cast.manager), clock.now())
    files: FileStore = current_app.extensions["crm.files"]
    purge(entry.public_id, "应要求删除", actor_of(cast.admin), files)
    cast.leads.remove(lead)


def next_step(cast: Cast, chance: Random) -> None:
    """Something is to be done."""
    due = clock.today() + timedelta(days=chance.randint(1, 30))
    lead = db.session.get_one(Lead, cast.lead(chance).id)
    set_next_step(lead, "答复场地", due, now=clock.now(), by=cast.manager.id)


def visit(cast: Cast, chance: Random, lead: Lead | None = None) -> None:
    """Somebody was met, maybe days ago."""
    new = NewVisit(
        client_key=f"history-{next(_numbers):08}",
        lead=(lead or cast.lead(chance)).public_id,
        mode=chance.choice((VisitMode.OUT, VisitMode.CALL)),
        occurred_at=clock.now() - timedelta(hours=chance.randint(1, 90)),
        reached=True,
        new_people=(NewPerson(f"周启明{next(_numbers)}", "总经理"),),
        summary="谈了场地",
        next_step="再谈",
        next_step_on=clock.today() + timedelta(days=2),
    )
    log_visit(new, actor_of(cast.manager), clock.now())


Deed = Callable[[Cast, Random], Any]
DEEDS: tuple[Deed, ...] = (
    *(create, edit, late_edit, move, move, move, late_move, reverse, hand_over),
    *(rename, merge, merge_whole, merge_whole, import_and_undo, purge_one, next_step, visit),
)
