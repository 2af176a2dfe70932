"""What is arranged for the next two weeks, and what was: held, called off, not written down yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from crm.clock import ZONE
from crm.demo.office.pen import Act, Change, Make, Tie
from crm.demo.office.scene import Known, LeadSeen, Scene, VisitSeen, new, some
from crm.demo.records import Values
from models.enums import Role, Stage, VisitMode

A_LEAD, LEAST, MOST = 0.12, 4, 1_000
# Working days from today on which the open ones are.
ON = (0, 1, 0, 2, 3, 1, 4, 5, 0, 6, 2, 7, 8, 9)
HOURS = (9 * 60 + 30, 10 * 60 + 30, 14 * 60, 15 * 60 + 30, 13 * 60 + 30, 16 * 60)
HELD, CALLED_OFF, UNWRITTEN = 0.4, 0.08, 0.06
MODES = (VisitMode.OUT, VisitMode.IN, VisitMode.IN, VisitMode.VIDEO, VisitMode.OUT, VisitMode.CALL)
KNOWN_STAGES = (Stage.ENGAGED, Stage.NEGOTIATING, Stage.COMMITTED, Stage.REGISTERED)
# So far back a reception is told how it was prepared.
RECEIVED_SINCE = timedelta(days=45)

AT_HOME = (
    "智创园 2 号楼 301 会议室",
    "招商服务中心一楼洽谈室",
    "南湖园区展厅",
    "桐乡园区 A 座大堂集合",
)
OUT_THERE = ("对方总部前台", "对方研发中心 5 楼", "对方分公司会议室", "对方园区南门")
HOSTS = (
    "局领导见面 20 分钟，业务科全程陪同",
    "挂钩领导主谈，园区介绍载体",
    "小分队队长接待，人社、财政到场",
    "业务科接待，午餐在园区食堂",
)
MATERIALS = (
    "园区手册、楼层平面图、测算表各 5 份，7 座商务车一辆",
    "产业链图、招工数据，展厅讲解 15 分钟",
    "协议草案两份，投影和翻页笔",
    "接待手册、欢迎屏，桌签 8 个",
)


def appointments(scene: Scene) -> Iterator[Act]:
    """Everything that was arranged with a company in the course of a lead."""
    random = scene.chance("appointments")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    leads = scene.spread(scene.active(*KNOWN_STAGES), wanted, random)
    visits = scene.visits_of(leads)
    contacts = scene.contacts_of(lead.company_id for lead in leads)
    held = round(wanted * HELD)
    for number, lead in enumerate(leads):
        who = contacts.get(lead.company_id, [])
        seen = _last_meeting(scene, visits[lead.id])
        if number >= len(leads) - held:
            if seen is not None:
                yield from _held(scene, random, lead, seen)
        elif random.random() < UNWRITTEN:
            starts = scene.at(scene.workday(-1), random.choice(HOURS))
            yield from _arranged(scene, random, lead, starts, who)
        else:
            starts = scene.at(scene.workday(ON[number % len(ON)]), HOURS[number % len(HOURS)])
            yield from _arranged(scene, random, lead, starts, who)


def _last_meeting(scene: Scene, seen: list[VisitSeen]) -> VisitSeen | None:
    since = scene.days.at - RECEIVED_SINCE
    return next(
        (
            one
            for one in reversed(seen)
            if one.mode in {VisitMode.OUT, VisitMode.IN} and one.occurred_at > since
        ),
        None,
    )


def _arranged(
    scene: Scene, random: Random, lead: LeadSeen, starts: datetime, who: list[Known]
) -> Iterator[Act]:
    """One that stands open, or was called off."""
    made = max(scene.ago(random, 0, 6), lead.created_at + timedelta(minutes=15))
    if made >= starts:
        made = starts - timedelta(hours=26)
    if made <= lead.created_at:
        return
    row = _row(random, lead, random.choice(MODES), starts, made)
    yield Act(
        made, lead.owner_id, (Make("appointment", row), *_people(scene, random, lead, row, who))
    )
    if random.random() < CALLED_OFF:
        off = min(made + timedelta(hours=random.randint(1, 20)), scene.days.at)
        change = {"cancelled_at": off, "updated_at": off, "sequence": 1}
        yield Act(off, lead.owner_id, (Change("appointment", row, change),))


def _held(scene: Scene, random: Random, lead: LeadSeen, seen: VisitSeen) -> Iterator[Act]:
    """One that was closed by its visit, which says of a reception how it was prepared."""
    local = seen.occurred_at.astimezone(ZONE)
    starts = seen.occurred_at - timedelta(minutes=local.minute % 30, seconds=local.second)
    made = starts - timedelta(days=random.randint(1, 5), minutes=random.randint(5, 90))
    if made <= lead.created_at:
        return
    row = _row(random, lead, seen.mode, starts, made)
    row["author_id"] = seen.author_id
    yield Act(made, seen.author_id, (Make("appointment", row),))
    ended = Change("appointment", row, {"visit_id": seen.id, "updated_at": seen.recorded_at})
    steps: tuple[Change | Make, ...] = (ended,)
    if seen.mode is VisitMode.IN:
        plan = {name: row[name] for name in ("host", "place", "materials")}
        steps = (ended, Make("reception", {"visit_id": seen.id, **plan}))
    yield Act(seen.recorded_at, seen.author_id, steps)


def _row(
    random: Random, lead: LeadSeen, mode: VisitMode, starts: datetime, made: datetime
) -> Values:
    received = mode is VisitMode.IN
    places = AT_HOME if received else OUT_THERE if mode is VisitMode.OUT else ("",)
    row = new(
        random,
        author_id=lead.owner_id,
        company_id=lead.company_id,
        lead_id=lead.id,
        mode=mode,
        starts_at=starts,
        minutes=random.choice((30, 60, 60, 90, 120)),
        place=random.choice(places),
        host=random.choice(HOSTS) if received else "",
        materials=random.choice(MATERIALS) if received else "",
        sequence=0,
        created_at=made,
        updated_at=made,
    )
    row["client_key"] = f"demo-{row['public_id']}"
    return row


def _people(
    scene: Scene, random: Random, lead: LeadSeen, row: Values, who: list[Known]
) -> Iterator[Tie]:
    mates = scene.mates(lead)
    if mates and random.random() < 0.4:
        yield Tie("appointment_user", {"appointment_id": row, "user_id": random.choice(mates).id})
    elif row["mode"] is VisitMode.IN and random.random() < 0.4:
        user = scene.the(Role.LIAISON_LEADER if lead.liaison_id else Role.MANAGER)
        yield Tie("appointment_user", {"appointment_id": row, "user_id": user.id})
    known = [one.id for one in who if one.known_at < row["created_at"]]
    for key in some(random, known, random.choice((0, 1, 1, 2))):
        theirs = {"appointment_id": row, "contact_id": key, "invited": False}
        yield Tie("appointment_contact", theirs)
