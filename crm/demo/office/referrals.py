"""Who led whom to us: a few companies of ours began it, and those they led lead on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

from crm.clock import local_date
from crm.demo.office.pen import Act, Make
from crm.demo.office.scene import LeadSeen, Scene, new
from models.enums import Stage

A_LEAD, LEAST, MOST = 0.1, 3, 2_000
# Of all so many began outside the database, and so many are of a company without a lead.
OUTSIDE = 0.18
# Who was led to us leads on rather than one that began it: chains of two and three.
ON = 0.55
LEVELS = 4
SOME_TIME = timedelta(days=14)
CHANNEL = "referral"

SOURCES = (
    "驻京嘉兴商会",
    "长三角一家会计师事务所",
    "一位嘉兴籍企业家",
    "合作基金的管理人",
    "省里的软件行业协会秘书处",
    "高校校友会嘉兴分会",
)
NOTES = (
    "是供应商，一起做过两个项目。",
    "同一家投资机构投的，负责人熟。",
    "在园区吃饭时提到，当场打了电话。",
    "年会上介绍认识，答应陪着来看一次。",
    "做同一条链的下游，想离得近一点。",
    "原来的同事创业，团队三十来人。",
    "",
    "",
)


def referrals(scene: Scene) -> Iterator[Act]:
    """Leads in the order in which they came, each led by one that came before."""
    random = scene.chance("referrals")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    firsts = _first_leads(scene)
    led = _led(scene, random, firsts, wanted)
    roots = _roots(random, firsts, {lead.company_id for lead in led}, wanted)
    contacts = scene.contacts_of({*roots, *(lead.company_id for lead in led)})
    wood = _Wood(firsts, [*roots, *(lead.company_id for lead in led)])
    for lead in led:
        columns = {
            "lead_id": lead.id,
            "company_id": lead.company_id,
            "source": "",
            "happened_on": _day(random, lead),
            "note": random.choice(NOTES),
        }
        referrer = wood.referrer(random, lead)
        if referrer is None or random.random() < OUTSIDE:
            columns["source"] = random.choice(SOURCES)
        else:
            known = [one.id for one in contacts.get(referrer, ()) if one.known_at < lead.created_at]
            named = known and random.random() < 0.6
            columns["referrer_id"] = referrer
            columns["contact_id"] = random.choice(known) if named else None
            wood.depth[lead.company_id] = wood.depth[referrer] + 1
        at = lead.created_at + timedelta(minutes=random.randint(3, 25))
        row = new(random, **columns, recorded_at=at, recorded_by_id=lead.owner_id)
        yield Act(at, lead.owner_id, (Make("referral", row),))


class _Wood:
    """Who may have led somebody by now: ``begun`` came by themselves, ``on`` were led to us."""

    def __init__(self, firsts: Mapping[int, LeadSeen], companies: list[int]) -> None:
        self.firsts = firsts
        self.depth: dict[int, int] = dict.fromkeys(companies, 1)
        # The earliest last.
        self.coming = sorted(companies, key=lambda key: firsts[key].created_at, reverse=True)
        self.begun: list[int] = []
        self.on: list[int] = []

    def referrer(self, random: Random, lead: LeadSeen) -> int | None:
        """A company that was there some time before: often one that was led to us itself."""
        since = lead.created_at - SOME_TIME
        while self.coming and self.firsts[self.coming[-1]].created_at < since:
            key = self.coming.pop()
            if self.depth[key] == 1:
                self.begun.append(key)
            elif self.depth[key] < LEVELS:
                self.on.append(key)
        if self.on and random.random() < ON:
            return random.choice(self.on)
        return random.choice(self.begun) if self.begun else None


def _first_leads(scene: Scene) -> Mapping[int, LeadSeen]:
    """The lead with which each company came, the earliest first."""
    found: dict[int, LeadSeen] = {}
    for lead in sorted(scene.leads, key=lambda lead: (lead.created_at, lead.id)):
        found.setdefault(lead.company_id, lead)
    return found


def _led(
    scene: Scene, random: Random, firsts: Mapping[int, LeadSeen], wanted: int
) -> list[LeadSeen]:
    """Whom somebody led to us, first of all those whose channel says so."""
    candidates = list(firsts.values())
    # Somebody has to be there before.
    candidates = candidates[len(candidates) // 6 :]
    channel = scene.channels.get(CHANNEL)
    random.shuffle(candidates)
    candidates.sort(key=lambda lead: lead.channel_id != channel)
    chosen = set(candidates[:wanted])
    return [lead for lead in firsts.values() if lead in chosen]


def _roots(random: Random, firsts: Mapping[int, LeadSeen], led: set[int], wanted: int) -> list[int]:
    """Who began it: companies that came by themselves, best those that are here by now."""
    others = [lead for lead in firsts.values() if lead.company_id not in led]
    random.shuffle(others)
    others.sort(key=lambda lead: lead.stage is not Stage.LANDED)
    return [lead.company_id for lead in others[: max(1, wanted // 6)]]


def _day(random: Random, lead: LeadSeen) -> date:
    return local_date(lead.created_at) - timedelta(days=random.randint(0, 9))
