"""What the tests of the board do on it by mouse, and what they look for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from models import db
from models.enums import Stage
from models.lead import Lead
from models.stage_change import StageChange
from models.user import User
from tests.leads.making import NOW, PLANS, a_lead, a_visit, actor_of

Open = Callable[..., Page]


def ready(owner: User, name: str, **known: Any) -> Lead:
    """A lead in the first stage that may go to the second, and with its plans to the third."""
    lead = a_lead(owner, name)
    a_visit(lead, owner)
    edit_lead(lead.public_id, LeadEdit(**(known or PLANS)), actor_of(owner), NOW)
    db.session.commit()
    return lead


def column(page: Page, lane: str) -> Locator:
    """A stage's, district's or team's column."""
    return page.locator(f"section[data-lane='{lane}']")


def card(page: Page, lead_id: str) -> Locator:
    return page.locator(f"[data-testid=lead-card][data-id='{lead_id}']")


def stands_in(page: Page, lead_id: str, stage: Stage) -> None:
    """The card is in that column, and only there."""
    expect(column(page, stage).locator(f"[data-id='{lead_id}']")).to_be_visible()
    expect(card(page, lead_id)).to_have_count(1)


def counts(page: Page, stage: Stage, n: int) -> None:
    expect(column(page, stage).locator(".count")).to_have_text(str(n))


def drag(page: Page, lead_id: str, lane: str) -> None:
    """Take the card with the mouse and let it go over the column."""
    expect(page.locator("[data-sorts]")).to_be_attached()
    # A card whose answer is under way is about to be another element.
    expect(page.locator("[data-testid=lead-card][aria-busy]")).to_have_count(0)
    card(page, lead_id).hover(position={"x": 20, "y": 70})
    page.mouse.down()
    start = card(page, lead_id).bounding_box()
    goal = column(page, lane).locator("[data-cards]").bounding_box()
    assert start
    assert goal
    page.mouse.move(start["x"] + 40, start["y"] + 82, steps=4)
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 40, steps=12)
    page.mouse.move(goal["x"] + goal["width"] / 2 + 2, goal["y"] + 42, steps=2)
    page.mouse.up()


def drag_by_finger(page: Page, lead_id: str, goal: Locator, *, into: bool = False) -> None:
    """Hold the card still until it is lifted, and let it go over the goal; ``into`` a list."""
    expect(page.locator("[data-sorts]")).to_be_attached()
    expect(page.locator("[data-testid=lead-card][aria-busy]")).to_have_count(0)
    start, end = card(page, lead_id).bounding_box(), goal.bounding_box()
    assert start
    assert end
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    x, y = start["x"] + 60, start["y"] + 20
    touch("touchStart", {"x": x, "y": y})
    expect(page.locator(".sortable-chosen")).to_be_attached()
    touch("touchMove", {"x": x, "y": y - 12})
    touch("touchMove", {"x": x, "y": y - 24})
    expect(page.locator(".card-hole")).to_be_attached()
    touch("touchMove", {"x": end["x"] + end["width"] / 2, "y": end["y"] + end["height"] / 2})
    if into:
        expect(goal.locator(".card-hole")).to_be_attached()
    touch("touchEnd")
    finger.detach()


def in_database(session: Any, lead_id: str) -> tuple[Stage, int | None, int]:
    """Stage, planned investment and number of moves; no transaction stays open."""
    session.rollback()
    lead = session.scalars(sa.select(Lead).where(Lead.public_id == lead_id)).one()
    moves = sa.select(sa.func.count(StageChange.id)).where(StageChange.lead_id == lead.id)
    found = (lead.stage, lead.planned_investment_cny, session.scalar(moves))
    session.rollback()
    return found
