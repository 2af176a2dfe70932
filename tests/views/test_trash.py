"""The trash as people use it: put away, undone, found again, brought back, purged."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.companies.service import create_company
from crm.files import FileStore
from crm.leads.archiving import archive_lead
from crm.leads.comments import remove as remove_comment
from crm.leads.comments import write
from crm.leads.next_steps import set_next_step
from crm.trash.purging import NOBODY, pointing_at
from crm.trash.rules import BEFORE, OFFICIAL
from crm.visits.service import log_visit
from models.archive import ArchiveEntry
from models.attachment import Attachment, Blob
from models.audit import Change, ChangeSet
from models.comment import Comment
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import Role
from models.lead import Lead
from models.saved_view import SavedView
from models.stage_change import StageChange
from models.visit import Visit, VisitContact
from tests.clients import Client
from tests.files import making
from tests.landing.making import a_signed_lead
from tests.leads.making import NOW, TODAY, a_lead, a_visit, actor_of, some_leads
from tests.people import People
from tests.views.counting import statements
from tests.views.test_attachments import upload
from tests.visits.test_service import visit_of

CHIP = re.compile(r'class="chip[^>]*>([^<×]+?) ?(?:×)?</a>')
ROW = re.compile(r'data-testid="trash-row" data-id="(\w+)"')


def rows(page: Any) -> list[str]:
    assert page.status_code == 200
    return ROW.findall(page.text)


def test_put_away_undone_and_found_again(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, "东软集团股份有限公司").public_id
    client.sign_in(scout.email)
    assert f"/leads/{lead}/removal" in client.get(f"/leads/{lead}").text
    assert "先不归档" in client.get(f"/leads/{lead}/removal").text
    gone = client.post(f"/leads/{lead}/removal", {"reason": "重复登记"})
    assert gone.status_code == 302
    shown = client.get(gone.location).text
    assert "线索已归档" in shown
    assert "/restoration" in shown
    page = client.get(f"/leads/{lead}")
    assert 'data-testid="archived"' in page.text
    assert "重复登记" in page.text
    assert client.post(f"/leads/{lead}/restoration").location.endswith(f"/leads/{lead}")
    assert 'data-testid="archived"' not in client.get(f"/leads/{lead}").text
    client.post(f"/leads/{lead}/removal")
    (entry,) = rows(client.get("/trash?kind=leads"))
    assert client.post(f"/trash/{entry}/restoration").location.endswith(f"/leads/{lead}")
    assert rows(client.get("/trash")) == []


def test_what_is_sent_to_a_lead_that_was_archived_meanwhile_is_told_where_it_is(
    client: Client, people: People
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout, "东软集团股份有限公司").public_id
    archive_lead(lead, "重复登记", actor_of(boss), NOW)
    people.session.commit()
    client.sign_in(scout.email)
    for path, sent in (("edit", {"need": "场地"}), ("stage-changes", {"to_stage": "engaged"})):
        typed = {**sent, "draft": "lead:x", "draft_at": f"/leads/{lead}/{path}"}
        page = client.post(f"/leads/{lead}/{path}", typed)
        assert page.status_code == 404
        assert 'data-testid="archived"' in page.text
        assert "您填的还在" in page.text
        assert "/restoration" in page.text
        # Over a page or in its place: that page leads on, and the draft stays.
        placed = client.post(f"/leads/{lead}/{path}", typed, headers={"HX-Request": "true"})
        assert (placed.status_code, placed.headers["HX-Redirect"]) == (404, f"/leads/{lead}")
        then = client.get(f"/leads/{lead}").text
        assert "您填的还在" in then
        assert "data-draft-done" not in then
    assert "恢复后再试一次" in client.post(f"/leads/{lead}/matters").text
    told = client.post(f"/leads/{lead}/comments", json={"text": "好"})
    assert told.status_code == 404
    assert told.json["code"] == "not_found"
    assert boss.name in told.json["message"]
    assert told.json["errors"] == {}
    # Whoever may not bring it back is told nothing; nor is what was never there.
    stranger = Client(client.app).sign_in(people.scout("shanghai").email)
    for who, address in ((stranger, lead), (client, "nothere")):
        page = who.post(f"/leads/{address}/edit", {"need": "场地"})
        assert page.status_code == 404
        assert 'data-testid="archived"' not in page.text
    assert client.post(f"/leads/{lead}/restoration").status_code == 302
    assert client.post(f"/leads/{lead}/comments", {"text": "好"}).status_code == 302


def test_each_sees_what_they_may_bring_back(client: Client, people: People) -> None:
    owner, colleague, chief = people.scout(), people.scout(), people.team_lead()
    foreign, boss = people.scout("shanghai"), people.manager()
    key = a_lead(owner, need="想要场地").public_id
    archive_lead(key, "写错了", actor_of(owner), NOW)
    people.session.commit()
    for user, sees in ((owner, 1), (colleague, 0), (chief, 1), (foreign, 0), (boss, 1)):
        visitor = Client(client.app).sign_in(user.email)
        assert len(rows(visitor.get("/trash"))) == sees
        assert visitor.get(f"/leads/{key}").status_code == (200 if sees else 404)
        if not sees:
            assert visitor.post(f"/leads/{key}/restoration").status_code == 404
    admin = Client(client.app).sign_in(people.administrator().email)
    page = admin.get("/trash")
    assert len(rows(page)) == 1
    assert "写错了" not in page.text
    assert key not in page.text
    assert admin.get(f"/leads/{key}").status_code == 404
    officer = Client(client.app).sign_in(people.make(Role.SECURITY_OFFICER).email)
    assert officer.get("/trash").status_code == 404
    # The auditor reads it all, and brings nothing back.
    auditor = Client(client.app).sign_in(people.make(Role.AUDITOR).email)
    page = auditor.get("/trash")
    (entry,) = rows(page)
    assert "写错了" in page.text
    assert "/restoration" not in page.text
    assert 'href="/trash"' in page.text
    assert auditor.post(f"/trash/{entry}/restoration").status_code == 404
    assert auditor.post(f"/leads/{key}/restoration").status_code == 403


def test_comments_files_and_views_come_back_from_here(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    comment = write(lead.public_id, "说错了", (), actor_of(scout), now=NOW)
    remove_comment(comment.public_id, actor_of(scout), now=NOW)
    people.session.commit()
    client.sign_in(scout.email)
    page = client.get("/trash?kind=comments")
    (entry,) = rows(page)
    assert "说错了" in page.text
    # Nobody else's: neither a colleague nor who may purge reads or brings back what one said.
    auditor = people.make(Role.AUDITOR)
    for other in (people.scout(), people.manager(), people.administrator(), auditor):
        visitor = Client(client.app).sign_in(other.email)
        assert "说错了" not in visitor.get("/trash").text
        assert visitor.post(f"/trash/{entry}/restoration").status_code == 404
    assert client.post(f"/trash/{entry}/restoration").status_code == 302
    assert rows(client.get("/trash?kind=comments")) == []
    client.post("/views?scope=mine", {"name": "我的", "visibility": "private"})
    view = re.search(r"view=(\w+)", client.get("/leads").text)
    assert view
    client.post(f"/views/{view[1]}/removal")
    (entry,) = rows(client.get("/trash?kind=views"))
    assert client.post(f"/trash/{entry}/restoration").location.endswith(f"view={view[1]}")


def test_pages_of_many(client: Client, people: People) -> None:
    boss = people.manager()
    scout = people.scout()
    who = actor_of(boss)
    for lead in some_leads(scout, 32):
        archive_lead(lead.public_id, "", who, NOW)
    people.session.commit()
    client.sign_in(boss.email)
    first = client.get("/trash")
    assert len(rows(first)) == 30
    more = re.search(r'href="(/trash\?[^"]*cursor=[^"]+)"', first.text)
    assert more
    second = rows(client.get(more[1].replace("&amp;", "&")))
    assert len(second) == 2
    assert not set(second) & set(rows(first))
    assert statements(first) <= 15


def test_purged_for_good(client: Client, app: Flask, people: People, session: Any) -> None:
    scout, admin = people.scout(), people.administrator(name="罗薇")
    lead = a_lead(scout, need="不该留下的话")
    a_visit(lead, scout)
    write(lead.public_id, "也不该留下", (), actor_of(scout), now=NOW)
    set_next_step(lead, "约时间", TODAY, now=NOW, by=scout.id)
    session.commit()
    client.sign_in(scout.email)
    added = upload(client, f"/leads/{lead.public_id}/attachments", (making.PDF, "方案.pdf"))
    assert added.status_code == 302, added.text
    store: FileStore = app.extensions["crm.files"]
    blob = session.scalars(sa.select(Blob)).one()
    sha, size, number = blob.sha256, blob.size, lead.id
    assert store.has(sha, size)
    client.post(f"/leads/{lead.public_id}/removal")
    office = Client(app).sign_in(admin.email)
    (entry,) = rows(office.get("/trash"))
    path = f"/trash/{entry}/purge"
    assert "不能恢复" in office.get(path).text
    assert office.post(path, {"reason": " "}).status_code == 422
    assert store.has(sha, size)
    assert office.post(path, {"reason": "本人要求删除"}).status_code == 302
    session.expire_all()
    for model in (Lead, Comment, ArchiveEntry, Attachment, Blob):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0, model
    assert not store.has(sha, size)
    # The visit is its author's and the company's, and what was append-only stays.
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(StageChange)) == 1
    last = session.execute(
        sa.select(Change.before, ChangeSet.reason, ChangeSet.actor_id)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .where(Change.subject == "lead", Change.subject_id == number)
        .order_by(Change.seq.desc())
        .limit(1)
    ).one()
    assert last == ({"purged": True}, "本人要求删除", admin.id)
    assert office.get(path).status_code == 404


def test_every_kind_is_found_brought_back_and_purged(
    client: Client, app: Flask, people: People, session: Any
) -> None:
    """A visit with its file, a person, a company: through the pages, by who may."""
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout, "东软集团股份有限公司")
    visit = log_visit(visit_of(lead, summary="不该留下的话"), actor_of(scout), NOW).visit
    person = session.scalars(sa.select(Contact)).one()
    spare = create_company("备用软件有限公司", now=NOW).public_id
    at = session.get_one(Company, lead.company_id).public_id
    number, person_id = visit.id, person.id
    addresses = {
        "visits": f"/visits/{visit.public_id}",
        "contacts": f"/companies/{at}/contacts/{person.public_id}",
        "companies": f"/companies/{spare}",
    }
    session.commit()
    store: FileStore = app.extensions["crm.files"]
    scouts, bosses = client.sign_in(scout.email), Client(app).sign_in(boss.email)
    office = Client(app).sign_in(people.administrator().email)
    # A file of a visit stands here, too; who purges reads none of its name.
    path = addresses["visits"]
    upload(scouts, f"{path}/attachments", (making.PDF, "会谈照片.pdf"))
    paper = session.scalars(sa.select(Attachment)).one().public_id
    blob = session.scalars(sa.select(Blob)).one()
    sha, size = blob.sha256, blob.size
    scouts.post(f"/attachments/{paper}/removal")
    assert "会谈照片" in scouts.get("/trash?kind=files").text
    assert "会谈照片" not in office.get("/trash?kind=files").text
    (entry,) = rows(scouts.get("/trash?kind=files"))
    assert scouts.post(f"/trash/{entry}/restoration").location.endswith(path)
    for kind, address in addresses.items():
        who = bosses if kind == "companies" else scouts
        assert f"{address}/removal" in who.get(address).text
        gone = who.post(f"{address}/removal", {"reason": "记错了"})
        assert gone.status_code == 302, gone.text
        assert "/restoration" in who.get(gone.location).text
        (entry,) = rows(who.get(f"/trash?kind={kind}"))
        every = who.get("/trash")
        assert rows(every)[0] == entry
        assert {"走访", "联系人", "评论"} <= set(CHIP.findall(every.text))
        shown = who.get(address)
        assert shown.status_code == (404 if kind == "contacts" else 200)
        assert who.post(f"/trash/{entry}/restoration").status_code == 302
        assert who.get(address).status_code == 200
        assert 'data-testid="archived"' not in who.get(address).text
        who.post(f"{address}/removal", {"reason": "记错了"})
    stranger = Client(app).sign_in(people.scout("chengdu").email)
    assert rows(stranger.get("/trash")) == []
    # Everybody may know where the company is; its managers bring it back.
    assert "局领导或系统管理员" in stranger.get(addresses["companies"]).text
    assert stranger.get(addresses["visits"]).status_code == 404
    listed = office.get("/trash")
    assert len(rows(listed)) == 3
    assert "不该留下" not in listed.text
    assert "沈" not in listed.text
    assert statements(listed) <= 15
    for kind in ("contacts", "visits", "companies"):
        (entry,) = rows(office.get(f"/trash?kind={kind}"))
        assert office.get(f"/trash/{entry}/purge").status_code == 200
        assert office.post(f"/trash/{entry}/purge", {"reason": "本人要求"}).status_code == 302
        if kind == "contacts":
            # The visit goes on having met somebody; who that was is gone.
            session.expire_all()
            kept = session.get_one(Contact, person_id)
            assert (kept.name, kept.phone) == (NOBODY, None)
    session.expire_all()
    for model in (Visit, VisitContact, ArchiveEntry, Attachment, Blob, ContactRole):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0, model
    assert session.scalars(sa.select(Company.name)).all() == ["东软集团股份有限公司"]
    assert not store.has(sha, size)
    last = sa.select(Change.before).where(Change.subject == "visit", Change.subject_id == number)
    assert session.scalars(last.order_by(Change.seq.desc())).first() == {"purged": True}
    names = sa.select(Change.before).where(Change.subject == "contact", Change.field == "name")
    assert session.scalars(names).all() == [None]


def test_an_official_record_keeps_its_lead(client: Client, people: People) -> None:
    lead = a_signed_lead(people.scout())
    archive_lead(lead.public_id, "", actor_of(people.manager()), NOW)
    people.session.commit()
    client.sign_in(people.administrator().email)
    (entry,) = rows(client.get("/trash"))
    refused = client.post(f"/trash/{entry}/purge", {"reason": "清掉"})
    assert refused.status_code == 422
    assert "政策测算" in refused.text
    people.session.expire_all()
    assert people.session.get(Lead, lead.id) is not None


def test_every_table_says_what_a_purge_does_with_it() -> None:
    """What refers to a record goes with it or keeps it: a new table is put on one of two lists."""
    known = OFFICIAL.keys() | BEFORE.keys()
    for noun in (Lead, Visit, Company, Comment, Attachment, SavedView):
        assert {column.table.name for column in pointing_at(noun)} <= known, noun


def test_who_opened_another_is_named(client: Client, people: People) -> None:
    scout, other = people.scout(), people.scout("shanghai", name="吴佳")
    lead = a_lead(scout)
    people.session.refresh(lead, ["company"])
    company = lead.company.public_id
    archive_lead(lead.public_id, "", actor_of(scout), NOW)
    people.session.commit()
    a_lead(other, company=company)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/restoration"
    assert "吴佳" in client.get(client.post(path).location).text
    as_json = client.post(path, headers={"Accept": "application/json"})
    assert as_json.status_code == 422
    assert as_json.json is not None
    assert as_json.json["code"] == "held"
