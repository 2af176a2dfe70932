"""A small city in which every role has something of its own, and something that is another's."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import Right
from crm.access.policy import RIGHTS
from crm.companies.other_names import add_name
from crm.files import FileStore
from crm.leads.archiving import archive_lead
from crm.leads.attachments import attach_to_lead
from crm.leads.bulk import choose, preview
from crm.leads.bulk_values import BulkChange
from crm.leads.views import Shown, save_view
from crm.offers.rules import Proposal
from crm.offers.service import propose
from models.archive import ArchiveEntry
from models.attachment import AttachmentKind
from models.bulk_edit import BulkKind
from models.comment import Comment
from models.company import Company, CompanyRelation, NameKind, RelationKind
from models.contact import Contact, ContactRole
from models.enums import MessageState, Role, Stage, VisitMode
from models.lead import Lead
from models.message import Message
from models.note import Note
from models.place import Park
from models.premises import Premises
from models.user import User
from tests.clients import Client
from tests.files.making import PDF
from tests.leads.importing.ledgers import ledger
from tests.leads.making import NOW, TODAY, a_lead, a_visit, actor_of
from tests.people import People
from tests.walks import making

LIST, YEAR = "china-software-100", 2018
SHEET = "排名,企业名称\n1,第一软件有限公司\n2,第二软件有限公司\n"


@dataclass(frozen=True)
class World:
    """Who signs in as what; the public ids of own (Beijing's) and foreign (Chengdu's) records."""

    emails: dict[Role, str]
    ids: dict[str, dict[str, str]]
    extra: dict[str, Any]

    def records(self, endpoint: str) -> dict[str, str]:
        """What the public id of that endpoint's address names."""
        return self.ids.get(endpoint) or self.ids[endpoint.split(".", maxsplit=1)[0]]

    def values(self, endpoint: str, arguments: set[str], which: str) -> dict[str, Any]:
        """The values of an address of that endpoint: of the own, the foreign or no record."""
        fixed: dict[str, Any] = {
            "list_code": LIST,
            "year": YEAR,
            "code": "FND-DB",
            "key": Stage.IDENTIFIED.value,
            "filename": "css/app.css",
            "ending": "xlsx",
            "kind": "signed",
            "name": "need",
            "entry": "next_step",
            "secret": "nobodys",
            "rule": "cadence",
            "purpose": "done",
            "way": "wecom",
            "word": "nobodys",
            **self.extra,
        }
        found = {name: fixed[name] for name in arguments if name in fixed}
        if "public_id" in arguments:
            found["public_id"] = self.records(endpoint).get(which, "zzzzzzzzzzzz")
        for name, noun in (("stop_id", "stops"), ("visit_id", "visits")):
            if name in arguments:
                found[name] = self.ids[noun].get(which, "zzzzzzzzzzzz")
        return found


def build(people: People, session: Any, app: Any) -> World:
    """Make it; everything is committed."""
    users = _people(people)
    scout, chengdu = users[Role.SCOUT], people.scout("chengdu")
    own, foreign = a_lead(scout), a_lead(chengdu)
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    own.stage, own.park_id, own.district_id = Stage.NEGOTIATING, park.id, park.district_id
    own.liaison_id = users[Role.LIAISON_LEADER].id
    signed = _signed(session, users, chengdu, park)
    steps = {"own": making.a_step(session, own), "foreign": making.a_step(session, foreign)}
    asked = {
        "own": making.a_directive(session, own),
        "foreign": making.a_directive(session, foreign),
    }
    said = {"own": _comment(session, own, scout), "foreign": _comment(session, foreign, chengdu)}
    visit, other_visit = a_visit(own, scout), a_visit(foreign, chengdu, VisitMode.CALL)
    company = {"own": session.get_one(Company, own.company_id).public_id}
    extra = _company_parts(session, own.company_id, foreign.company_id)
    extra["merger_id"] = making.a_merger(users[Role.MANAGER], company["own"])
    leads = {"own": own.public_id, "foreign": foreign.public_id}
    offers = {"own": _offer(own, scout), "foreign": _offer(foreign, chengdu)}
    visits = {"own": visit.public_id, "foreign": other_visit.public_id}
    papers = {"own": _paper(app, own, scout), "foreign": _paper(app, foreign, chengdu)}
    goes = [scout, *(one for role, one in users.items() if Right.LOG_VISITS in RIGHTS[role])]
    trip, other_trip = making.a_trip(goes, visit), making.a_trip([chengdu], other_visit)
    trips = {"own": trip[0], "foreign": other_trip[0]}
    ids = {
        "leads": leads,
        "stage_changes": leads,
        "lead_facts": leads,
        "lead_edits": leads,
        "placements": leads,
        "hand_overs": leads,
        "visits": visits,
        "visit_edits": visits,
        "appointments": {
            "own": making.an_appointment(own, scout),
            "foreign": making.an_appointment(foreign, chengdu),
        },
        "appointments.of_lead": leads,
        "offers": offers,
        "offers.new": leads,
        "offers.create_offer": leads,
        "offers.see": leads,
        "attachments": papers,
        "attachments.new_on_lead": leads,
        "attachments.create_on_lead": leads,
        "attachments.new_on_visit": visits,
        "attachments.create_on_visit": visits,
        "next_steps": leads,
        "snoozes": leads,
        "reminders": leads,
        "registrations": leads,
        "arrivals": leads,
        **signed,
        "directives": asked,
        "directives.new": leads,
        "directives.create": leads,
        "matters": {
            "own": making.a_matter(session, own),
            "foreign": making.a_matter(session, foreign),
        },
        "promises": {
            "own": making.a_promise(session, own),
            "foreign": making.a_promise(session, foreign),
        },
        "promises.new": leads,
        "promises.create": leads,
        "tasks": {"own": making.a_task(session, own), "foreign": making.a_task(session, foreign)},
        "tasks.new": leads,
        "tasks.create": leads,
        "matters.new": leads,
        "matters.create": leads,
        "comments": said,
        "comments.new": leads,
        "comments.create": leads,
        "comments.see": leads,
        "next_steps.put_off": steps,
        "calendar": steps,
        "next_steps.complete": steps,
        "removals": leads,
        "removals.of_visit": visits,
        "removals.of_company": company,
        "trash.restore": {"own": _archived(scout), "foreign": _archived(chengdu)},
        "companies": company,
        "company_names": company,
        "bulk_edits": {"own": _bulk_edit(own, scout)},
        **making.an_event(scout, own),
        **making.a_referral(scout, own, leads, company),
        "saved_views": {"own": _saved_view(scout), "foreign": _saved_view(chengdu)},
        "chain_judgements": {"own": making.a_judgement(users[Role.MANAGER])},
        "outbox": {"own": _letter(session, scout)},
        "accounts": {"own": people.scout().public_id},
        "trips": trips,
        "trip_stops": trips,
        "stops": {"own": trip[1], "foreign": other_trip[1]},
        "exports.trip_report": trips,
        # Everybody's own tokens only: whoever walks finds none under this.
        "tokens": {},
        "leaves": {},
    }
    purged = _archived(scout)
    extra["entry_id"] = session.scalar(
        sa.select(ArchiveEntry.public_id)
        .join(Lead, Lead.id == ArchiveEntry.lead_id)
        .where(Lead.public_id == purged)
    )
    session.commit()
    extra["number"] = making.a_notice(session, own, scout)
    extra |= making.a_guest(ids, scout, company["own"]) | {"lead_id": own.public_id}
    session.commit()
    emails = {role: user.email for role, user in users.items()}
    ids["lead_imports"] = {
        "own": _ledger(Client(app), emails[Role.TEAM_LEAD]),
        "foreign": _ledger(Client(app), people.team_lead("chengdu").email),
    }
    ids["target_imports"] = {"own": _import(Client(app), emails[Role.ADMINISTRATOR])}
    return World(emails, ids, extra | {"company_id": company["own"], "seq": 1, "lang": "zh"})


def _signed(
    session: Any, users: dict[Role, User], chengdu: User, park: Park
) -> dict[str, dict[str, str]]:
    """A landed lead of each with premises; a project that has landed keeps its last.

    Its page has everything to read: a note, a landing, edits that name people and places.
    """
    leads, premises = {}, {}
    for which, user in (("own", users[Role.SCOUT]), ("foreign", chengdu)):
        lead = a_lead(user)
        lead.liaison_id = users[Role.LIAISON_LEADER].id if which == "own" else None
        lead.stage, lead.district_id = Stage.LANDED, park.district_id
        # Another park's or nobody's: a park officer sees only leads of their own place.
        lead.park_id = park.id if which == "own" else None
        space = Premises(
            lead_id=lead.id,
            district_id=park.district_id,
            park_id=lead.park_id,
            area_m2=600,
            lease_start=TODAY,
            created_at=NOW,
            created_by_id=user.id,
        )
        note = Note(lead_id=lead.id, key="1", text="去年来过一次", recorded_at=NOW)
        session.add_all([space, note])
        session.flush()
        leads[which], premises[which] = lead.public_id, space.public_id
    return {"premises.new": leads, "premises.restore": leads, "premises": premises}


def _comment(session: Any, lead: Lead, by: User) -> str:
    """A comment on a lead."""
    comment = Comment(lead_id=lead.id, author_id=by.id, text="对方在等方案", created_at=clock.now())
    session.add(comment)
    session.flush()
    return comment.public_id


def _offer(lead: Lead, by: User) -> str:
    """An offer that waits for a decision."""
    proposal = Proposal({"project-subsidy": 5_000_000})
    return propose(lead.public_id, proposal, actor_of(by), NOW).public_id


def _archived(owner: User) -> str:
    """A lead in the trash, put there by its owner."""
    lead = a_lead(owner)
    archive_lead(lead.public_id, "", actor_of(owner), NOW)
    return lead.public_id


def _bulk_edit(lead: Lead, by: User) -> str:
    """A change of several leads that waits for its second look."""
    who = actor_of(by)
    key = choose([lead.public_id], BulkKind.PLACE, who, NOW).public_id
    return preview(key, BulkChange(place="district:haining"), who, NOW).public_id


def _saved_view(by: User) -> str:
    """A list that a team has saved for itself."""
    shown = Shown({"stage": "negotiating"}, "days")
    return save_view("洽谈最久", "team", shown, actor_of(by), NOW).public_id


def _paper(app: Any, lead: Lead, by: User) -> str:
    """A file on a lead, in its place."""
    store: FileStore = app.extensions["crm.files"]
    with store.receive("方案.pdf", io.BytesIO(PDF)) as file:
        paper = attach_to_lead(lead.public_id, file, AttachmentKind.FILE, actor_of(by), NOW)
        file.settle()
        return paper.public_id


def _letter(session: Any, to: User) -> str:
    """A mail in the outbox that could not be delivered."""
    letter = Message(
        message_id="<1@test.example>",
        kind="digest",
        recipient_id=to.id,
        period="2026-11-25",
        to_address=to.email,
        subject="今天先联系 1 家",
        text_body="一家",
        html_body="<p>一家</p>",
        state=MessageState.DEAD,
        due_at=NOW,
        created_at=NOW,
    )
    session.add(letter)
    session.flush()
    return letter.public_id


def _company_parts(session: Any, company_id: int, child_id: int) -> dict[str, Any]:
    """A person who works there, and a subsidiary."""
    contact = Contact(name="沈一帆", created_at=NOW)
    session.add(contact)
    session.flush()
    relation = CompanyRelation(
        parent_id=company_id, child_id=child_id, kind=RelationKind.SUBSIDIARY
    )
    session.add_all([ContactRole(contact_id=contact.id, company_id=company_id), relation])
    session.flush()
    name = add_name(session.get_one(Company, company_id), "Starlink Software", NameKind.ENGLISH)
    return {"contact_id": contact.public_id, "relation_id": relation.id, "name_id": name.id}


def _people(people: People) -> dict[Role, User]:
    places = {Role.SCOUT: "team", Role.TEAM_LEAD: "team", Role.PARK_OFFICER: "park"}
    codes = {"team": "beijing", "park": "nanhu"}
    return {
        role: people.make(role, **({places[role]: codes[places[role]]} if role in places else {}))
        for role in Role
    }


def _import(client: Client, email: str) -> str:
    """An edition with its entries, and a second import that still waits."""
    client.sign_in(email)
    client.get("/targets/import")
    first = _upload(client, SHEET)
    applied = client.post(f"/targets/import/{first}/application")
    assert applied.status_code == 302, applied.text
    return _upload(client, SHEET + "3,第三软件有限公司\n")


def _ledger(client: Client, email: str) -> str:
    """A ledger of their team that waits, with a row in error."""
    client.sign_in(email)
    client.get("/leads/import")
    file = (
        io.BytesIO(ledger({"投资方": "账本软件有限公司", "责任小分队": ""}, {"责任小分队": ""})),
        "ledger.csv",
    )
    sent = client.post("/leads/import", {"mode": "add", "file": file})
    found = re.search(r"/leads/import/(\w{12})", sent.location or "")
    assert found, sent.text
    return found.group(1)


def _upload(client: Client, sheet: str) -> str:
    file = (io.BytesIO(sheet.encode()), "list.csv")
    sent = client.post("/targets/import", {"list": LIST, "year": str(YEAR), "file": file})
    found = re.search(r"/targets/import/(\w{12})", sent.location or "")
    assert found, sent.text
    return found.group(1)
