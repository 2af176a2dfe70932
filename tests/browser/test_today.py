"""Put off what is overdue from Today, and take it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from crm import clock
from crm.leads.next_steps import open_next_step
from models.lead import Lead
from tests.browser.conftest import answered, drag
from tests.leads.making import a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def test_later_is_said_and_can_be_taken_back(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    today = clock.today()
    lead = a_lead(scout, "和利时软件有限公司", next_step="答复场地", next_step_on=today)
    step = open_next_step(lead)
    assert step
    step.due_on = lead.next_step_on = today - timedelta(days=2)
    email = scout.email
    session.commit()

    page = open_as(email)
    page.goto("/today")
    expect(page.get_by_text("已逾期 2 天")).to_be_visible()
    # The red word says why, by tap and by key, and offers what clears it.
    why = page.get_by_role("button", name=re.compile("已逾期 2 天.*为什么"))
    why.press("Enter")
    box = page.locator(".why-box")
    expect(box).to_contain_text("答复场地，还没有做。")
    page.keyboard.press("Tab")
    expect(box.get_by_role("button", name="定下一步")).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(why).to_be_focused()
    why.click()
    box.get_by_role("button", name="定下一步").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("下一步", exact=True)).to_have_value("答复场地")
    dialog.locator("[data-date]").last.click()
    dialog.get_by_role("button", name="定下这一天").click()

    toast = page.get_by_text(re.compile("下一步定在.+。"))
    expect(toast).to_be_visible()
    expect(page.get_by_text("已逾期 2 天")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已逾期 2 天")).to_be_visible()
    session.expire_all()
    assert lead.next_step_on == today - timedelta(days=2)
    session.rollback()


# What a finger can not hit: links and buttons whose answering area is lower than 44 px.
LOW = """() => [...document.querySelectorAll(
    "main :is(a, button, summary, label.chip), .topbar a, .tabs a"
  )]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !one.closest(".visually-hidden, .skip"))
  .filter((one) => {
    one.scrollIntoView({ block: "center" });
    const box = one.getBoundingClientRect();
    const x = box.left + Math.min(box.width / 2, 16);
    const hit = (y) => {
      const found = document.elementFromPoint(x, y);
      return one === found || one.contains(found);
    };
    let [top, bottom] = [box.top + box.height / 2, box.top + box.height / 2];
    if (!hit(top)) return false;
    while (hit(top - 1)) top -= 1;
    while (hit(bottom + 1)) bottom += 1;
    return bottom - top + 1 < 43.5;
  })
  .map((one) => `${one.className}: ${one.textContent.trim()} is low`)"""
# As an app's browser enlarges the words: lines that run into each other, what leaves the page.
ENLARGED = """async () => {
  document.body.style.webkitTextSizeAdjust = "160%";
  await new Promise(requestAnimationFrame);
  const faults = innerWidth > 390 ? [`${innerWidth} px wide`] : [];
  const said = [...document.querySelectorAll("main *, .tabs a, .foot-bar *")]
    .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"));
  for (const one of said) {
    const { fontSize, lineHeight } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const words = [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
    const close = words && parseFloat(lineHeight) < parseFloat(fontSize);
    if (close) faults.push(`close lines: ${one.textContent}`);
    const out = box.width && box.right > 391;
    if (out) faults.push(`${one.tagName} ${one.className} leaves the page`);
  }
  return faults;
}"""


def test_a_finger_hits_it_and_words_may_be_enlarged(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "用友软件有限公司", next_step="答复", next_step_on=clock.today())
    email, address = scout.email, lead.public_id
    session.commit()
    page = open_as(email, phone=True, is_mobile=True)
    for path in ("/today", f"/visits/new?lead={address}", "/account", "/trips/new", "/calendar"):
        page.goto(path)
        assert page.evaluate(LOW) == [], path
        assert page.evaluate(ENLARGED) == [], path


def test_a_reminder_is_put_off_by_two_taps_and_taken_back(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "用友软件有限公司")
    lead.created_at = clock.now() - timedelta(days=61)
    email = scout.email
    session.commit()
    page = open_as(email, phone=True)
    page.goto("/today")
    # A coloured word is hit by a finger that misses it by half its own height, too.
    box = page.locator(".today-list .why").first.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 10, box["y"] + box["height"] + 8)
    expect(page.locator(".why-box")).to_be_visible()
    page.touchscreen.tap(10, 10)
    expect(page.locator(".why-box")).to_have_count(0)
    # The page is long, and its reader stays where they were while it comes anew.
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": size["width"], "height": 320})
    # A thumb that presses twice opens one sheet.
    page.get_by_role("link", name="稍后").dblclick()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name=re.compile(r"下周.*\d+月\d+日 周"))).to_be_visible()
    place = page.evaluate("scrollY")
    sheet.locator("[name=quick]").last.tap()
    expect(page.get_by_text(re.compile(r"放到 \d+月\d+日 再提醒。"))).to_be_visible()
    expect(page.get_by_test_id("later")).to_contain_text("稍后 1 条")
    most = page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert page.evaluate("scrollY") == min(place, most) > 0
    page.get_by_role("button", name="撤销").tap()
    expect(page.get_by_test_id("later")).to_have_count(0)
    expect(page.get_by_role("link", name="稍后")).to_be_visible()


def test_an_entry_of_the_calendar_is_dragged_to_another_day_and_taken_back(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    page, lead, monday = a_week(open_as, session, people)
    day = page.locator(f".cal-list[data-day='{monday + timedelta(days=1)}']")
    drag(page, page.locator("[data-moves]", has_text="答复场地"), day, ".cal-hole")
    with answered(page, "/day"):
        page.mouse.up()
    expect(day).to_contain_text("答复场地")
    session.expire_all()
    assert lead.next_step_on == monday + timedelta(days=1)
    session.rollback()
    with answered(page, "/calendar?"):
        page.get_by_role("button", name="撤销").click()
    expect(day).not_to_contain_text("答复场地")
    session.expire_all()
    assert lead.next_step_on == monday
    session.rollback()


def test_what_is_taken_back_before_the_calendar_came_anew_stands_where_it_was(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    page, _, monday = a_week(open_as, session, people)
    slow: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        """The first answer, of before it was taken back, comes after the second was asked for."""
        if slow:
            route.continue_()
        else:
            slow.append((route, route.fetch()))

    page.route("**/calendar?*", hold)
    day = page.locator(f".cal-list[data-day='{monday + timedelta(days=1)}']")
    drag(page, page.locator("[data-moves]", has_text="答复场地"), day, ".cal-hole")
    page.mouse.up()
    while not slow:
        page.evaluate("0")  # what was asked is heard of meanwhile
    with answered(page, "/day?was="):
        page.get_by_role("button", name="撤销").click()
    with answered(page, "/calendar?"):
        for route, answer in slow:
            route.fulfill(response=answer)
    expect(day).not_to_contain_text("答复场地")


def test_a_phone_s_calendar_begins_with_today_and_goes_back_to_what_was_read(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    first = monday if today > monday else today.replace(day=1)
    for n in range(28):
        lead = a_lead(scout, f"第{n}软件有限公司", next_step="答复场地", next_step_on=today)
        step = open_next_step(lead)
        assert step
        step.due_on = lead.next_step_on = first + timedelta(days=n // 4)
    email = scout.email
    session.commit()
    page = open_as(email, phone=True)
    page.goto(f"/calendar?look={'week' if today > monday else 'month'}")
    expect(page.locator("#today")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 0
    page.evaluate("scrollTo(0, 0)")
    page.goto("/today")
    page.go_back()
    expect(page.locator("#today")).to_be_attached()
    assert page.evaluate("scrollY") == 0


def a_week(open_as: Callable[..., Page], session: Any, people: People) -> tuple[Page, Lead, date]:
    """A scout's calendar with a next step on the Monday after the next; it can be dragged."""
    scout = people.scout()
    monday = clock.today() + timedelta(days=14 - clock.today().weekday())
    lead = a_lead(scout, "和利时软件有限公司", next_step="答复场地", next_step_on=monday)
    email = scout.email
    session.commit()
    page = open_as(email)
    page.goto(f"/calendar?look=week&on={monday}")
    expect(page.locator("[data-sorts]")).to_be_attached()
    return page, lead, monday
