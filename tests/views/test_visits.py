"""The visit's form: one entry, once; what is wrong stands at its field and nothing is saved."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.formats import written_day
from models.attachment import Attachment, AttachmentKind
from models.company import Company
from models.enums import Role
from models.visit import Visit
from tests.clients import Client
from tests.files import making
from tests.files.test_metadata import exif, photo
from tests.leads.making import a_lead, a_visit, some_leads
from tests.people import People
from tests.views.counting import statements


def form_of(client: Client, lead: str) -> dict[str, Any]:
    page = client.get(f"/visits/new?lead={lead}").get_data(as_text=True)
    key = re.search(r'name="client_key"[^>]*value="([^"]+)"', page)
    assert key, page
    return {
        "lead": lead,
        "client_key": key.group(1),
        "mode": "out",
        "occurred_at": "2026-01-05T09:10",
        "new_name": "周启明",
        "summary": "谈了场地",
    }


def count(session: Any) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Visit)) or 0


def test_a_double_submit_makes_one_visit(session: Any, people: People, client: Client) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead)
    for _tap in range(2):
        answer = client.post("/visits", form)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        assert f"/leads/{lead}" in answer.headers["Location"]
    assert count(session) == 1
    visit = session.scalars(sa.select(Visit)).one()
    assert client.get(f"/visits/{visit.public_id}").status_code == 200
    assert "周启明" in client.get("/visits").get_data(as_text=True)


def test_a_visit_in_the_future_is_refused_and_stays_typed(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"occurred_at": "2099-01-05T09:10"}
    answer = client.post("/visits", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-field="occurred_at"' in page
    assert "2099-01-05T09:10" in page
    assert "谈了场地" in page
    assert count(session) == 0
    # What can not be read does not keep the rest from being said, and nothing of it stays.
    form |= {"planned_investment_cny": "很多", "mode": "fax"}
    asked = client.post("/visits", form, headers={"Accept": "application/json"})
    assert sorted(asked.get_json()["errors"]) == ["mode", "occurred_at", "planned_investment_cny"]
    right = form_of(client, lead) | {"planned_investment_cny": "很多"}
    assert client.post("/visits", right).status_code == 422
    assert count(session) == 0


def test_what_was_logged_is_called_what_it_was(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    for mode, said in (
        ("call", "联系已记下，"),
        ("out", "走访已记下，"),
        ("message", "联系已记下，"),
    ):
        form = form_of(client, lead) | {"mode": mode}
        saved = client.post("/visits", form)
        assert said in client.get(saved.headers["Location"]).text, mode
    # Nobody answered: it says when the next call is, and both pages call it what it was.
    tomorrow = clock.today() + timedelta(days=1)
    unanswered = {"mode": "call", "reached": "0", "new_name": "", "next_step": "再打电话"}
    form = form_of(client, lead) | unanswered | {"next_step_on": tomorrow.isoformat()}
    page = client.get(client.post("/visits", form).headers["Location"]).text
    assert f"联系已记下，下一步“再打电话”定在 {written_day(tomorrow)}。" in unescape(page)
    assert "没接通" in page
    assert "没接通" in client.get("/visits").text
    refused = client.post("/visits", form_of(client, lead) | {"mode": "call", "new_name": ""})
    assert "没接通就点“没接通”" in refused.text


def test_reached_without_a_name_is_refused_in_json(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"new_name": ""}
    answer = client.post("/visits", form, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["contacts"]
    assert count(session) == 0


def test_another_teams_visit_is_not_there(session: Any, people: People, client: Client) -> None:
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    client.post("/visits", form_of(client, lead))
    session.rollback()
    visit = session.scalars(sa.select(Visit.public_id)).one()
    other = Client(client.app).sign_in(elsewhere.email)
    assert other.get(f"/visits/{visit}").status_code == 404
    assert other.get(f"/visits/new?lead={lead}").status_code == 404


def test_nothing_chosen_asks_whom_and_keeps_what_was_typed(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"new_name": ""}
    answer = client.post("/visits", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-field="contacts"' in page
    assert "点一下见了谁；没见到就点“没见到”。" in page
    assert "谈了场地" in page
    assert count(session) == 0


def test_met_nobody_is_a_visit_without_a_touch(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    form = form_of(client, lead.public_id) | {"new_name": "", "reached": "0"}
    assert client.post("/visits", form).status_code == 302
    assert count(session) == 1
    assert not session.scalars(sa.select(Visit.reached)).one()
    session.expire_all()
    assert lead.last_touch_at is None


def test_a_company_that_is_not_there_is_said_at_its_field(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"lead": "", "company": "abcdefghijkm"}
    answer = client.post("/visits", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-field="company"' in page
    assert "没有找到这家企业，请重新选。" in page
    assert '<option value="abcdefghijkm" selected>' in page
    assert "谈了场地" in page
    assert client.get("/visits/new?company=abcdefghijkm").status_code == 404


def test_where_no_lead_is_a_visit_asks_no_next_step_and_leads_to_one(
    session: Any, people: People, client: Client
) -> None:
    scout, elsewhere = people.scout(), people.scout("shenzhen")
    lead = a_lead(elsewhere)
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(scout.email)
    assert re.search(r'id="no-lead" >', client.get(f"/visits/new?company={company}").text)
    form = form_of(client, "") | {"company": company, "need": "找 3000 平方米"}
    refused = client.post("/visits", form | {"next_step": "发方案", "next_step_on": "2099-01-05"})
    assert 'data-field="next_step"' in refused.text
    assert re.search(r'id="no-lead" hidden', refused.text)  # what is wrong stays in sight
    saved = client.post("/visits", form)
    page = client.get(saved.headers["Location"]).text
    way = re.search(r'href="(/leads/new\?[^"]+)"', page)
    assert way, page
    assert "找 3000 平方米" in client.get(way.group(1).replace("&amp;", "&")).text
    mine = Client(client.app).sign_in(elsewhere.email)
    assert re.search(r'id="no-lead" hidden', mine.get(f"/visits/new?company={company}").text)


def test_of_several_leads_one_is_chosen_for_the_next_step(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(scout.email)
    assert 'name="about"' not in client.get(f"/visits/new?company={company}").text
    second = a_lead(scout, company=company, project="研发中心")
    assert 'name="about"' in client.get(f"/visits/new?company={company}").text
    step = {"next_step": "发方案", "next_step_on": "2099-01-05"}
    form = form_of(client, "") | {"company": company, "about": "", **step}
    refused = client.post("/visits", form).text
    assert 'data-field="next_step"' in refused
    assert re.search(rf'name="about"[^>]*value="{second.public_id}"', refused)
    assert "发方案" in refused
    assert client.post("/visits", form | {"about": second.public_id}).status_code == 302
    session.expire_all()
    assert (lead.next_step_on, second.next_step_on) == (None, date(2099, 1, 5))


def test_who_only_reads_a_lead_is_asked_no_next_step(
    session: Any, people: People, client: Client
) -> None:
    leader = people.make(Role.LIAISON_LEADER)
    about = a_lead(people.scout())
    about.liaison_id, lead = leader.id, about.public_id
    session.commit()
    client.sign_in(leader.email)
    assert 'name="next_step' not in client.get(f"/visits/new?lead={lead}").text
    form = form_of(client, lead)
    step = {"next_step": "发方案", "next_step_on": "2099-01-05"}
    refused = client.post("/visits", form | step)
    assert (refused.status_code, "发方案" in refused.text) == (422, True)
    assert 'data-field="next_step"' in refused.text
    assert client.post("/visits", form).status_code == 302


def test_a_refused_form_keeps_the_picked_company(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "甲软件有限公司")
    company = session.get_one(Company, lead.company_id).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead.public_id) | {"lead": "", "company": company, "mode": ""}
    page = client.post("/visits", form).get_data(as_text=True)
    assert re.search(rf'name="company"[^>]*value="{company}"', page)
    assert "甲软件" in page
    assert 'data-field="mode"' in page


def test_the_draft_is_named_by_author_and_subject_and_done_after_saving(
    people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    names = {
        re.search(r'data-draft="([^"]+)"', client.get(path).get_data(as_text=True))[1]  # type: ignore[index]
        for path in 2 * (f"/visits/new?lead={lead}",)
    }
    assert len(names) == 1
    name = names.pop()
    assert lead in name
    answer = client.post("/visits", form_of(client, lead) | {"draft": name})
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert f'data-draft-done="{name}"' in page


def test_pages_cost_the_same_with_many_visits(session: Any, people: People, client: Client) -> None:
    scout = people.scout()
    leads = some_leads(scout, 30)
    visits = [a_visit(lead, scout) for lead in leads]
    client.sign_in(scout.email)
    for path in (
        "/visits",
        "/visits?scope=all",
        "/visits/new",
        f"/visits/new?lead={leads[0].public_id}",
        f"/visits/{visits[0].public_id}",
    ):
        assert statements(client.get(path)) <= 15


def test_photos_come_with_the_visit_once_and_without_their_place(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    placed = photo(exif((0x8825, 90)))
    form = form_of(client, lead)
    for _tap in range(2):
        files = [(io.BytesIO(placed), "合影.jpg"), (io.BytesIO(making.PDF), "纪要.pdf")]
        answer = client.post("/visits", form | {"photos": files})
        assert answer.status_code == 302, answer.get_data(as_text=True)
    session.rollback()
    papers = session.execute(
        sa.select(Attachment.public_id, Attachment.kind).order_by(Attachment.id)
    ).all()
    assert [kind for _id, kind in papers] == [AttachmentKind.PHOTO, AttachmentKind.FILE]
    assert client.get(f"/attachments/{papers[0][0]}").get_data() == photo()


def test_a_file_that_is_not_what_it_says_saves_nothing_and_keeps_what_was_typed(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    form = form_of(client, lead) | {"photos": [(io.BytesIO(making.EXE), "合影.jpg")]}
    # What else is wrong is said along with it.
    future = {"occurred_at": "2999-01-01T10:00", "photos": [(io.BytesIO(making.EXE), "合影.jpg")]}
    both = client.post("/visits", form | future).get_data(as_text=True)
    assert {'data-field="photos"', 'data-field="occurred_at"'} <= set(both.split())
    answer = client.post("/visits", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-field="photos"' in page
    assert "程序文件不收" in page
    assert "谈了场地" in page
    assert count(session) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


def test_the_page_after_saving_leads_to_a_briefing(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout, next_step="发方案", next_step_on=clock.today() + timedelta(days=3))
    client.sign_in(scout.email)
    client.post("/visits", form_of(client, lead.public_id) | {"new_name": "高雅"})
    after = client.post("/visits", form_of(client, lead.public_id)).headers["Location"]
    page = client.get(after).get_data(as_text=True)
    found = re.search(r'hx-get="(/visits/\w{12}/briefing)"', page)
    assert found, page
    answer = client.get(found.group(1), headers={"HX-Request": "true"})
    told = answer.get_data(as_text=True)
    assert statements(answer) <= 15
    for words in ("进入“接洽”", "高雅", "下一步：发方案"):
        assert words in told, told
    other = Client(client.app).sign_in(people.scout("chengdu").email)
    assert other.get(found.group(1)).status_code == 404


def test_a_late_visit_and_a_late_change_are_marked_in_lists_and_on_the_lead(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    client.post(
        "/visits", form_of(client, lead.public_id) | {"mode": "in", "reception_host": "周局"}
    )
    session.rollback()
    visit = session.scalars(sa.select(Visit)).one()
    assert "补记" in client.get("/visits").get_data(as_text=True)
    assert "才记下" in client.get(f"/leads/{lead.public_id}").get_data(as_text=True)
    visit.recorded_at = clock.now() - timedelta(days=2)
    address = f"/visits/{visit.public_id}"
    session.commit()
    read = re.search(r'name="read"[^>]*value="([^"]+)"', client.get(f"{address}/edit").text)
    assert read
    words = {"read": read.group(1), "summary": "谈了两处场地", "rival_cities": "苏州"}
    assert client.post(f"{address}/edit", words).status_code == 302
    # The same form from another screen does not put the old words back unseen.
    assert client.post(f"{address}/edit", {**words, "summary": "别的"}).status_code == 409
    page = client.get(address).get_data(as_text=True)
    for told in ("改过：", "苏州", "周局", "谈了两处场地"):
        assert told in page
    assert 'data-testid="amended"' in client.get("/visits").get_data(as_text=True)
