"""What a pasted text is taken for; the texts are made up after what colleagues write."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from crm.clock import SHANGHAI
from crm.visits.drafting.people import Person
from crm.visits.drafting.rules import Draft, draft
from models.enums import VisitMode

NOW = datetime(2026, 12, 3, 18, 0, tzinfo=SHANGHAI)
ZHOU = Person("id", "周启明", "战略发展部总监")

COPIED = """陈思远 2026-12-03 14:05:33
今天上午去和利时拜访了周启明总监（13800138000），想租3000平米做研发中心，担心人才公寓不够
下周三之前把场地方案发给他
[图片]
赵一鸣 2026-12-03 14:06:10
收到，南湖那边我去问"""
SPOKEN = """周总: 领导好，我们董事长12月18日下午3点带队来嘉兴考察
我: 好的，我们安排接待
周总: 主要想看看园区载体和政策"""
NOTED = (
    "刚和用友网络高雅财务副总监通了电话，对方希望明年6月前拿到场地，约好后天再视频沟通税收测算。"
)


def read(text: str, *known: Person) -> Draft:
    return draft(text, NOW, known=known, ours=["陈思远"])


def marked(text: str, found: Draft, kind: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in found.marks if mark.kind == kind]


def test_messages_copied_from_a_computer() -> None:
    found = read(COPIED, ZHOU)
    assert found.mode is VisitMode.OUT
    assert found.occurred_at == datetime(2026, 12, 3, 10, 0, tzinfo=SHANGHAI)
    assert [(one.known, one.phone) for one in found.people] == [(ZHOU, "13800138000")]
    assert found.need == "想租3000平米做研发中心"
    assert (found.next_step, found.next_step_on) == ("把场地方案发给他", date(2026, 12, 9))
    assert "2026-12-03 14:05:33" not in found.summary
    assert "[图片]" not in found.summary
    assert "收到，南湖那边我去问" in found.summary
    assert marked(COPIED, found, "day") == ["今天上午", "下周三"]


def test_a_chat_with_a_visit_to_come_is_a_message_and_its_next_step() -> None:
    found = read(SPOKEN, ZHOU)
    assert found.mode is VisitMode.MESSAGE
    assert found.people[0].known == ZHOU  # 周总, and only one has that surname
    assert (found.next_step, found.next_step_on) == ("带队来嘉兴考察", date(2026, 12, 18))
    assert found.need == "主要想看看园区载体和政策"


def test_a_note_of_a_call_with_somebody_new() -> None:
    found = read(NOTED)
    assert found.mode is VisitMode.CALL
    assert [(one.name, one.title, one.known) for one in found.people] == [
        ("高雅", "财务副总监", None)
    ]
    assert (found.next_step, found.next_step_on) == ("视频沟通税收测算", date(2026, 12, 5))


def test_a_day_is_counted_from_when_the_message_was_sent() -> None:
    text = "陈思远 2026-11-20 09:10\n下周一给王总发合同"
    assert read(text).next_step_on == date(2026, 11, 23)
    # Enterprise chats write no year.
    found = read("陈思远 11-27 10:21\n今天上午去见了王总，下周三把方案发过去")
    assert found.occurred_at == datetime(2026, 11, 27, 10, 0, tzinfo=SHANGHAI)
    assert (found.next_step, found.next_step_on) == ("把方案发过去", date(2026, 12, 2))
    assert read("12月8日去了解一下场地").next_step_on == date(2026, 12, 8)


def test_two_of_one_surname_are_nobody_in_particular() -> None:
    found = read("周总说可以", ZHOU, Person("b", "周敏"))
    assert found.people[0].known is None


def test_a_labelled_next_step_needs_no_day() -> None:
    found = read("见到了王经理。\n下一步：补发营业执照")
    assert (found.next_step, found.next_step_on) == ("补发营业执照", None)


def test_a_text_that_says_nothing_is_a_summary_and_no_more() -> None:
    found = read("哈哈")
    assert found == Draft("哈哈", None, None, (), "", "", None, ())


@given(st.text(max_size=300))
def test_any_text_is_read_and_its_marks_stand_apart(text: str) -> None:
    found = draft(text, NOW, known=[ZHOU])
    assert all(0 <= mark.start < mark.end <= len(text) for mark in found.marks)
    assert all(a.end <= b.start for a, b in zip(found.marks, found.marks[1:], strict=False))
    assert found.occurred_at is None or found.occurred_at <= NOW
