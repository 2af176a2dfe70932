"""The chain map by mouse and by key: links light up, the panel comes, the address keeps it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.people import People

# Pages act alike on both engines; tests/chain asks each.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

DATABASES, INDUSTRIAL, CONTROL, LOWEST = "FND-DB", "IND", "IND-CTL", "EMG-SCM"
# How large a picture is, and how many of its dots are rather red and rather blue.
LOOK_AT = """async (data) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const dots = pen.getImageData(0, 0, image.width, image.height).data;
  const found = { width: image.width, height: image.height, red: 0, blue: 0 };
  for (let at = 0; at < dots.length; at += 4) {
    const [red, , blue] = dots.slice(at, at + 3);
    found.red += red > blue + 80;
    found.blue += blue > red + 80;
  }
  return found;
}"""
A_FEW = 500
NARROW_DESK = {"width": 1000, "height": 800}
DESK = {"width": 1440, "height": 900}
# The names that are cut, the links that miss the middle of their boxes' sides, and how many links.
MISDRAWN = """() => {
  const map = document.querySelector("[data-chain-map]");
  const at = map.getBoundingClientRect();
  const cut = [...map.querySelectorAll(".label, h2, h3, h3 a")]
    .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.textContent);
  const links = [...map.querySelectorAll("[data-from]")];
  const ends = links.flatMap((link) => [
    [link.dataset.from, link, 0],
    [link.dataset.to, link, link.getTotalLength()],
  ]);
  const missed = ends.filter(([code, link, length]) => {
    const node = map.querySelector(`[data-chain="${code}"]`);
    const box = (node.matches("[data-head]") ? node.parentNode : node).getBoundingClientRect();
    const { x, y } = link.getPointAtLength(length);
    const aside = Math.min(Math.abs(x - box.left + at.left), Math.abs(x - box.right + at.left));
    return aside > 2 || Math.abs(y - box.top + at.top - box.height / 2) > 2;
  });
  return { cut, missed: missed.map(([code]) => code), links: links.length };
}"""


def test_a_chosen_segment_shows_its_links_and_why(
    open_as: Callable[..., Page], people: People
) -> None:
    page = open_as(people.scout().email)
    page.goto("/chain")
    panel = page.locator("[data-chain-panel]")
    expect(page.locator("[data-from][d]")).to_have_count(page.locator("[data-from]").count())
    page.locator(f"[data-chain={CONTROL}]").click()
    expect(panel.locator(".subject")).to_have_text("工业控制系统软件")
    expect(panel).to_contain_text("还没有项目落地或签约。")
    # Its own links are drawn thicker than those of what it belongs to.
    direct = page.locator(f"path.direct[data-from={CONTROL}], path.direct[data-to={CONTROL}]")
    assert direct.count() == page.locator("path.direct").count() > 0
    expect(page.locator(f"path.on:not(.direct)[data-to={INDUSTRIAL}]").first).to_be_attached()
    # By key the focus goes along, and the address brings the same again.
    page.locator(f"[data-chain={DATABASES}]").press("Enter")
    expect(panel.locator(".subject")).to_be_focused()
    expect(panel.locator(".subject")).to_have_text("数据库")
    page.reload()
    expect(panel.locator(".subject")).to_have_text("数据库")
    expect(page.locator(f"[data-chain={DATABASES}]")).to_have_attribute("aria-current", "true")
    # Each choice is a step back, to what stood there before any.
    page.go_back()
    expect(panel.locator(".subject")).to_have_text("工业控制系统软件")
    expect(page.locator("[data-chain-map] [aria-current]")).to_have_text(re.compile("工业控制系统"))
    page.go_back()
    expect(panel.locator("h2")).to_have_text("先补这些环节")
    expect(page.locator("[data-chain-map] [aria-current], path.on, .chosen")).to_have_count(0)
    assert page.url.endswith("/chain")
    page.go_forward()
    expect(panel.locator(".subject")).to_have_text("工业控制系统软件")
    # A filter and the segment's own page lead back to it, and the page is a page on the way forth.
    page.locator("[data-name=gap-missing]").click()
    expect(page).to_have_url(re.compile("gap=missing"))
    page.go_back()
    expect(panel.locator(".subject")).to_have_text("工业控制系统软件")
    panel.get_by_role("link", name="打开这一环").click()
    expect(page).to_have_url(re.compile(rf"/chain/{CONTROL}$"))
    page.go_back()
    expect(panel.locator(".subject")).to_have_text("工业控制系统软件")
    page.go_forward()
    expect(page.get_by_role("heading", name="谁供给它")).to_be_visible()


def test_the_panel_is_in_sight_wherever_a_segment_is_chosen(
    open_as: Callable[..., Page], people: People
) -> None:
    """Beside a map that was read far down, and below it where there is no room beside."""
    page = open_as(people.scout().email)
    page.goto("/chain")
    subject = page.locator("[data-chain-panel] .subject")
    page.locator(f"[data-chain={LOWEST}]").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.locator(f"[data-chain={LOWEST}]").click()
    expect(subject).to_have_text("供应链管理")
    expect(subject).to_be_in_viewport()
    page.set_viewport_size(NARROW_DESK)
    page.goto("/chain")
    page.locator(f"[data-chain={DATABASES}]").click()
    expect(subject).to_have_text("数据库")
    expect(subject).to_be_in_viewport()
    # English names are longer: they take a second line, and the links go to the boxes all the same.
    page.set_viewport_size(DESK)
    page.goto(f"/chain?lang=en&segment={CONTROL}")
    expect(subject).to_have_text("Industrial control software")
    drawn = page.evaluate(MISDRAWN)
    assert (drawn["cut"], drawn["missed"]) == ([], [])
    assert drawn["links"]


def test_the_map_is_taken_along_as_a_picture(
    open_as: Callable[..., Page], people: People, tmp_path: Path
) -> None:
    page = open_as(people.scout().email)
    page.goto("/chain")
    page.locator(f"[data-chain={CONTROL}]").click()
    expect(page.locator("[data-chain-panel] .subject")).to_have_text("工业控制系统软件")
    with page.expect_download() as found:
        page.get_by_role("button", name="导出图片").click()
    assert re.fullmatch(r"产业链图谱-\d{4}-\d\d-\d\d\.png", found.value.suggested_filename)
    found.value.save_as(tmp_path / "map.png")
    drawn = page.evaluate(LOOK_AT, b64encode((tmp_path / "map.png").read_bytes()).decode())
    # Twice as sharp as the page, the missing in their red, the chosen one's links in their blue.
    box = page.locator("[data-chain-map]").bounding_box()
    assert box
    assert drawn["width"] > 2 * box["width"]
    assert drawn["height"] > 2 * box["height"]
    assert min(drawn["red"], drawn["blue"]) > A_FEW


def test_a_manager_judges_otherwise_and_takes_it_back(
    open_as: Callable[..., Page], people: People
) -> None:
    page = open_as(people.manager().email)
    page.goto("/chain")
    node, panel = page.locator(f"[data-chain={CONTROL}]"), page.locator("[data-chain-panel]")
    node.click()
    panel.get_by_role("link", name="不同意？改判断").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="改判断").click()
    expect(dialog.locator("[data-testid=field-error]")).to_have_count(2)
    dialog.get_by_label("薄弱").check()
    dialog.get_by_label("理由").fill("还有两家没登记过项目的企业在做")
    dialog.get_by_role("button", name="改判断").click()
    # The page is there anew, with the segment chosen again.
    expect(panel).to_contain_text("还有两家没登记过项目的企业在做")
    expect(panel).to_contain_text("按项目算是缺失")
    expect(node).to_have_class(re.compile("is-weak"))
    expect(node).to_contain_text("改判")
    page.get_by_role("button", name="撤销").click()
    expect(node).to_have_class(re.compile("is-missing"))


def test_a_phone_has_the_tree_with_its_marks(open_as: Callable[..., Page], people: People) -> None:
    page = open_as(people.scout().email, phone=True)
    page.goto("/chain")
    expect(page.locator("[data-chain-map]")).to_be_hidden()
    expect(page.locator(".tree .gap").first).to_be_visible()
    page.locator(".tree a", has_text="数据库").first.click()
    expect(page).to_have_url(re.compile(rf"/chain/{DATABASES}$"))
    expect(page.get_by_role("heading", name="为什么算缺失")).to_be_visible()


def test_the_english_tree_fits_a_narrow_phone(open_as: Callable[..., Page], people: People) -> None:
    page = open_as(people.scout().email, phone=True)
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 780})
        page.goto("/chain?lang=en")
        expect(page.locator(".tree-4 .counts").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
