"""What a pasted text is taken for; the texts are made up after what colleagues write."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.clock import ZONE
from crm.messages import msg
from crm.visits.drafting.people import Person
from crm.visits.drafting.rules import Draft, Kind, Mark, draft
from models.enums import Side, VisitMode

NOW = datetime(2026, 12, 3, 18, 0, tzinfo=ZONE)
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


def read(text: str, *known: Person, now: datetime = NOW, company: str = "") -> Draft:
    at = text.find(company) if company else -1
    mark = Mark(at, at + len(company), Kind.COMPANY, msg("企业")) if at >= 0 else None
    return draft(text, now, company=mark, known=known, ours=["赵一鸣"], me="陈思远")


def marked(text: str, found: Draft, kind: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in found.marks if mark.kind == kind]


def test_messages_copied_from_a_computer() -> None:
    found = read(COPIED, ZHOU)
    assert found.mode is VisitMode.OUT
    assert found.occurred_at == datetime(2026, 12, 3, 10, 0, tzinfo=ZONE)
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
    assert found.occurred_at == datetime(2026, 11, 27, 10, 0, tzinfo=ZONE)
    assert (found.next_step, found.next_step_on) == ("把方案发过去", date(2026, 12, 2))
    assert read("12月8日去了解一下场地").next_step_on == date(2026, 12, 8)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("今天上午见到了王总", "2026-12-02 10:00"),  # told before it can have been
        ("今天下午去中软国际，见到方总", "2026-12-02 15:00"),
        ("下午去了趟中软国际", "2026-12-02 15:00"),
        ("昨晚和王总吃了饭", "2026-12-02 19:00"),
        ("昨天去见了王总", "2026-12-02 09:00"),
        ("张三 12-02 17:32\n今天下午去见了王总", "2026-12-02 15:00"),
        ("张三 12-02 14:20\n今天下午去见了王总", "2026-12-02 14:20"),
        ("12-02 17:32\n王总说可以", "2026-12-02 17:32"),
        ("2026年12月2日 17:32\n王总说可以", "2026-12-02 17:32"),
        ("昨天 17:32\n王总说可以", "2026-12-02 17:32"),
        ("昨天 晚上8:05\n王总说可以", "2026-12-02 20:05"),
        ("————— 2026-12-02 —————\n\n张三  17:32\n\n王总说可以", "2026-12-02 17:32"),
    ],
)
def test_it_was_when_the_text_says_and_never_later_than_now(text: str, at: str) -> None:
    early = datetime(2026, 12, 3, 5, 30, tzinfo=ZONE)
    found = read(text, now=early)
    assert found.occurred_at == datetime.fromisoformat(f"{at}+08:00")
    assert (found.next_step, found.next_step_on) == ("", None)


def test_the_part_of_a_day_is_its_usual_hour_once_it_began() -> None:
    assert read("今天下午去见了王总").occurred_at == datetime(2026, 12, 3, 15, 0, tzinfo=ZONE)
    soon = NOW.replace(hour=14)
    assert read("今天下午去见了王总", now=soon).occurred_at == soon
    # What is to come this afternoon has not been.
    assert read("今天下午给王总发合同", now=soon.replace(hour=9)).next_step == "给王总发合同"


@pytest.mark.parametrize(
    "text",
    [
        "中软国际的方总今天来电话",
        "今天主要聊了场地",
        "今天电话里说董事会没开",
        "方总今天签约了",
        "今天会谈，见到方总",
    ],
)
def test_what_has_happened_is_no_next_step(text: str) -> None:
    assert (read(text).next_step, read(text).next_step_on) == ("", None)


def test_a_promise_is_the_next_step_before_any_other_day() -> None:
    text = "陈总好，用友网络 许嘉宁：预算会12月15日开，开完12月16日前给我们答复"
    found = read(text, company="用友网络")
    assert (found.next_step, found.next_step_on) == ("给我们答复", date(2026, 12, 16))
    assert marked(text, found, "day") == ["12月16日"]
    assert marked(text, found, "other-day") == ["12月15日"]
    assert "预算会12月15日开" in found.summary
    assert found.promises == ()
    assert [one.name for one in found.people] == ["许嘉宁"]
    assert found.mode is VisitMode.MESSAGE


def test_a_further_promise_is_kept_with_who_gave_it() -> None:
    text = "和王总谈过，周五前把政策发给他，12月20日前对方给我们书面答复。他们12月25日开董事会"
    found = read(text)
    assert (found.next_step, found.next_step_on) == ("把政策发给他", date(2026, 12, 4))
    assert [(one.text, one.day and one.day.day, one.side) for one in found.promises] == [
        ("对方给我们书面答复", date(2026, 12, 20), Side.THEIRS)
    ]
    assert marked(text, found, "promise") == ["对方给我们书面答复"]
    (second,) = read("对方下周一董事会讨论，明天再联系，下个月初给结果").promises
    assert (second.text, second.side) == ("给结果", Side.THEIRS)
    # The other side speaks of itself.
    (second,) = read("安恒信息曹总：三天内回复您，下周一再打给您").promises
    assert (second.text, second.side) == ("打给您", Side.THEIRS)


def test_agreeing_to_a_day_takes_along_what_was_agreed() -> None:
    found = read("问了金总，她说下下周二有空，约在我们南湖园区见")
    assert (found.next_step, found.next_step_on) == ("南湖园区见", date(2026, 12, 15))


def test_a_day_on_which_it_will_not_be_is_no_next_step() -> None:
    found = read("罗慧说后天来不了了，改到下周四上午")
    assert (found.next_step, found.next_step_on) == ("改到下周四上午", date(2026, 12, 10))
    assert read("罗慧说后天来不了了").next_step_on is None
    assert read("不行的话周五再约").next_step_on == date(2026, 12, 4)


def test_two_promises_of_one_day_are_both_kept() -> None:
    found = read("他们明天给我们发需求清单，我们周五回方案报告")
    assert found.next_step == "给我们发需求清单"
    assert [(one.text, one.side) for one in found.promises] == [("回方案报告", Side.OURS)]


@pytest.mark.parametrize("text", ["陈总好，下午去了", "@陈总 方案发你", "收到，谢谢陈总"])
def test_who_pasted_it_was_not_met(text: str) -> None:
    assert read(text).people == ()
    # A contact of that surname is one, and so is a stranger who is not greeted.
    known = Person("c", "陈东")
    assert [one.known for one in read(text, known).people] == [known]
    assert read("拜访了陈总").people[0].name == "陈总"


def test_a_surname_is_the_person_whom_the_text_names() -> None:
    text = "王磊:\n陈总好，我是中软国际的王磊，方便吗？\n陈思远:\n王总好，明天发您"
    found = read(text, company="中软国际")
    assert [one.name for one in found.people] == ["王磊"]
    both = read("张经理（13912345678）和张总都在").people
    assert [(one.name, one.phone) for one in both] == [("张经理", "13912345678"), ("张总", "")]


def test_two_of_one_surname_are_nobody_in_particular() -> None:
    found = read("周总说可以", ZHOU, Person("b", "周敏"))
    assert found.people[0].known is None


def test_a_labelled_next_step_needs_no_day() -> None:
    found = read("见到了王经理。\n下一步：补发营业执照")
    assert (found.next_step, found.next_step_on) == ("补发营业执照", None)


def test_a_text_that_says_nothing_is_a_summary_and_no_more() -> None:
    found = read("哈哈")
    assert found == Draft("哈哈", None, None, (), "", "", None, (), ())


@given(st.text(max_size=300))
def test_any_text_is_read_and_its_marks_stand_apart(text: str) -> None:
    found = draft(text, NOW, known=[ZHOU])
    assert all(0 <= mark.start < mark.end <= len(text) for mark in found.marks)
    assert all(a.end <= b.start for a, b in zip(found.marks, found.marks[1:], strict=False))
    assert found.occurred_at is None or found.occurred_at <= NOW


def test_a_full_name_and_how_they_are_called_are_one_person() -> None:
    found = read(
        "今天下午和远翔软件的李振国李总聊了，他们想在南湖设研发中心，要3000平，30人\n"
        "李振国：下周三来嘉兴看场地，请准备好政策测算\n电话 13812345678"
    )
    assert [(one.name, one.phone) for one in found.people] == [("李振国", "13812345678")]
    assert [one.kind for one in found.marks].count(Kind.PHONE) == 1
    (other,) = read("安恒信息 王磊王总说下周来").people
    assert other.name == "王磊"
    assert [one.name for one in read("王磊和王总都在").people] == ["王总"]


def test_a_number_that_nobody_has_is_not_marked() -> None:
    found = read(
        "王磊总监和张敏总监都在，有事请他们的人打前台的电话，"
        "从早上九点到晚上六点那里总有人接，号码 13812345678"
    )
    assert [one.phone for one in found.people] == ["", ""]
    assert Kind.PHONE not in [one.kind for one in found.marks]


def test_what_they_want_begins_behind_who_says_it() -> None:
    found = read("安恒信息：王磊总监 手机13911112222 想要2000平")
    assert [(one.name, one.title, one.phone) for one in found.people] == [
        ("王磊", "总监", "13911112222")
    ]
    assert found.need == "想要2000平"


def test_figures_are_marked_within_what_they_want_and_only_where_a_lead_learns_them() -> None:
    text = "想租3000平米做研发中心，30人"
    found = draft(text, NOW, plans=True)
    assert [(one.field, one.value) for one in found.figures] == [
        ("space_m2", 3000),
        ("planned_headcount", 30),
    ]
    assert marked(text, found, "figure") == ["3000平米", "30人"]
    assert marked(text, found, "need") == ["想租", "做研发中心"]
    assert found.need == "想租3000平米做研发中心"
    left = draft(text, NOW)
    assert (left.figures, marked(text, left, "figure")) == ((), [])


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("李振国（总经理）说可以", [("李振国", "总经理", "")]),
        ("李振国 (总经理) 来电", [("李振国", "总经理", "")]),
        (
            "李振国（总经理 13812345678）、王磊（CTO）都在",
            [("李振国", "总经理", "13812345678"), ("王磊", "CTO", "")],
        ),
        ("李振国（远翔软件）说可以", [("李振国", "", "")]),
        # Called by the surname first, named after it.
        ("李总说可以。李振国（总经理）13812345678，下周来", [("李振国", "总经理", "13812345678")]),
        ("李总说可以。李振国（总经理）下周来", [("李振国", "总经理", "")]),
        ("今天见了李总。\n李振国：好的", [("李振国", "", "")]),
        ("李总说可以，联系人李振国 13812345678", [("李振国", "", "13812345678")]),
        # Two of the surname: nobody can say which.
        ("李总说可以\n李明：好\n李振国：好", [("李总", "", "")]),
        ("见到李总和李经理，联系人李振国", [("李总", "", ""), ("李经理", "经理", "")]),
        ("见到李总经理", [("李总经理", "总经理", "")]),
    ],
)
def test_a_title_beside_or_apart_from_the_name(
    text: str, people: list[tuple[str, str, str]]
) -> None:
    assert [(one.name, one.title, one.phone) for one in read(text).people] == people


def test_a_colleague_of_that_surname_is_not_who_is_called_so() -> None:
    assert [one.name for one in read("赵总说可以\n赵一鸣：好").people] == ["赵总"]


@pytest.mark.parametrize(
    ("text", "step", "on"),
    [
        ("王总说 next Tuesday 来看场地", "来看场地", date(2026, 12, 8)),
        (
            "Met them yesterday. Send the site plan by 9 December.",
            "Send the site plan",
            date(2026, 12, 9),
        ),
        ("Let's meet on Dec 18, please", "Let's meet", date(2026, 12, 18)),
        ("visited Mr. Li on Monday", "", None),
    ],
)
def test_english_days_make_a_next_step(text: str, step: str, on: date | None) -> None:
    found = read(text)
    assert (found.next_step, found.next_step_on) == (step, on)


@pytest.mark.parametrize(
    "text", ["王磊（ab" + " " * 3000 + "\n好", "投资" + "大约" * 1500 + "x5000万"]
)
def test_no_text_takes_the_patterns_long(text: str) -> None:
    """Each of these kept a pattern busy for hours that tried every way to read it."""
    assert draft(text, NOW, plans=True).figures == ()


def test_who_is_only_greeted_stands_behind_who_is_told_of() -> None:
    text = "王总你好，今天和李志强副总裁聊了一下，他们想设研发中心。他带队来看园区。电话13712345678"
    found = read(text)
    assert [(one.name, one.phone) for one in found.people] == [
        ("李志强", "13712345678"),
        ("王总", ""),
    ]
    # Nobody else is named: who is written to was spoken with, as a chat has it.
    (alone,) = read("王总您好，资料发您了，电话13712345678").people
    assert (alone.name, alone.phone) == ("王总", "13712345678")
    (told,) = read("王总您好，刚才说的都记下了。王总关心人才公寓").people
    assert not told.greeted


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("见了刘芳总监，电话13712345678", VisitMode.OUT),
        ("见了刘芳总监，电话：0573-82091234", VisitMode.OUT),
        ("见了刘芳总监，电话号码没留", VisitMode.OUT),
        ("刘芳总监电话沟通，愿意来看", VisitMode.CALL),
        ("刘芳总监电话里说想带队过来考察", VisitMode.CALL),
        ("刘芳总监来看了园区，电话里约的", VisitMode.IN),
    ],
)
def test_a_telephone_number_is_no_call(text: str, mode: VisitMode) -> None:
    assert read(text).mode is mode
