"""Promises of both sides, most of them from a visit: kept, withdrawn, put off, open and late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from crm.clock import local_date
from crm.demo.office.pen import Act, Change, Make
from crm.demo.office.scene import LeadSeen, Scene, VisitSeen
from crm.demo.office.work import closed, task
from crm.demo.records import Values
from models.enums import Side, Status, TaskKind, TaskState

A_LEAD, LEAST, MOST = 0.3, 6, 4_000
# Of all so many are open, due on these working days from today on.
OPEN = 0.4
DUE = (-7, 0, 1, 3, 5, 2, -3, 0, 8, 4, 1, 6, 10, -1, 13, 7)
HELPED, UNNAMED, BY_PHONE, PUT_OFF = 0.25, 0.3, 0.15, 0.2

OURS = (
    "书面答复人才公寓的套数和租金",
    "把南面两栋楼的层高和荷载图发过去",
    "请园区出一份分成两个单元的平面方案",
    "约供电和通信单位一起踏勘机房",
    "把本地院校软件专业近三年的毕业生人数发给对方",
    "联系两家本地制造企业，谈一个试点场景",
    "按对方的收入口径做一版兑现测算",
    "给出子女入学的办理流程和联系人",
    "请法务看一遍协议里的违约条款",
    "陪对方财务去银行问注资账户",
    "把同类项目从签约到落地的时间整理一份",
    "约财政和经信同对方一起座谈",
)
THEIRS = (
    "给出未来三年的用工计划",
    "发来集团内部立项的批复",
    "定下负责选址的人和来嘉时间",
    "请集团财务来一次，当面对口径",
    "报一份装修和设备的投资明细",
    "把股权结构和实际控制人写清楚",
    "提供最近一年的审计报告",
    "推荐两家上下游伙伴一起来看",
    "确认机房功率和带宽要求",
    "把交付团队的岗位和薪酬范围发来",
)
WITHDRAWN = (
    "对方换了方案，这件不用办了。",
    "项目暂缓，等重启再说。",
    "改由园区统一答复，这条收回。",
)
MOVED = (
    "园区方案要等周会过，晚几天给。",
    "对方负责人出差，约到回来之后。",
    "材料还差一项盖章。",
    "和另一件事合在一次座谈里办。",
)


def promises(scene: Scene) -> Iterator[Act]:
    """Everything that was promised."""
    random = scene.chance("promises")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    touched = [lead for lead in scene.leads if lead.touched_at]
    standing = [lead for lead in touched if lead.status is Status.ACTIVE]
    ahead = scene.spread(standing, round(wanted * OPEN), random)
    past = scene.spread(touched, wanted - len(ahead), random)
    visits = scene.visits_of({*ahead, *past})
    for number, lead in enumerate(ahead):
        due = scene.workday(DUE[number % len(DUE)])
        if source := _source(visits[lead.id], random, before=min(due, scene.today)):
            yield from _open(scene, random, lead, source, due)
    for lead in past:
        if source := _source(visits[lead.id], random, before=scene.workday(-12)):
            yield from _past(scene, random, lead, source)


def _source(seen: list[VisitSeen], random: Random, *, before: date) -> VisitSeen | None:
    """The visit that a promise came from, one of the last before that day."""
    fitting = [one for one in seen if one.contact_id and local_date(one.occurred_at) < before]
    return random.choice(fitting[-3:]) if fitting else None


def _promise(
    scene: Scene, random: Random, lead: LeadSeen, source: VisitSeen, due: date
) -> tuple[Values, Values]:
    """The task and what stands beside it. Of theirs the lead's owner asks after it."""
    ours = random.random() < 0.6
    mates = scene.mates(lead)
    helped = ours and mates and random.random() < HELPED
    row = task(
        random,
        lead,
        TaskKind.PROMISE,
        random.choice(OURS if ours else THEIRS),
        due_on=due,
        by=source.author_id,
        to=random.choice(mates).id if helped else lead.owner_id,
        at=source.recorded_at,
    )
    named = not ours and random.random() >= UNNAMED
    beside: Values = {
        "task_id": row,
        "side": Side.OURS if ours else Side.THEIRS,
        "contact_id": source.contact_id if named else None,
        "visit_id": None if random.random() < BY_PHONE else source.id,
    }
    return row, beside


def _open(
    scene: Scene, random: Random, lead: LeadSeen, source: VisitSeen, due: date
) -> Iterator[Act]:
    """One that still stands, now and then on another day than at first."""
    first = source.recorded_at
    was_on = scene.working(local_date(first) + timedelta(days=random.randint(2, 9)))
    put_off = was_on < due and random.random() < PUT_OFF
    row, beside = _promise(scene, random, lead, source, was_on if put_off else due)
    yield Act(first, source.author_id, (Make("task", row), Make("promise", beside)))
    if put_off:
        moved_at = min(scene.soon(first, random, 1, 2), scene.at(was_on, 17 * 60))
        day = _day(random, row, was_on, due, by=lead.owner_id)
        change = Change("task", row, {"due_on": due})
        yield Act(
            moved_at, lead.owner_id, (change, Make("promise_day", {**day, "set_at": moved_at}))
        )


def _past(scene: Scene, random: Random, lead: LeadSeen, source: VisitSeen) -> Iterator[Act]:
    """One that was kept, mostly in time, or withdrawn."""
    due = scene.working(local_date(source.recorded_at) + timedelta(days=random.randint(3, 16)))
    row, beside = _promise(scene, random, lead, source, due)
    yield Act(source.recorded_at, source.author_id, (Make("task", row), Make("promise", beside)))
    ended = scene.soon(source.recorded_at, random, 1, 12)
    by = row["assignee_id"]
    if random.random() < 0.1:
        reason = Change("promise", beside, {"reason": random.choice(WITHDRAWN)})
        yield Act(ended, by, (closed(row, ended, TaskState.CANCELLED), reason))
    else:
        yield Act(ended, by, (closed(row, ended),))


def _day(random: Random, row: Values, was_on: date, due: date, *, by: int) -> Values:
    return {
        "task_id": row,
        "was_on": was_on,
        "due_on": due,
        "reason": random.choice(MOVED),
        "set_by_id": by,
    }
