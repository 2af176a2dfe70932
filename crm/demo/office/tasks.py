"""What is to be done beside the next step, once or again and again, and what others coordinate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from crm.clock import local_date
from crm.demo.office.pen import Act, Make
from crm.demo.office.scene import LeadSeen, Scene
from crm.demo.office.work import closed, task
from crm.leads.recurrence import Rhythm, following
from models.enums import Every, Stage, Status, TaskKind, TaskState

A_LEAD, LEAST, MOST = 0.2, 5, 3_000
OPEN, AGAIN, MATTERS = 0.4, 0.1, 0.12
# Working days from today on which the open ones are due.
DUE = (0, 1, 2, -2, 4, 5, 0, 3, 7, 1, 9, -4, 12, 6)
HELPED, WITHDRAWN = 0.3, 0.08

TO_DO = (
    "把名片和工商信息补进联系人",
    "查一下对方在长三角还有哪些分支",
    "更新项目一页纸，会前发给领导",
    "把上次的纪要整理成三条发给园区",
    "核对用工人数和社保口径",
    "问清今年软件业务收入的口径",
    "准备接待用的园区沙盘讲稿",
    "给对方寄一份投资环境手册",
    "约人社问住房补贴怎么申请",
    "看一遍对方招标公告，找本地场景",
    "把集团股权图补到企业档案",
    "比对两份租赁报价",
)
# What comes back: words, and how often.
RHYTHMS = (
    ("给对方打一次电话问进度", 2, Every.WEEK),
    ("更新项目进展表", 1, Every.WEEK),
    ("核一遍用工和社保人数", 1, Every.MONTH),
    ("上门回访一次", 1, Every.MONTH),
    ("向挂钩领导报一次进度", 2, Every.WEEK),
)
TO_COORDINATE = (
    "请供电部门答复双回路什么时候能接",
    "请自规部门确认装修改造要不要报规",
    "请人社牵头解决三十个实习岗位",
    "请教育部门明确子女入学的片区",
    "请财政确认分期兑现的时间",
    "请园区腾出整层，原租户要换楼",
)
COORDINATED_STAGES = (Stage.NEGOTIATING, Stage.COMMITTED, Stage.REGISTERED)


def tasks(scene: Scene) -> Iterator[Act]:
    """Tasks that are open or done, those that come back, and matters to be coordinated."""
    random = scene.chance("tasks")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    active = scene.active()
    ahead = scene.spread(active, round(wanted * OPEN), random)
    for number, lead in enumerate(ahead):
        yield from _open(scene, random, lead, scene.workday(DUE[number % len(DUE)]))
    for lead in scene.spread(active, max(1, round(wanted * AGAIN)), random):
        yield from _again(scene, random, lead)
    for lead in scene.spread(scene.active(*COORDINATED_STAGES), round(wanted * MATTERS), random):
        yield from _matter(scene, random, lead)
    old = [lead for lead in scene.leads if lead.status is not Status.LOST]
    for lead in scene.spread(old, round(wanted * (1 - OPEN - AGAIN)), random):
        yield from _past(scene, random, lead)


def _by_and_to(scene: Scene, random: Random, lead: LeadSeen) -> tuple[int, int]:
    """Who sets a task, and for whom: mostly the owner for themselves."""
    mates = scene.mates(lead)
    if mates and random.random() < HELPED:
        mate = random.choice(mates).id
        return (mate, lead.owner_id) if random.random() < 0.5 else (lead.owner_id, mate)
    return lead.owner_id, lead.owner_id


def _open(scene: Scene, random: Random, lead: LeadSeen, due: date) -> Iterator[Act]:
    set_at = max(scene.ago(random, 0, 12), lead.created_at + timedelta(minutes=10))
    if local_date(set_at) > due:
        set_at = scene.at(due, 10 * 60) - timedelta(days=random.randint(1, 3))
    if set_at <= lead.created_at:
        return
    by, to = _by_and_to(scene, random, lead)
    text = random.choice(TO_DO)
    row = task(random, lead, TaskKind.TASK, text, due_on=due, by=by, to=to, at=set_at)
    yield Act(set_at, by, (Make("task", row),))


def _past(scene: Scene, random: Random, lead: LeadSeen) -> Iterator[Act]:
    set_at = max(scene.ago(random, 8, 240), lead.created_at + timedelta(minutes=10))
    due = scene.working(local_date(set_at) + timedelta(days=random.randint(2, 12)))
    by, to = _by_and_to(scene, random, lead)
    text = random.choice(TO_DO)
    row = task(random, lead, TaskKind.TASK, text, due_on=due, by=by, to=to, at=set_at)
    yield Act(set_at, by, (Make("task", row),))
    ended = scene.soon(set_at, random, 1, 7)
    withdrawn = random.random() < WITHDRAWN
    state = TaskState.CANCELLED if withdrawn else TaskState.DONE
    yield Act(ended, by if withdrawn else to, (closed(row, ended, state),))


def _again(scene: Scene, random: Random, lead: LeadSeen) -> Iterator[Act]:
    """One that came back some times; of each the doing made the next."""
    text, every, unit = random.choice(RHYTHMS)
    set_at = max(scene.ago(random, 20, 90), lead.created_at + timedelta(minutes=10))
    due = scene.working(local_date(set_at) + timedelta(days=random.randint(1, 5)))
    rhythm = Rhythm(every, unit, due)
    columns = {"every": every, "unit": unit, "starts_on": due}
    to = lead.owner_id
    row = task(random, lead, TaskKind.TASK, text, due_on=due, by=to, to=to, at=set_at)
    back = {"task_id": row, **columns, "number": 0, "follows_id": None}
    yield Act(set_at, to, (Make("task", row), Make("recurrence", back)))
    number = 0
    while due < scene.today:
        done = scene.at(due, 10 * 60 + random.randint(0, 400))
        number, due = following(rhythm, number, due, local_date(done), scene.calendar)
        former, row = (
            row,
            task(random, lead, TaskKind.TASK, text, due_on=due, by=to, to=to, at=done),
        )
        back = {"task_id": row, **columns, "number": number, "follows_id": former}
        yield Act(done, to, (closed(former, done), Make("task", row), Make("recurrence", back)))


def _matter(scene: Scene, random: Random, lead: LeadSeen) -> Iterator[Act]:
    set_at = max(scene.ago(random, 1, 25), lead.created_at + timedelta(minutes=10))
    text = random.choice(TO_COORDINATE)
    due = scene.workday(random.randint(1, 15)) if random.random() < 0.6 else None
    by = lead.owner_id
    row = task(random, lead, TaskKind.MATTER, text, due_on=due, by=by, to=None, at=set_at)
    yield Act(set_at, by, (Make("task", row),))
    if due is None and random.random() < 0.5:
        ended = scene.soon(set_at, random, 1, 6)
        yield Act(ended, by, (closed(row, ended),))
