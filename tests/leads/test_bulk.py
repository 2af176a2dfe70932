"""Many leads at once: refused one by one, applied as one, undone but for what changed since."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import Conflict, NotFound, Refusal
from crm.leads import bulk, bulk_values, to_do
from crm.leads.bulk_queries import bulk_page
from crm.leads.bulk_values import BulkChange, wrong_change
from crm.leads.edits import edit_lead
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit
from crm.leads.moves import move_lead
from crm.leads.next_steps import open_next_step
from crm.leads.rules import MoveRequest
from models import db
from models.bulk_edit import BulkEdit, BulkKind, LineState
from models.enums import Status, TaskKind, TaskState
from models.lead import CreditShare, Lead
from models.stage_change import StageChange
from models.task import Task
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

LATER = date(2026, 12, 8)
HOLD = BulkChange(hold_until=LATER, reason="等明年预算")


def begun(leads: list[Lead], kind: BulkKind, user: User) -> str:
    batch = bulk.choose([lead.public_id for lead in leads], kind, actor_of(user), NOW)
    db.session.commit()
    return batch.public_id


def previewed(leads: list[Lead], kind: BulkKind, change: BulkChange, user: User) -> str:
    key = begun(leads, kind, user)
    bulk.preview(key, change, actor_of(user), NOW)
    db.session.commit()
    return key


def lines(key: str, user: User) -> dict[int, tuple[LineState, str, str, str]]:
    page = bulk_page(key, actor_of(user))
    return {r.lead.id: (r.state, str(r.before), str(r.after), str(r.why)) for r in page.rows}


def done(key: str, verb: Any, user: User) -> None:
    verb(key, actor_of(user), NOW)
    db.session.commit()


def test_owners_are_changed_where_allowed_and_put_back(session: Any, people: People) -> None:
    lead_of, scout, other = people.team_lead(), people.scout(), people.scout()
    stranger = people.scout("chengdu")
    mine, held_by_other, theirs = a_lead(scout), a_lead(other), a_lead(stranger)
    key = previewed(
        [mine, held_by_other, theirs], BulkKind.OWNER, BulkChange(owner=other.public_id), lead_of
    )
    # Another team's lead is not there for this team's lead.
    assert lines(key, lead_of) == {
        mine.id: (LineState.READY, scout.name, other.name, ""),
        held_by_other.id: (LineState.REFUSED, other.name, other.name, "本来就是这样，不用改。"),
    }
    assert session.get_one(Lead, mine.id).owner_id == scout.id
    done(key, bulk.apply, lead_of)
    assert session.get_one(Lead, mine.id).owner_id == other.id
    assert lines(key, lead_of)[mine.id][0] is LineState.APPLIED
    done(key, bulk.undo, lead_of)
    assert session.get_one(Lead, mine.id).owner_id == scout.id
    assert lines(key, lead_of)[mine.id][0] is LineState.UNDONE
    with pytest.raises(Conflict):
        bulk.undo(key, actor_of(lead_of), NOW)


def test_each_refusal_says_why(session: Any, people: People) -> None:
    boss, scout, chengdu = people.manager(), people.scout(), people.scout("chengdu")
    mine, far, lost = a_lead(scout), a_lead(chengdu), a_lead(scout)
    move_lead(
        lost.public_id, MoveRequest(to_status=Status.LOST, reason="不来了"), actor_of(scout), NOW
    )
    session.commit()
    to_scout = BulkChange(owner=scout.public_id)
    key = previewed([mine, far, lost], BulkKind.OWNER, to_scout, boss)
    assert {k: v[3] for k, v in lines(key, boss).items()} == {
        mine.id: "本来就是这样，不用改。",
        far.id: "负责人要在这支小分队里，请另选一位。",
        lost.id: "已流失，要先恢复跟进才能改。",
    }
    # A scout hands nothing over, whatever the page offers.
    key = previewed([mine], BulkKind.OWNER, BulkChange(owner=people.scout().public_id), scout)
    assert lines(key, scout)[mine.id][3] == "移交线索、换挂钩领导，请找队长或局领导。"


def test_a_preview_leaves_nothing_behind(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, next_step="回电", next_step_on=TODAY)
    moves = session.scalar(sa.select(sa.func.count(StageChange.id)))
    version = lead.version
    key = previewed([lead], BulkKind.HOLD, HOLD, scout)
    assert lines(key, scout)[lead.id][:3] == (LineState.READY, "在谈", f"暂缓到 {LATER}")
    session.expire_all()
    fresh = session.get_one(Lead, lead.id)
    assert (fresh.status, fresh.version) == (Status.ACTIVE, version)
    assert session.scalar(sa.select(sa.func.count(StageChange.id))) == moves


@pytest.mark.parametrize(
    ("kind", "change", "column", "value"),
    [
        (BulkKind.PLACE, BulkChange(place="park:nanhu"), "park_id", None),
        (BulkKind.STEP, BulkChange(next_step="约会面", next_step_on=LATER), "next_step_on", TODAY),
        (BulkKind.STEP_DAY, BulkChange(next_step_on=LATER), "next_step_on", TODAY),
        (BulkKind.HOLD, HOLD, "status", Status.ACTIVE),
    ],
)
def test_every_kind_there_and_back(
    session: Any, people: People, kind: BulkKind, change: BulkChange, column: str, value: Any
) -> None:
    scout = people.scout()
    leads = [a_lead(scout, next_step="回电", next_step_on=TODAY) for _ in range(3)]
    key = previewed(leads, kind, change, scout)
    done(key, bulk.apply, scout)
    session.expire_all()
    assert all(getattr(lead, column) != value for lead in leads)
    done(key, bulk.undo, scout)
    session.expire_all()
    assert [getattr(lead, column) for lead in leads] == [value] * 3
    steps = [open_next_step(lead) for lead in leads]
    assert [(step.text, step.due_on) for step in steps if step] == [("回电", TODAY)] * 3


def test_a_step_where_none_was_is_taken_away(session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    days = previewed([lead], BulkKind.STEP_DAY, BulkChange(next_step_on=LATER), scout)
    assert lines(days, scout)[lead.id][3] == "这条线索现在没有下一步。"
    change = BulkChange(next_step="约会面", next_step_on=LATER)
    key = previewed([lead], BulkKind.STEP, change, scout)
    done(key, bulk.apply, scout)
    done(key, bulk.undo, scout)
    session.expire_all()
    assert (open_next_step(lead), lead.next_step_on) == (None, None)


def test_each_owner_is_given_a_task_and_it_is_taken_back(session: Any, people: People) -> None:
    boss, first, second = people.team_lead(), people.scout(), people.scout()
    leads = [a_lead(first), a_lead(second), a_lead(first), a_lead(second)]
    shared = a_lead(people.scout("chengdu"))
    share = CreditShare(agreement="a", lead_id=shared.id, user_id=boss.id, basis_points=10_000)
    session.add(share)
    change = BulkChange(text="报一次进度 ", due_on=LATER)
    key = previewed([*leads, shared], BulkKind.TASK, change, boss)
    refused = lines(key, boss)[shared.id]
    assert (refused[0], refused[3]) == (
        LineState.REFUSED,
        "这条线索不归您的小分队，您能看，不能改。",
    )
    assert lines(key, boss)[leads[0].id] == (
        LineState.READY,
        "没有这件待办",
        f"报一次进度（{LATER}）",
        "",
    )
    assert tasks(session) == []
    edit_lead(leads[3].public_id, LeadEdit(need="改了"), actor_of(boss), NOW)
    session.commit()
    done(key, bulk.apply, boss)
    assert lines(key, boss)[leads[3].id][3] == "您看过之后有人改过，没有动它。"
    found = tasks(session)
    assert [(one.lead_id, one.assignee_id) for one in found] == [
        (lead.id, lead.owner_id) for lead in leads[:3]
    ]
    assert {(one.kind, one.text, one.due_on) for one in found} == {
        (TaskKind.TASK, "报一次进度", LATER)
    }
    # Asked for again, who has it is not given it twice.
    again = previewed(leads, BulkKind.TASK, change, boss)
    said = lines(again, boss)
    assert [said[lead.id][3] for lead in leads] == ["负责人已经有这件待办。"] * 3 + [""]
    # Done since, it stays as it is; the others are withdrawn.
    to_do.finish(found[1].public_id, actor_of(second), now=NOW)
    session.commit()
    done(key, bulk.undo, boss)
    assert [one.state for one in tasks(session)] == [
        TaskState.CANCELLED,
        TaskState.DONE,
        TaskState.CANCELLED,
    ]
    said = lines(key, boss)
    assert said[leads[1].id][3] == "这件待办已经办好了。"
    assert said[leads[2].id][0] is LineState.UNDONE


def tasks(session: Any) -> list[Task]:
    session.expire_all()
    return list(session.scalars(sa.select(Task).order_by(Task.id)))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (BulkChange(), {"text": "请写下要办什么。", "due_on": "请选一个日期，哪天前办好。"}),
        (
            BulkChange(text="长" * 401, due_on=date(2026, 1, 1)),
            {
                "text": "最多 400 字，请写短一些。",
                "due_on": "日期已经过去，请选今天或以后。",
            },
        ),
    ],
)
def test_a_task_that_nobody_could_be_given_is_said_at_its_fields(
    session: Any, people: People, change: BulkChange, wrong: dict[str, str]
) -> None:
    scout = people.scout()
    key = begun([a_lead(scout)], BulkKind.TASK, scout)
    with pytest.raises(Refusal) as refused:
        bulk.preview(key, change, actor_of(scout), NOW)
    assert {name: str(texts[0]) for name, texts in refused.value.errors.items()} == wrong


def test_what_changed_meanwhile_stays_and_is_said(session: Any, people: People) -> None:
    scout = people.scout()
    first, second, third = (a_lead(scout) for _ in range(3))
    change = BulkChange(place="park:nanhu")
    key = previewed([first, second, third], BulkKind.PLACE, change, scout)
    edit_lead(first.public_id, LeadEdit(need="改了"), actor_of(scout), NOW)
    session.commit()
    done(key, bulk.apply, scout)
    assert lines(key, scout)[first.id][3] == "您看过之后有人改过，没有动它。"
    assert session.get_one(Lead, first.id).park_id is None
    edit_lead(second.public_id, LeadEdit(need="改了"), actor_of(scout), NOW)
    session.commit()
    done(key, bulk.undo, scout)
    session.expire_all()
    found = lines(key, scout)
    assert (found[second.id][0], found[second.id][3]) == (
        LineState.KEPT,
        "之后有人改过，没有动它。",
    )
    assert found[third.id][0] is LineState.UNDONE
    assert session.get_one(Lead, second.id).park_id is not None
    assert session.get_one(Lead, third.id).park_id is None


def test_a_batch_is_its_makers_and_goes_one_way(session: Any, people: People) -> None:
    scout, other = people.scout(), people.scout()
    key = begun([a_lead(scout)], BulkKind.HOLD, scout)
    with pytest.raises(NotFound):
        bulk.preview(key, HOLD, actor_of(other), NOW)
    with pytest.raises(Conflict):
        bulk.apply(key, actor_of(scout), NOW)
    with pytest.raises(Conflict):
        bulk.undo(key, actor_of(scout), NOW)
    bulk.preview(key, HOLD, actor_of(scout), NOW)
    done(key, bulk.apply, scout)
    with pytest.raises(Conflict):
        bulk.preview(key, HOLD, actor_of(scout), NOW)


def test_all_that_a_list_shows_and_not_too_many(
    session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    scout, chengdu = people.scout(), people.scout("chengdu")
    for user in (scout, scout, chengdu):
        a_lead(user)
    batch = bulk.choose_all(LeadFilter(), BulkKind.HOLD, actor_of(scout), NOW)
    assert bulk.counts(batch) == {LineState.CHOSEN: 2}
    session.rollback()
    with pytest.raises(Refusal, match="请先选"):
        bulk.choose(["zzzzzzzzzzzz"], BulkKind.HOLD, actor_of(scout), NOW)
    monkeypatch.setattr(bulk, "MOST", 1)
    with pytest.raises(Refusal, match="一次最多改 1 条"):
        bulk.choose_all(LeadFilter(), BulkKind.HOLD, actor_of(scout), NOW)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(BulkEdit.id))) == 0


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        (BulkKind.OWNER, BulkChange(), "owner"),
        (BulkKind.PLACE, BulkChange(), "place"),
        (BulkKind.STEP, BulkChange(next_step_on=LATER), "next_step"),
        (BulkKind.STEP, BulkChange(next_step="约"), "next_step_on"),
        (BulkKind.STEP, BulkChange(next_step="约", next_step_on=date(2026, 1, 1)), "next_step_on"),
        (BulkKind.STEP, BulkChange(next_step="长" * 401, next_step_on=LATER), "next_step"),
        (BulkKind.STEP_DAY, BulkChange(), "next_step_on"),
        (BulkKind.HOLD, BulkChange(hold_until=LATER), "reason"),
        (BulkKind.HOLD, BulkChange(hold_until=TODAY, reason="等"), "hold_until"),
    ],
)
def test_what_no_lead_could_take_is_said_at_its_field(
    kind: BulkKind, change: BulkChange, field: str
) -> None:
    assert list(wrong_change(kind, change, TODAY)) == [field]


@given(st.text(), st.dates())
def test_a_change_survives_being_kept(text: str, day: date) -> None:
    change = BulkChange(next_step=text, next_step_on=day)
    assert bulk_values.BulkChange.from_json(change.as_json()) == change
