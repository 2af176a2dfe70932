"""What has to be coordinated: noted on the lead, in the ledger until it is done."""

from __future__ import annotations

from crm.leads import matters
from models.enums import Role
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People


def test_it_is_noted_done_and_taken_up_again(client: Client, people: People) -> None:
    scout: User = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    empty = client.post(f"/leads/{lead}/matters", {"text": " "})
    assert empty.status_code == 422
    assert "请写下要谁协调什么。" in empty.text
    sent = client.post(f"/leads/{lead}/matters", {"text": "请区里定场地"})
    assert sent.headers["Location"] == f"/leads/{lead}"
    page = client.get(f"/leads/{lead}").text
    assert page.count('data-testid="matter"') == 1
    assert "请区里定场地" in client.get("/ledgers/negotiating.csv").text
    path = page.split('action="/matters/')[1].split("/completion")[0]
    assert client.post(f"/matters/{path}/completion").status_code == 302
    assert 'data-testid="matter"' not in client.get(f"/leads/{lead}").text
    assert "请区里定场地" not in client.get("/ledgers/negotiating.csv").text
    assert client.post(f"/matters/{path}/completion").status_code == 409
    assert client.post(f"/matters/{path}/reopening").status_code == 302
    assert 'data-testid="matter"' in client.get(f"/leads/{lead}").text


def test_who_only_reads_the_lead_sees_it_and_changes_nothing(
    client: Client, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    task = matters.note(lead.public_id, "请区里定场地", actor_of(scout), now=NOW).public_id
    client.sign_in(people.make(Role.AUDITOR).email)
    page = client.get(f"/leads/{lead.public_id}").text
    assert 'data-testid="matter"' in page
    assert "/completion" not in page.split('data-testid="matter"')[1].split("</details>")[0]
    assert client.post(f"/matters/{task}/completion").status_code == 403
