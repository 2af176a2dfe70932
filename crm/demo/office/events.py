"""Promotion events: who was invited, who came, and the leads that came of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crm.clock import local_date
from crm.demo.office import seen_again
from crm.demo.office.pen import Act, Change, Make
from crm.demo.office.scene import Colleague, Known, LeadSeen, Scene, VisitSeen, new, some
from crm.demo.records import Values
from models.enums import Role, Status, VisitMode
from models.event import Attendance, Reply

A_LEAD, LEAST, MOST = 0.02, 3, 60
GUESTS = (12, 30)
LEADS = 4
CAME_OF_IT = timedelta(days=40)


@dataclass(frozen=True)
class Kind:
    """A kind of event; its name has the year and the city in it."""

    channel: str
    name: str
    venue: str
    purpose: str
    days: int = 1


KINDS = (
    Kind(
        "conference",
        "{year}{city}软件企业恳谈会",
        "国际会议中心 3 号厅",
        "请在{city}有研发团队的企业吃早茶，介绍嘉兴的载体、人才和通勤，会后一对一。",
    ),
    Kind(
        "exhibition",
        "{year}{city}软件与信息服务展嘉兴展区",
        "会展中心 N2 馆",
        "设 54 平方米展位，四个园区轮流值守，收名片、约回访。",
        3,
    ),
    Kind(
        "roadshow",
        "{year}长三角软件项目路演{city}场",
        "科创中心路演厅",
        "十二个项目路演，基金和园区到场点评，愿意来看的当场约时间。",
    ),
    Kind(
        "association",
        "{year}协会会员企业走进嘉兴（{city}专场）",
        "软件园会议中心",
        "与行业协会一起办，会员企业介绍需求，园区现场答。",
    ),
    Kind(
        "fund",
        "{year}基金被投企业交流会（{city}）",
        "金融街 12 楼",
        "请合作基金带被投企业来谈扩张计划，一企一桌。",
    ),
    Kind(
        "wic-matchmaking",
        "{year}乌镇对接会软件分场",
        "乌镇互联网国际会展中心 5 号厅",
        "大会期间的对接分场，提前约好三十家，当天排一对一。",
        2,
    ),
    Kind(
        "platform",
        "{year}平台企业生态伙伴对接会（{city}）",
        "开发者中心",
        "请平台企业的伙伴来对接本地制造业场景。",
    ),
)
# Where events without a city of their own take place.
WIC = "wic-matchmaking"
HOME = "嘉兴市"
ELSEWHERE = ("杭州市", "苏州市", "南京市", "武汉市")


@dataclass
class Told:
    """An event while it is told: its row, the kind, who of ours is there and who is on its list."""

    row: Values
    kind: Kind
    people: list[Colleague]
    companies: set[int]


def events(scene: Scene) -> Iterator[Act]:
    """One that is running, some ahead, the others past."""
    random = scene.chance("events")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    ahead = max(1, wanted // 4)
    open_ = [lead for lead in scene.leads if lead.status is not Status.LOST]
    leads = some(random, open_, wanted * 60)
    visits = scene.visits_of(leads)
    contacts = scene.contacts_of({lead.company_id for lead in leads})
    coming = sorted(scene.leads, key=lambda lead: lead.created_at)
    taken: set[int] = set()
    names: set[str] = set()
    for number in range(wanted):
        kind, city = _what(scene, random, number)
        if number < ahead:
            first = scene.ahead(random.randint(2, 9) + number * 7)
        elif number == ahead:
            first = scene.days.days[scene.days.last]
            kind = next((one for one in KINDS if one.days == 3), kind)
        else:
            back = 8 + (number - ahead) * 380 // wanted + random.randint(0, 15)
            first = scene.days.days[max(0, scene.days.last - back)]
        told = _event(scene, random, kind, city, first, names)
        yield from _begun(told)
        guests = _invited(random, told, leads, contacts)
        yield from _guests(scene, random, told, guests, visits)
        yield from _leads(scene, random, told, coming, taken)


def _what(scene: Scene, random: Random, number: int) -> tuple[Kind, str]:
    """A kind that the city has a channel of, and where: in a team's city, or elsewhere."""
    known = [kind for kind in KINDS if kind.channel in scene.channels] or list(KINDS)
    kind = known[number % len(known)]
    if kind.channel == WIC:
        return kind, HOME
    homes = [scene.places[place][1] for place in scene.home_of.values()]
    return kind, homes[number % len(homes)] if number % 4 and homes else random.choice(ELSEWHERE)


def _event(
    scene: Scene, random: Random, kind: Kind, city: str, first: date, names: set[str]
) -> Told:
    said = {"year": f"{first.year} ", "city": city.removesuffix("市")}
    name = kind.name.format(**said)
    if name in names:
        name = f"{name}·{first.month}月"
    names.add(name)
    team = next((key for key, at in scene.home_of.items() if scene.places[at][1] == city), None)
    ours = scene.teams[team] if team else [of[-1] for of in scene.teams.values()]
    people = [*some(random, ours, 3), *([scene.the(Role.MANAGER)] if random.random() < 0.4 else [])]
    days = [first + timedelta(days=n) for n in range(kind.days)]
    for one in people:
        scene.away[one.id] |= set(days)
    made = scene.at(first, 600) - timedelta(days=random.randint(24, 45))
    made = min(made, scene.ago(random, 3, 9))
    row = new(
        random,
        name=name,
        channel_id=scene.channels.get(kind.channel) or next(iter(scene.channels.values())),
        city=city.removesuffix("市"),
        venue=kind.venue,
        starts_on=first,
        ends_on=days[-1],
        purpose=kind.purpose.format(**said),
        team_id=team,
        created_at=made,
        created_by_id=people[0].id,
    )
    return Told(row, kind, people, set())


def _begun(told: Told) -> Iterator[Act]:
    there = (Make("event_user", {"event_id": told.row, "user_id": one.id}) for one in told.people)
    yield Act(told.row["created_at"], told.row["created_by_id"], (Make("event", told.row), *there))


def _invited(
    random: Random, told: Told, leads: Sequence[LeadSeen], contacts: Mapping[int, list[Known]]
) -> list[tuple[LeadSeen, int | None]]:
    """Companies that were known then, best those of the team, each with somebody where known."""
    before = told.row["created_at"]
    known = [lead for lead in leads if lead.created_at < before]
    own = [lead for lead in known if lead.team_id == told.row["team_id"]]
    wanted = random.randint(*GUESTS)
    chosen = {lead.company_id: lead for lead in some(random, own, wanted * 2 // 3)}
    chosen |= {lead.company_id: lead for lead in some(random, known, wanted - len(chosen))}
    found = []
    for lead in chosen.values():
        people = [one.id for one in contacts.get(lead.company_id, ()) if one.known_at < before]
        found.append((lead, random.choice(people) if people else None))
    told.companies |= set(chosen)
    return found


def _guests(
    scene: Scene,
    random: Random,
    told: Told,
    guests: Sequence[tuple[LeadSeen, int | None]],
    visits: Mapping[int, list[VisitSeen]],
) -> Iterator[Act]:
    """Each is invited, most answer, and from the first day on it is said who came."""
    for lead, contact in guests:
        by = random.choice(told.people).id
        at = told.row["created_at"] + timedelta(minutes=random.randint(20, 600))
        row = new(
            random,
            event_id=told.row,
            company_id=lead.company_id,
            contact_id=contact,
            invited_by_id=by,
            walk_in=False,
            reply=Reply.NONE,
            created_at=at,
        )
        yield Act(at, by, (Make("invitation", row),))
        reply = random.choices((Reply.ACCEPTED, Reply.DECLINED, Reply.NONE), (55, 18, 27))[0]
        answered = at + timedelta(days=random.randint(1, 8))
        if reply is not Reply.NONE and answered < scene.days.at:
            yield Act(answered, by, (Change("invitation", row, {"reply": reply}),))
        yield from _mark(scene, random, told, lead, row, reply, visits.get(lead.id, []))


def _mark(
    scene: Scene,
    random: Random,
    told: Told,
    lead: LeadSeen,
    row: Values,
    reply: Reply,
    seen: Sequence[VisitSeen],
) -> Iterator[Act]:
    marked = _marked_at(random, told.row)
    likely = {Reply.ACCEPTED: 0.85, Reply.DECLINED: 0.04, Reply.NONE: 0.2}[reply]
    came = random.random() < likely
    if marked >= scene.days.at or (not came and local_date(marked) >= scene.days.days[-1]):
        return
    by = next((one for one in told.people if one.id == lead.owner_id), told.people[0]).id
    attendance = Attendance.ATTENDED if came else Attendance.ABSENT
    columns: Values = {"attendance": attendance, "marked_at": marked}
    yield Act(marked, by, (Change("invitation", row, columns),))
    met = seen_again.whom(seen, marked) if came and by == lead.owner_id else None
    if met is None or row["contact_id"] is None:
        return
    visit, steps = seen_again.visit(
        random, lead, by, VisitMode.EVENT, marked, row["contact_id"], told.row["name"]
    )
    visit["client_key"] = f"event-{row['public_id']}"
    logged = Change("invitation", row, {"visit_id": visit})
    yield Act(visit["recorded_at"], by, (*steps, logged))


def _marked_at(random: Random, row: Values) -> datetime:
    day = row["starts_on"] + timedelta(
        days=random.randint(0, (row["ends_on"] - row["starts_on"]).days)
    )
    start: datetime = row["created_at"]
    moment = datetime.combine(day, start.timetz())
    return moment.replace(hour=random.randint(1, 8), minute=random.randint(0, 59))


def _leads(
    scene: Scene,
    random: Random,
    told: Told,
    coming: Sequence[LeadSeen],
    taken: set[int],
) -> Iterator[Act]:
    """Leads that were registered soon after, best those whose channel says so: they had come
    uninvited where they were not on the list. ``coming``: all leads, the earliest first."""
    first: date = told.row["starts_on"]
    since, until = scene.at(first, 600), scene.at(first, 600) + CAME_OF_IT
    begin, end = (
        bisect_left(coming, at, key=lambda lead: lead.created_at) for at in (since, until)
    )
    fitting = [lead for lead in coming[begin:end] if lead.id not in taken]
    random.shuffle(fitting)
    fitting.sort(key=lambda lead: lead.channel_id != told.row["channel_id"])
    for lead in fitting[: random.randint(1, LEADS)]:
        taken.add(lead.id)
        at = lead.created_at + timedelta(minutes=random.randint(4, 30))
        linked = {
            "event_id": told.row,
            "lead_id": lead.id,
            "linked_at": at,
            "linked_by_id": lead.owner_id,
        }
        steps: tuple[Make, ...] = (Make("event_lead", linked),)
        if lead.company_id not in told.companies:
            told.companies.add(lead.company_id)
            guest = new(
                random,
                event_id=told.row,
                company_id=lead.company_id,
                walk_in=True,
                reply=Reply.NONE,
                attendance=Attendance.ATTENDED,
                marked_at=at,
                created_at=at,
            )
            steps = (Make("invitation", guest), *steps)
        yield Act(at, lead.owner_id, steps)
