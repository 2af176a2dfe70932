"""What colleagues say to one another on leads: somebody is named, looks, and answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from crm.demo.office.pen import Act, Make, Tie
from crm.demo.office.scene import Colleague, LeadSeen, Scene, new
from models.enums import Role, Status

A_LEAD, LEAST, MOST = 0.15, 4, 2_000
# Working days before the last one: who was named since then has mostly not looked yet.
RECENT = 1
LATELY = 0.3

# What is asked and what is answered; the @ stands for whom it names.
TALKS = (
    ("@ 对方问的用地红线图，你那边有最新的吗？", "@ 有，已放在附件里，以那一版为准。"),
    ("@ 下周接待能不能一起去？对方研发负责人也来。", "@ 可以，时间定了告诉我。"),
    ("@ 这家和你在谈的那家是同一集团，先对一下口径。", "@ 对过了，按我们这边的口径说。"),
    ("@ 请看一下上次的纪要，第三点和我们给的答复不一致。", "@ 是我写错了，今天改好。"),
    ("@ 兑现时间对方又问了，建议我们写一个统一说法。", "@ 同意，我起草，周五前给大家看。"),
    ("@ 他们财务换人了，新联系人我加在联系人里了。", "@ 收到，我先打个电话认识一下。"),
    ("@ 园区说那层年底前能腾出来，要不要先锁定？", "@ 先别锁，等对方书面确认面积。"),
    ("@ 对方提的面积比上次大一倍，测算要重做。", "@ 重做了，新表在附件里，差额不大。"),
    ("@ 我下周休假，这条先请你盯一下周三的回话。", "@ 我来盯，有变化在这里说。"),
    ("@ 上会材料缺用工计划，今天能补上吗？", "@ 已经补了，麻烦再看一眼。"),
)
NOTED = (
    "电话里听得出对方在比两个城市，租金不是关键，招人才是。",
    "记一笔：对方预算年度是四月到次年三月，立项要赶在一月前。",
    "他们对上一次的接待评价不错，提到了园区食堂和班车。",
    "对方法务要看协议范本，走的是集团统一模板。",
)


def comments(scene: Scene) -> Iterator[Act]:
    """Threads of one to three."""
    random = scene.chance("comments")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    talked_of = [lead for lead in scene.leads if lead.status is Status.ACTIVE and lead.touched_at]
    for number, lead in enumerate(scene.spread(talked_of, round(wanted * 0.6), random)):
        low, high = (0, RECENT) if random.random() < LATELY else (RECENT + 1, 90)
        begun = max(scene.ago(random, low, high), lead.created_at + timedelta(minutes=30))
        yield from _thread(scene, random, lead, begun, alone=number % 5 == 4)
    # Whoever signs in as the first scout is asked something, too.
    first = scene.the(Role.SCOUT)
    for lead in [one for one in talked_of if one.owner_id == first.id][:1]:
        begun = max(scene.ago(random, 0, 0), lead.created_at + timedelta(minutes=30))
        asks = random.choice(_readers(scene, lead))
        yield _said(random, lead, asks, first, random.choice(TALKS)[0], begun)


def _thread(
    scene: Scene, random: Random, lead: LeadSeen, begun: datetime, *, alone: bool
) -> Iterator[Act]:
    owner = scene.by_id[lead.owner_id]
    if alone:
        yield _said(random, lead, owner, None, random.choice(NOTED), begun)
        return
    other = random.choice(_readers(scene, lead))
    asks, asked = (owner, other) if random.random() < 0.4 else (other, owner)
    answer_at = begun + timedelta(minutes=random.randint(12, 200))
    late = begun >= scene.days.moment(max(0, scene.days.last - RECENT), 0)
    answered = answer_at < scene.days.at and random.random() < (0.3 if late else 0.75)
    # Who answers has looked.
    seen = answer_at - timedelta(minutes=random.randint(1, 10)) if answered or not late else None
    question, answer = random.choice(TALKS)
    yield _said(random, lead, asks, asked, question, begun, seen=seen)
    if answered:
        back = None if late else answer_at + timedelta(minutes=random.randint(5, 90))
        yield _said(random, lead, asked, asks, answer, answer_at, seen=back)


def _readers(scene: Scene, lead: LeadSeen) -> list[Colleague]:
    """Who else reads the lead: the team, the managers, its liaison leader."""
    found = [*scene.mates(lead), scene.the(Role.MANAGER)]
    if lead.liaison_id is not None:
        found.append(scene.by_id[lead.liaison_id])
    return found


def _said(
    random: Random,
    lead: LeadSeen,
    author: Colleague,
    to: Colleague | None,
    text: str,
    at: datetime,
    *,
    seen: datetime | None = None,
) -> Act:
    named = text.replace("@", f"@{to.name}", 1) if to else text
    row = new(random, lead_id=lead.id, author_id=author.id, text=named, created_at=at)
    mention = Tie("mention", {"comment_id": row, "user_id": to.id, "seen_at": seen}) if to else None
    return Act(at, author.id, (Make("comment", row), *((mention,) if mention else ())))
