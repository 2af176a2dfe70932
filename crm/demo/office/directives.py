"""What the leaders asked for: answered, put off, taken back, open and late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from crm.clock import local_date
from crm.demo.office.pen import Act, Change, Make
from crm.demo.office.scene import LeadSeen, Scene
from crm.demo.office.work import closed, task
from crm.demo.records import Values
from models.enums import Role, Stage, TaskKind, TaskState

A_LEAD, LEAST, MOST = 0.06, 3, 800
# Of all so many are open, due on these working days from today on.
OPEN = 0.45
DUE = (0, 2, -2, 1, 5, 3, -5, 8, 4)
PUT_OFF, RETRACTED = 0.25, 0.06
KEY_STAGES = (Stage.NEGOTIATING, Stage.COMMITTED, Stage.REGISTERED, Stage.LANDED)

# What is asked for, and what is answered.
TALKING = (
    (
        "请把对方最关心的三件事列出来，例会上报",
        "三件事：用工、公寓、兑现时间。前两件已书面答复，第三件等财政。",
    ),
    ("场地方案和园区对一次，给一个能签的面积", "已和园区对过，给了两个面积方案，对方在内部比选。"),
    ("约对方主要负责人来嘉兴一趟，时间报我", "对方负责人下周三来，接待方案已经排好。"),
    (
        "请说明为什么慢下来了，需要谁出面",
        "停在集团立项，财务总监已回话，月底前过会，暂不用领导出面。",
    ),
    ("和省外同类条件比一比，差在哪里", "比了三个城市，租金我们低，人才配套弱，已请人社配合。"),
    ("盯住立项批复，有变化当天告诉我", "今天问过，材料在法务，预计月底批，有变化当天报。"),
    ("请财政把测算口径定下来再谈", "口径定了，按近一年的软件业务收入算，测算表已发对方。"),
    ("请把项目风险写半页纸，评审会用", "已写好：股权有一处质押，其余正常，随评审材料上会。"),
)
SIGNED = (
    ("落地后的用工和社保人数核一遍", "用工和社保人数一致，差的两位是外派，已附说明。"),
    ("这家的上下游一起摸一遍，列个名单", "名单列了九家，其中四家已经有人在联系。"),
    ("协议里的节点逐条对一下，晚了的说原因", "六个节点完成四个，装修晚两周，物业交房晚了，已催。"),
    ("请企业提一提还缺什么，两周内办掉", "提了三件：班车、宽带、年会场地，前两件已办。"),
)
MOVED = ("等集团过会后再报，更有把握。", "对方负责人出差，推后几天。", "和月度调度会一起报。")


def directives(scene: Scene) -> Iterator[Act]:
    """Everything that was asked for by a manager, or by the liaison leader of a lead."""
    random = scene.chance("directives")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    key = scene.active(*KEY_STAGES) or scene.active()
    ahead = scene.spread(key, round(wanted * OPEN), random)
    for number, lead in enumerate(ahead):
        yield from _open(scene, random, lead, scene.workday(DUE[number % len(DUE)]))
    others = [lead for lead in key if lead not in set(ahead)]
    for lead in scene.spread(others, wanted - len(ahead), random):
        yield from _past(scene, random, lead)


def _boss(scene: Scene, random: Random, lead: LeadSeen) -> int:
    if lead.liaison_id is not None and random.random() < 0.7:
        return lead.liaison_id
    return scene.the(Role.MANAGER).id


def _open(scene: Scene, random: Random, lead: LeadSeen, due: date) -> Iterator[Act]:
    given = max(scene.ago(random, 7, 15), lead.created_at + timedelta(minutes=20))
    if local_date(given) >= min(due, scene.today):
        return
    boss = _boss(scene, random, lead)
    put_off = random.random() < PUT_OFF
    was_on = scene.working(local_date(given) + timedelta(days=random.randint(2, 4)))
    put_off = put_off and was_on < min(due, scene.today)
    text, _answer = _words(random, lead)
    row = _row(random, lead, text, due_on=was_on if put_off else due, boss=boss, given=given)
    yield Act(given, boss, (Make("task", row),))
    if put_off:
        moved_at = scene.at(was_on, 9 * 60 + random.randint(0, 120))
        day = {
            "task_id": row,
            "was_on": was_on,
            "due_on": due,
            "reason": random.choice(MOVED),
            "set_by_id": boss,
            "set_at": moved_at,
        }
        change = Change("task", row, {"due_on": due})
        yield Act(moved_at, boss, (change, Make("directive_day", day)))


def _past(scene: Scene, random: Random, lead: LeadSeen) -> Iterator[Act]:
    given = max(scene.ago(random, 14, 190), lead.created_at + timedelta(minutes=20))
    due = scene.working(local_date(given) + timedelta(days=random.randint(4, 14)))
    boss = _boss(scene, random, lead)
    text, answered = _words(random, lead)
    row = _row(random, lead, text, due_on=due, boss=boss, given=given)
    yield Act(given, boss, (Make("task", row),))
    ended = scene.soon(given, random, 1, 9)
    if random.random() < RETRACTED:
        yield Act(ended, boss, (closed(row, ended, TaskState.CANCELLED),))
        return
    answer = {
        "task_id": row,
        "text": answered,
        "answered_by_id": lead.owner_id,
        "answered_at": ended,
    }
    yield Act(ended, lead.owner_id, (closed(row, ended), Make("directive_answer", answer)))


def _words(random: Random, lead: LeadSeen) -> tuple[str, str]:
    signed = lead.stage in {Stage.REGISTERED, Stage.LANDED}
    return random.choice(SIGNED if signed else TALKING)


def _row(
    random: Random, lead: LeadSeen, text: str, *, due_on: date, boss: int, given: datetime
) -> Values:
    return task(
        random, lead, TaskKind.DIRECTIVE, text, due_on=due_on, by=boss, to=lead.owner_id, at=given
    )
