"""The board in a browser: by mouse, by keyboard, by finger; what is refused never looks saved."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from crm import audit
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from models import db
from models.enums import Stage, Status, Via
from models.lead import Lead
from tests.browser.boards import (
    Open,
    card,
    column,
    counts,
    drag,
    drag_by_finger,
    in_database,
    ready,
    stands_in,
)
from tests.browser.conftest import answered
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def test_a_card_dragged_to_a_met_stage_moves_and_is_taken_back(
    open_as: Open, session: Any, people: People
) -> None:
    scout = people.scout()
    lead_id = ready(scout, "可移软件有限公司").public_id
    ready(scout, "旁边软件有限公司")
    page = open_as(scout.email)
    page.goto("/board")
    counts(page, Stage.IDENTIFIED, 2)
    with answered(page, "/board/headings"):
        drag(page, lead_id, Stage.ENGAGED)
    stands_in(page, lead_id, Stage.ENGAGED)
    counts(page, Stage.IDENTIFIED, 1)
    counts(page, Stage.ENGAGED, 1)
    expect(page.get_by_text("已进入“接洽”")).to_be_visible()
    assert in_database(session, lead_id)[0] is Stage.ENGAGED
    page.reload()
    stands_in(page, lead_id, Stage.ENGAGED)

    with answered(page, "/board/headings"):
        drag(page, lead_id, Stage.NEGOTIATING)
    stands_in(page, lead_id, Stage.NEGOTIATING)
    with answered(page, "/board/headings"), answered(page, "/reversal"):
        page.keyboard.press("z")
    expect(page.get_by_text("已撤销")).to_be_visible()
    stands_in(page, lead_id, Stage.ENGAGED)
    counts(page, Stage.NEGOTIATING, 0)
    assert in_database(session, lead_id)[0] is Stage.ENGAGED


def test_the_keyboard_alone_is_enough(open_as: Open, session: Any, people: People) -> None:
    scout = people.scout()
    lead_id = ready(scout, "键盘软件有限公司").public_id
    first = ready(scout, "先到软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    page.keyboard.press("ArrowDown")  # nothing has the focus yet: the first card takes it
    top = page.locator("[data-testid=lead-card]").first
    expect(top.locator(".card-name")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    if top.get_attribute("data-id") == first:
        page.keyboard.press("ArrowDown")
    expect(card(page, lead_id).locator(".card-name")).to_be_focused()
    page.keyboard.press("m")
    menu = page.get_by_role("dialog", name=re.compile("键盘软件.*移到…"))
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(card(page, lead_id).locator(".card-name")).to_be_focused()
    page.keyboard.press("m")
    menu.get_by_role("button", name="接洽").focus()
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("Enter")
    stands_in(page, lead_id, Stage.ENGAGED)
    expect(card(page, lead_id).locator(".card-name")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card(page, first).locator(".card-name")).to_be_focused()
    assert in_database(session, lead_id)[0] is Stage.ENGAGED


def test_a_finger_moves_a_card_by_its_button(open_as: Open, session: Any, people: People) -> None:
    scout = people.scout()
    lead_id = ready(scout, "触屏软件有限公司").public_id
    page = open_as(scout.email, phone=True)
    high = "document.querySelector('.topbar').offsetHeight"
    heads = []
    for path in ("/overview?lang=en", "/overview?lang=zh", "/board?lang=en", "/board?lang=zh"):
        page.goto(path)
        heads.append(page.evaluate(high))
    # English words are longer; what stands above the page is not higher for it.
    assert (heads[0], heads[2]) == (heads[1], heads[3])
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Nor on the narrowest phone, with the list's own button beside.
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/board?lang=en", "/leads?lang=en"):
        page.goto(path)
        assert page.evaluate(high) < 70, path
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/board?lang=zh")
    button = card(page, lead_id).get_by_role("button", name="操作 触屏软件")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    button.tap()
    menu = page.get_by_role("dialog", name="触屏软件")
    with answered(page, f"/board/cards/{lead_id}"):
        menu.get_by_role("button", name="接洽").tap()
    expect(page.get_by_text("已进入“接洽”")).to_be_visible()
    assert in_database(session, lead_id)[0] is Stage.ENGAGED
    page.get_by_role("link", name=re.compile("接洽")).tap()
    stands_in(page, lead_id, Stage.ENGAGED)


def test_a_finger_lets_a_card_go_on_the_tab_of_another_stage(
    open_as: Open, session: Any, people: People
) -> None:
    scout = people.scout()
    lead_id = ready(scout, "长按软件有限公司").public_id
    page = open_as(scout.email, phone=True)
    page.goto("/board")
    tab = page.locator("[data-tab]")
    with answered(page, "/board/headings"):
        drag_by_finger(page, lead_id, tab.filter(has_text="接洽"))
    expect(page.get_by_text("已进入“接洽”")).to_be_visible()
    assert in_database(session, lead_id)[0] is Stage.ENGAGED

    # The first tap after a drop is done: it answers what the drop asks.
    page.goto("/board?column=engaged")
    drag_by_finger(page, lead_id, tab.filter(has_text="线索"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("对方先缓一缓")
    with answered(page, "/board/headings"):
        dialog.get_by_role("button", name="退回线索").tap()
    expect(page.get_by_text("已退回“线索”")).to_be_visible()
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED
    # Let go anywhere else, it stays.
    page.goto("/board")
    drag_by_finger(page, lead_id, page.get_by_role("heading", name="看板"))
    expect(page.locator(".card-hole")).to_have_count(0)
    stands_in(page, lead_id, Stage.IDENTIFIED)


def test_the_only_card_of_a_column_goes_back_when_a_finger_lets_it_go_where_it_may_not(
    open_as: Open, session: Any, people: People
) -> None:
    scout = people.scout()
    lead_id = a_lead(scout, "单张软件有限公司").public_id
    page = open_as(scout.email, phone=True)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto("/board")
    drag_by_finger(page, lead_id, column(page, Stage.ENGAGED).locator("[data-cards]"), into=True)
    stands_in(page, lead_id, Stage.ENGAGED)
    expect(page.get_by_role("dialog")).to_contain_text("还差 2 项")
    with answered(page, f"/board/cards/{lead_id}"):
        page.get_by_role("link", name="放回线索").tap()
    stands_in(page, lead_id, Stage.IDENTIFIED)
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED


def test_a_card_that_somebody_moved_goes_where_it_is_and_says_who(
    open_as: Open, session: Any, people: People
) -> None:
    scout, manager = people.scout(), people.manager(name="沈立军")
    lead_id = ready(scout, "同时软件有限公司").public_id
    mine, theirs = open_as(scout.email), open_as(manager.email)
    for page in (mine, theirs):
        page.goto("/board?scope=city" if page is theirs else "/board")
    with answered(theirs, "/board/headings"):
        drag(theirs, lead_id, Stage.ENGAGED)
    stands_in(theirs, lead_id, Stage.ENGAGED)
    with answered(mine, f"/board/cards/{lead_id}"):
        drag(mine, lead_id, Stage.ENGAGED)
    expect(mine.get_by_text(re.compile("沈立军今天.+改过这条线索"))).to_be_visible()
    stands_in(mine, lead_id, Stage.ENGAGED)
    assert in_database(session, lead_id) == (Stage.ENGAGED, 120_000_000, 2)
    with answered(mine, "/board/headings"):
        drag(mine, lead_id, Stage.NEGOTIATING)
    stands_in(mine, lead_id, Stage.NEGOTIATING)


def test_a_lost_lead_leaves_the_column_of_who_still_saw_it(
    open_as: Open, session: Any, people: People
) -> None:
    scout, manager = people.scout(), people.manager(name="沈立军")
    lead_id = ready(scout, "流失软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    expect(card(page, lead_id)).to_be_visible()
    request = MoveRequest(to_status=Status.LOST, reason="没有意向")
    with audit.acting(manager.id, Via.WEB):
        move_lead(lead_id, request, actor_of(manager), NOW)
        db.session.commit()
    with answered(page, f"/board/cards/{lead_id}"):
        drag(page, lead_id, Stage.ENGAGED)
    expect(page.get_by_text(re.compile("沈立军今天.+改过这条线索"))).to_be_visible()
    expect(card(page, lead_id)).to_have_count(0)
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED


def test_without_a_connection_the_card_is_back(open_as: Open, session: Any, people: People) -> None:
    scout = people.scout()
    lead_id = ready(scout, "断网软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    expect(page.locator("[data-sorts]")).to_be_attached()
    page.context.set_offline(True)
    drag(page, lead_id, Stage.ENGAGED)
    expect(page.get_by_text("没有连上")).to_be_visible()
    stands_in(page, lead_id, Stage.IDENTIFIED)
    page.context.set_offline(False)
    assert in_database(session, lead_id)[0] is Stage.IDENTIFIED


def test_what_is_done_on_a_card_leaves_the_board_where_it_is(
    open_as: Open, session: Any, people: People
) -> None:
    """By keys alone: a visit, a next step, a hold; the page is never read anew."""
    scout = people.scout()
    lead_id = a_lead(scout, "手边软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    page.evaluate("window.sameBoard = true")
    expect(card(page, lead_id)).to_be_visible()
    card(page, lead_id).locator(".card-name").focus()
    dialog = page.get_by_role("dialog")

    page.keyboard.press("v")
    expect(dialog.get_by_role("heading")).to_contain_text("记走访")
    dialog.get_by_label("谈了什么").fill("想看看场地")
    page.keyboard.press("Escape")
    expect(card(page, lead_id).locator(".card-name")).to_be_focused()
    page.keyboard.press("v")
    expect(dialog.get_by_label("谈了什么")).to_have_value("想看看场地")
    with answered(page, "/visits"):
        dialog.get_by_label("谈了什么").press("Tab")
        dialog.get_by_role("button", name="保存走访").press("Enter")
    expect(dialog.locator("[data-testid=field-error][data-field=contacts]")).to_be_visible()
    dialog.get_by_label("姓名").fill("周启明")
    with answered(page, f"/board/cards/{lead_id}"):
        dialog.get_by_label("姓名").press("Enter")
    expect(page.get_by_text("走访已记下")).to_be_visible()

    page.keyboard.press("s")
    dialog.get_by_label("下一步", exact=True).fill("寄资料")
    dialog.locator("[data-date]").last.press("Enter")
    with answered(page, f"/board/cards/{lead_id}"):
        dialog.get_by_role("button", name="定下这一天").press("Enter")
    expect(card(page, lead_id)).to_contain_text("寄资料")

    page.keyboard.press("h")
    dialog.get_by_label("原因").fill("等预算")
    dialog.get_by_label("到哪一天恢复跟进").fill("2099-01-01")
    with answered(page, f"/board/cards/{lead_id}"):
        dialog.get_by_label("到哪一天恢复跟进").press("Enter")
    expect(card(page, lead_id)).to_have_count(0)
    counts(page, Stage.IDENTIFIED, 0)
    assert page.evaluate("window.sameBoard")
    session.rollback()
    lead = session.scalars(sa.select(Lead).where(Lead.public_id == lead_id)).one()
    assert lead.status is Status.ON_HOLD
    assert lead.last_touch_at is not None
    session.rollback()


def test_a_drag_between_districts_and_teams_is_taken_back(
    open_as: Open, session: Any, people: People
) -> None:
    manager, scout = people.manager(), people.scout()
    taker = people.scout("shenzhen", name="何立群")
    lead_id = a_lead(scout, "搬家软件有限公司").public_id
    page = open_as(manager.email)

    def lane(key: str) -> Locator:
        return column(page, key).locator(f"[data-id='{lead_id}']")

    page.goto("/board?scope=city&group=district")
    with answered(page, f"/board/cards/{lead_id}"):
        drag(page, lead_id, "nanhu")
    expect(page.get_by_text("意向地改为南湖")).to_be_visible()
    expect(lane("nanhu")).to_be_visible()
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("z")
    expect(lane("none")).to_be_visible()

    page.get_by_label("分列方式").select_option("team")
    page.wait_for_url(lambda url: "group=team" in url)
    drag(page, lead_id, "shenzhen")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("移交给深圳小分队")
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("Escape")
    expect(lane("beijing")).to_be_visible()
    drag(page, lead_id, "shenzhen")
    dialog.get_by_label("负责人").select_option(label="何立群")
    with answered(page, f"/board/cards/{lead_id}"):
        dialog.get_by_role("button", name="移交").click()
    expect(lane("shenzhen")).to_contain_text("何立群")
    with answered(page, f"/board/cards/{lead_id}"):
        page.keyboard.press("z")
    expect(lane("beijing")).to_be_visible()
    session.rollback()
    lead = session.scalars(sa.select(Lead).where(Lead.public_id == lead_id)).one()
    assert (lead.owner_id, lead.district_id) == (scout.id, None)
    assert lead.owner_id != taker.id
    session.rollback()


def test_a_folded_column_stays_folded(open_as: Open, people: People) -> None:
    scout = people.scout()
    lead_id = a_lead(scout, "收起软件有限公司").public_id
    page = open_as(scout.email)
    page.goto("/board")
    button = column(page, Stage.IDENTIFIED).get_by_role("button", name="收起或展开线索")
    button.press("Enter")
    expect(card(page, lead_id)).to_be_hidden()
    page.reload()
    expect(card(page, lead_id)).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    expect(card(page, lead_id)).to_be_visible()
