"""A stage whose gate is not met, in a browser: its form asks for what is missing, then moves."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from models.enums import Stage, VisitMode
from models.visit import Visit
from tests.browser.boards import Open, card, drag, in_database, ready, stands_in
from tests.browser.conftest import DESK, PHONE, answered
from tests.leads.making import PLANS, a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

NEEDED = {"planned_investment_cny", "planned_revenue_cny", "planned_headcount"}

# Where the dialog stands: beside the column of the card that was dropped, on a phone at the foot.
BESIDE = """([width, side]) => {
  const dialog = document.querySelector("dialog[open]").getBoundingClientRect();
  const column = document.querySelector(".card-landed").closest("section").getBoundingClientRect();
  const stands = {
    right: dialog.left >= column.right - 1,
    left: dialog.right <= column.left + 1,
    below: dialog.left === 0 && dialog.bottom === innerHeight,
  };
  return innerWidth === width && stands[side] && dialog.top >= 0 && dialog.bottom <= innerHeight;
}"""


def test_a_card_dragged_past_an_unmet_gate_waits_for_its_form(
    open_as: Open, session: Any, people: People
) -> None:
    scout = people.scout()
    known = {name: value for name, value in PLANS.items() if name not in NEEDED}
    lead_id = ready(scout, "差项软件有限公司", **known).public_id
    page = open_as(scout.email)
    page.goto("/board")
    drag(page, lead_id, Stage.NEGOTIATING)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("heading")).to_contain_text("还差 3 项")
    asked = dialog.locator("input:not([type=hidden]), select, textarea").evaluate_all(
        "all => all.map((one) => one.name)"
    )
    assert set(asked) == NEEDED
    expect(card(page, lead_id)).to_have_class(re.compile("card-landed"))
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    stands_in(page, lead_id, Stage.IDENTIFIED)
    expect(card(page, lead_id)).not_to_have_class(re.compile("card-landed"))
    expect(page.get_by_text("已进入")).to_have_count(0)
    assert in_database(session, lead_id) == (Stage.IDENTIFIED, None, 1)

    drag(page, lead_id, Stage.NEGOTIATING)
    dialog.get_by_label("计划总投资").fill("5000")
    dialog.get_by_label(re.compile("收入")).fill("8000")
    dialog.get_by_label(re.compile("三年用工")).fill("120")
    with answered(page, "/board/headings"):
        dialog.get_by_role("button", name="保存并进入洽谈").click()
    expect(dialog).to_have_count(0)
    stands_in(page, lead_id, Stage.NEGOTIATING)
    expect(page.get_by_text("已进入“洽谈”")).to_be_visible()
    assert in_database(session, lead_id) == (Stage.NEGOTIATING, 50_000_000, 2)
    with answered(page, "/reversal"):
        page.keyboard.press("z")
    stands_in(page, lead_id, Stage.IDENTIFIED)
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED


def test_a_visit_that_the_gate_wants_is_told_in_the_same_form(
    open_as: Open, session: Any, people: People
) -> None:
    """What is wrong stands in it; visit and move are one save, and the move alone is undone."""
    scout = people.scout()
    lead_id = a_lead(scout, "初见软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    page.evaluate("window.sameBoard = true")
    drag(page, lead_id, Stage.ENGAGED)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("还差 2 项")
    dialog.get_by_label("企业诉求").fill("想要研发场地")
    save = dialog.get_by_role("button", name="保存并进入接洽")
    with answered(page, "/stage-changes"):
        save.click()
    expect(dialog.locator("[data-testid=field-error]")).to_have_attribute("data-field", "contacts")
    expect(dialog.get_by_label("企业诉求")).to_have_value("想要研发场地")
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED
    dialog.get_by_label("姓名").fill("周启明")
    dialog.get_by_label("职务").fill("总经理")
    dialog.get_by_label("谈了什么").fill("看了园区")
    with answered(page, "/board/headings"):
        save.click()
    expect(dialog).to_have_count(0)
    stands_in(page, lead_id, Stage.ENGAGED)
    expect(page.get_by_text("已进入“接洽”")).to_be_visible()
    assert page.evaluate("window.sameBoard")
    with answered(page, "/reversal"), answered(page, "/board/headings"):
        page.keyboard.press("z")
    stands_in(page, lead_id, Stage.IDENTIFIED)
    session.rollback()
    visit = session.scalars(sa.select(Visit)).one()  # what was said stays said
    assert (visit.mode, visit.summary, visit.need) == (VisitMode.OUT, "看了园区", "想要研发场地")
    session.rollback()


def test_skipping_a_stage_asks_first(open_as: Open, session: Any, people: People) -> None:
    scout = people.scout()
    lead_id = ready(scout, "跳级软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    drag(page, lead_id, Stage.NEGOTIATING)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("skips")).to_contain_text("中间跳过“接洽”")
    # The column where the card was dropped stays in sight, whichever side has room.
    for size, stands in ((DESK, "right"), ({**DESK, "width": 1100}, "left"), (PHONE, "below")):
        page.set_viewport_size(size)
        page.wait_for_function(BESIDE, arg=[size["width"], stands])
    page.set_viewport_size(DESK)
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("Escape")
    stands_in(page, lead_id, Stage.IDENTIFIED)
    drag(page, lead_id, Stage.NEGOTIATING)
    with answered(page, "/board/headings"):
        dialog.get_by_role("button", name="保存并进入洽谈").click()
    stands_in(page, lead_id, Stage.NEGOTIATING)
    assert in_database(session, lead_id)[0] is Stage.NEGOTIATING


def test_the_tap_that_follows_the_last_correction_saves(
    open_as: Open, session: Any, people: People
) -> None:
    """What is put right leaves the summary; the button stays below the finger until it is up."""
    scout = people.scout()
    plans = {name: value for name, value in PLANS.items() if name != "planned_headcount"}
    lead_id = ready(scout, "改对软件有限公司", **plans).public_id
    page = open_as(scout.email, phone=True)
    page.goto(f"/leads/{lead_id}/stage-changes/new?to_stage=negotiating")
    people_planned = page.get_by_label("三年用工")
    save = page.get_by_role("button", name="保存并进入洽谈")
    people_planned.fill("很多")
    save.tap()
    expect(page.locator("[data-testid=field-error]")).to_have_text("只填数字。")
    people_planned.fill("200")
    save.tap()
    expect(page.get_by_text("已进入“洽谈”")).to_be_visible()
    assert in_database(session, lead_id)[0] is Stage.NEGOTIATING
