"""The pages of target lists, as a manager and as others see them."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.relations import add_relation
from crm.companies.service import create_company
from crm.reference import DATA
from crm.targets.applying import import_now
from crm.targets.preview import guess_mapping, open_table
from crm.targets.queries import standings
from crm.targets.states import EntryState
from models.company import Company
from models.enums import MatchState, Role, Stage
from models.lead import EntityPhase, LeadEntity
from models.target import ListEntry
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People

FIGURE = re.compile(r'data-testid="figure" data-name="(\w+)" data-value="(\d+)" href="([^"]+)"')
SOFTWARE = ("china-software-100-2018.csv", "china-software-100", 2018)
INTERNET = ("china-internet-100-2019.csv", "china-internet-100", 2019)


def _import(session: Any, name: str, code: str, year: int) -> None:
    data = (DATA / "lists" / name).read_bytes()
    table = open_table(name, data)
    import_now(table, data, name, code, year, guess_mapping(table), now=clock.now())
    session.commit()


@pytest.fixture
def manager(session: Any, people: People, client: Client) -> Client:
    return client.sign_in(people.manager().email)


def _upload(client: Client, data: bytes, name: str = "list.csv", **fields: Any) -> Any:
    client.get("/targets/import")
    form = {"list": "china-internet-100", "year": "2019", "file": (io.BytesIO(data), name)}
    return client.post("/targets/import", form | fields)


def _figures(text: str) -> dict[str, int]:
    found = re.findall(r'data-name="(\w+)" data-value="(\d+)"', text)
    return {name: int(value) for name, value in found}


def _queries(response: Any) -> int:
    return int(re.search(r"n=(\d+)", response.headers["Server-Timing"])[1])  # type: ignore[index]


def test_from_the_file_to_the_list_and_back(session: Any, manager: Client) -> None:
    _import(session, *SOFTWARE)
    sent = _upload(manager, (DATA / "lists" / INTERNET[0]).read_bytes())
    page = manager.get(sent.location)
    text = page.get_data(as_text=True)
    figures = _figures(text)
    assert figures["rows"] == 100 == sum(v for k, v in figures.items() if k != "rows")
    assert (figures["matched"], figures["doubtful"], figures["error"]) == (5, 3, 0)
    assert "还没有写入任何数据" in text
    assert "<mark>" in text
    assert _queries(page) <= 15
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 100
    for _twice in range(2):
        assert manager.post(f"{sent.location}/application").status_code == 302
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 200
    assert "撤销这次导入" in manager.get(sent.location).get_data(as_text=True)
    listed = manager.get("/targets/china-internet-100/2019")
    assert 'data-testid="result-total" data-value="100"' in listed.get_data(as_text=True)
    assert _queries(listed) <= 15
    assert _queries(manager.get("/targets")) <= 15
    manager.post(f"{sent.location}/reversal")
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 100
    assert session.scalar(sa.select(sa.func.count(Company.id))) == 100


def test_each_figure_opens_what_it_counts_whoever_looks(
    app: Flask, session: Any, people: People
) -> None:
    _import(session, *SOFTWARE)
    _import(session, *INTERNET)
    scout = people.scout()
    entries = session.scalars(sa.select(ListEntry).where(ListEntry.company_id.is_not(None))).all()
    for number, company in enumerate({entry.company_id for entry in entries[::9]}):
        found = session.get(Company, company)
        if number % 2:
            found.last_touch_at = clock.now()
        if number % 3:
            a_lead(scout, company=found.public_id)
    session.commit()
    # Every role walks through these pages in walks/test_figures.py.
    for role in (Role.SCOUT, Role.MANAGER, Role.ADMINISTRATOR):
        opened = _opened_figures(Client(app).sign_in(people.make(role).email))
        assert opened["entries"] == {"100"}
        assert opened["undecided"] == {"0", "3"}
        assert opened["decided"] == {"100", "97"}
        assert opened.keys() >= {"untouched", "assigned", "touched", "covered"}
        assert "0" not in opened["covered"] | opened["assigned"]


def _opened_figures(client: Client) -> dict[str, set[str]]:
    """Open every figure of the lists' pages; the values by name, once each shows what it counts."""
    opened: dict[str, set[str]] = {}
    seen: dict[str, set[tuple[str, str]]] = {}
    for path in ("/targets", "/targets/china-internet-100/2019"):
        text = html.unescape(client.get(path).get_data(as_text=True))
        for name, value, href in FIGURE.findall(text):
            if (name, value) in seen.setdefault(href, set()):
                continue
            seen[href].add((name, value))
            shown = client.get(href).get_data(as_text=True)
            assert f'data-testid="result-total" data-value="{value}"' in shown, (path, name)
            opened.setdefault(name, set()).add(value)
    return opened


def test_a_narrowed_list_says_by_what_and_keeps_it_while_searching(
    session: Any, manager: Client
) -> None:
    _import(session, *SOFTWARE)
    _import(session, *INTERNET)
    path = "/targets/china-internet-100/2019?undecided=1"
    text = manager.get(path).get_data(as_text=True)
    assert '<h1 class="visually-hidden">中国互联网百强 2019</h1>' in text
    assert "待判定 ×" in text
    assert '<input type="hidden" name="undecided" value="1">' in text
    assert 'data-value="1"' in manager.get(f"{path}&q=京东").get_data(as_text=True)
    none = manager.get(f"{path}&q=没有这家").get_data(as_text=True)
    assert "没有符合条件的企业" in none


def test_a_doubtful_entry_is_decided_on_its_list(session: Any, manager: Client) -> None:
    _import(session, *SOFTWARE)
    _import(session, *INTERNET)
    entry = session.scalars(
        sa.select(ListEntry).where(ListEntry.match_state == MatchState.UNDECIDED)
    ).first()
    manager.get("/targets/china-internet-100/2019")
    path = "/targets/china-internet-100/2019/decisions"
    assert manager.post(path, {"entry": str(entry.id), "answer": "same"}).status_code == 302
    session.expire_all()
    assert entry.company_id == entry.alike_id
    assert manager.post(path, {"entry": str(entry.id), "answer": "new"}).status_code == 409


def test_a_wrong_cell_is_put_right_on_the_page(session: Any, manager: Client) -> None:
    data = "排名,企业名称\n七十八,甲乙科技有限公司\n79,\n".encode()
    sent = _upload(manager, data)
    text = manager.get(f"{sent.location}?row=2").get_data(as_text=True)
    assert "名次要填数字，请改成 78" in text
    assert "企业名称是空的，请补上或删掉这一行" in text
    assert re.search(r'name="rank" value="78"', text)
    manager.post(f"{sent.location}/repairs", {"row": "2", "rank": "78"})
    figures = _figures(manager.get(sent.location).get_data(as_text=True))
    assert (figures["new"], figures["error"]) == (1, 1)
    manager.post(f"{sent.location}/application")
    assert session.scalars(sa.select(ListEntry.rank)).all() == [78]


def test_two_columns_of_one_meaning_are_refused_and_stay_chosen(manager: Client) -> None:
    sent = _upload(manager, "排名,企业名称,别名\n1,甲乙科技有限公司,甲乙\n".encode())
    manager.get(sent.location)
    choices = {"column-0": "rank", "column-1": "name", "column-2": "name"}
    refused = manager.post(f"{sent.location}/columns", choices)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "有两列都选作“企业名称”" in text
    assert text.count('value="name" selected') == 2


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("data", "fields", "sentence"),
    [
        (b"", {}, "文件是空的"),
        (b"%PDF-1.7 not a table", {}, "这不是表格文件"),
        ("企业名称\n甲公司\n".encode(), {"list": "nobody"}, "没有“nobody”这个榜单"),
        ("企业名称\n甲公司\n".encode(), {"year": "1890"}, "年份应在"),
        ("企业名称\n甲公司\n".encode(), {"year": "soon"}, "field-error"),
    ],
)
def test_wrong_input_says_what_to_do(
    session: Any, manager: Client, data: bytes, fields: dict[str, str], sentence: str
) -> None:
    refused = _upload(manager, data, **fields)
    assert refused.status_code == 422
    assert sentence in refused.get_data(as_text=True)
    assert session.scalar(sa.select(sa.func.count(ListEntry.id))) == 0


def test_a_file_of_a_hundred_megabytes_is_refused(manager: Client) -> None:
    manager.get("/targets/import")
    body = b"x" * (100 * 1024 * 1024)
    kind = "multipart/form-data; boundary=x"
    refused = manager.post("/targets/import", body, content_type=kind)  # type: ignore[arg-type]
    assert refused.status_code == 413


@pytest.mark.parametrize("role", [Role.SCOUT, Role.AUDITOR, Role.SECURITY_OFFICER])
def test_only_managers_and_administrators_import(
    session: Any, people: People, client: Client, role: Role
) -> None:
    client.sign_in(people.make(role).email)
    assert client.get("/targets").status_code == 200
    assert client.get("/targets/import").status_code == 404
    assert _upload(client, "企业名称\n甲公司\n".encode()).status_code == 404


@pytest.mark.parametrize(
    ("group_bp", "local_bp", "landed"),
    [(5_001, 10_000, 1), (5_000, 10_000, 0), (None, 10_000, 0), (6_000, 5_000, 0)],
)
def test_a_landing_counts_for_who_holds_more_than_half(
    session: Any, people: People, group_bp: int | None, local_bp: int, landed: int
) -> None:
    """Through the listed company's subsidiary, and of a local company it does not share away."""
    _import(session, *SOFTWARE)
    listed = session.scalars(sa.select(Company).order_by(Company.id)).first()
    lead = a_lead(people.scout())
    investor = session.get_one(Company, lead.company_id)
    local = create_company("嘉兴落地软件有限公司", now=clock.now())
    add_relation(listed, investor, share_bp=group_bp, now=clock.now())
    add_relation(investor, local, share_bp=local_bp, now=clock.now())
    session.add(LeadEntity(lead_id=lead.id, company_id=local.id, phase=EntityPhase.LANDED))
    lead.stage = Stage.LANDED
    session.commit()
    (standing,) = standings(clock.now()).values()
    assert standing.states.get(EntryState.LANDED, 0) == landed


def test_a_listed_company_that_holds_half_has_not_landed(session: Any, people: People) -> None:
    _import(session, *SOFTWARE)
    listed = session.scalars(sa.select(Company).order_by(Company.id)).first()
    lead = a_lead(people.scout(), company=listed.public_id)
    local = create_company("嘉兴合资软件有限公司", now=clock.now())
    relation = add_relation(listed, local, share_bp=5_000, now=clock.now())
    session.add(LeadEntity(lead_id=lead.id, company_id=local.id, phase=EntityPhase.LANDED))
    lead.stage = Stage.LANDED
    session.commit()
    for share, state in ((5_000, EntryState.NEGOTIATING), (5_100, EntryState.LANDED)):
        relation.share_bp = share
        session.commit()
        (standing,) = standings(clock.now()).values()
        assert standing.states.get(state, 0) == 1
