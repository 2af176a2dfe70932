"""Files through the pages: brought, given out as downloads only, taken away, put back, refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from models.attachment import Attachment, AttachmentKind, Blob
from models.enums import Role, Stage
from models.lead import CreditShare, Lead
from tests.clients import Client
from tests.files import making
from tests.leads.making import a_lead, a_visit
from tests.people import People

LONG = "嘉兴市软件产业投资合作协议书补充条款" * 11 + "末尾"


def upload(
    client: Client, path: str, *files: tuple[bytes, str], field: str = "file", **values: str
) -> Any:
    sent = [FileStorage(io.BytesIO(content), name) for content, name in files]
    # Encoded here: a large body of the test client's own leaves an open file behind.
    boundary, body = encode_multipart(MultiDict([*values.items(), *((field, f) for f in sent)]))
    return client.post(path, body, content_type=f'multipart/form-data; boundary="{boundary}"')


def id_of(session: Any, name: str) -> str:
    found: str = session.scalar(sa.select(Attachment.public_id).where(Attachment.name == name))
    session.rollback()
    return found


def test_a_file_goes_up_and_comes_down_as_it_was(
    client: Client, people: People, session: Any, data_dir: Path
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    name = f"{LONG[:196]}.pdf"
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}"
    assert client.get(f"{path}/attachments/new").status_code == 200
    sent = upload(client, f"{path}/attachments", (making.PDF, f"../../{name}"))
    assert (sent.status_code, sent.location) == (302, path)
    page = client.get(path).text
    assert name in page
    found = client.get(f"/attachments/{id_of(session, name)}")
    assert (found.status_code, found.data) == (200, making.PDF)
    assert found.headers["Content-Type"] == "application/pdf"
    assert found.headers["Content-Length"] == str(len(making.PDF))
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    disposition = found.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert f"filename*=UTF-8''{quote(name)}" in disposition
    blob = session.scalars(sa.select(Blob)).one()
    kept = data_dir / "files" / blob.sha256[:2] / blob.sha256[2:]
    assert kept.read_bytes() == making.PDF
    assert list((data_dir / "files" / "waiting").iterdir()) == []


def test_the_same_content_is_kept_once(
    client: Client, people: People, session: Any, data_dir: Path
) -> None:
    scout = people.scout()
    lead, other = a_lead(scout), a_lead(scout)
    client.sign_in(scout.email)
    for one in (lead, other):
        upload(client, f"/leads/{one.public_id}/attachments", (making.PDF, "方案.pdf"))
    upload(
        client,
        f"/leads/{lead.public_id}/attachments",
        (making.PDF, "方案二.pdf"),
        (making.TEXT.encode(), "名单.csv"),
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 4
    assert session.scalar(sa.select(sa.func.count()).select_from(Blob)) == 2
    files = [path for path in (data_dir / "files").rglob("*") if path.is_file()]
    assert len(files) == 2


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "空.pdf", "文件是空的"),
        (making.HTML, "协议.pdf", "认不出"),
        (making.EXE, "协议.exe", "程序文件不收"),
        (making.JPEG, "协议.pdf", "改成 .jpg"),
        (b"%PDF-" + b"x" * (1024 * 1024), "大.pdf", "超过 1 MB"),
    ],
    ids=["empty", "markup", "program", "misnamed", "large"],
)
def test_what_is_refused_says_so_at_its_field(
    make_app: Callable[..., Flask],
    people: People,
    session: Any,
    data_dir: Path,
    content: bytes,
    name: str,
    words: str,
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client = Client(make_app(upload_max_mb=1)).sign_in(scout.email)
    refused = upload(
        client,
        f"/leads/{lead.public_id}/attachments",
        (making.PDF, "好的.pdf"),
        (content, name),
        kind="agreement",
    )
    assert refused.status_code == 422
    error = re.search(r'data-testid="field-error" data-field="file"[^>]*>([^<]+)', refused.text)
    assert error
    assert words in error[1]
    assert name in error[1]
    assert re.search(r'value="agreement"[^>]*checked|checked[^>]*value="agreement"', refused.text)
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert [path for path in (data_dir / "files").rglob("*") if path.is_file()] == []
    nothing = upload(client, f"/leads/{lead.public_id}/attachments")
    assert "请选一个文件" in nothing.text


def test_more_than_the_address_lets_through_is_told(
    make_app: Callable[..., Flask], people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client = Client(make_app(upload_max_mb=1)).sign_in(scout.email)
    path = f"/leads/{lead.public_id}/attachments"
    refused = upload(client, path, (b"%PDF-" + b"x" * (3 * 1024 * 1024), "大.pdf"))
    assert (refused.status_code, "请上传 1 MB 以内的文件。" in refused.text) == (413, True)
    roomy = Client(make_app(upload_max_mb=50)).sign_in(scout.email)
    taken = upload(roomy, path, (b"%PDF-" + b"x" * (30 * 1024 * 1024), "大.pdf"))
    assert taken.status_code == 302


def test_who_sees_a_file(client: Client, people: People, session: Any) -> None:
    scout, mate = people.scout(), people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    upload(client, f"/leads/{lead.public_id}/attachments", (making.PDF, "方案.pdf"))
    path = f"/attachments/{id_of(session, '方案.pdf')}"
    sharing = people.scout("chengdu")
    session.add(
        CreditShare(agreement="a", lead_id=lead.id, user_id=sharing.id, basis_points=10_000)
    )
    session.commit()
    for user, status in (
        (mate, 200),
        (sharing, 200),
        (people.manager(), 200),
        (people.make(Role.AUDITOR), 200),
        (people.scout("chengdu"), 404),
        (people.administrator(), 404),
        (people.make(Role.PARK_OFFICER, park="nanhu"), 404),
    ):
        reader = Client(client.app).sign_in(user.email)
        assert reader.get(path).status_code == status, user.role
    assert Client(client.app).get(path).status_code == 302


def test_a_file_is_taken_away_and_put_back(client: Client, people: People, session: Any) -> None:
    scout, lead_of_team, sharing = people.scout(), people.team_lead(), people.scout("chengdu")
    lead = a_lead(scout)
    session.add(
        CreditShare(agreement="a", lead_id=lead.id, user_id=sharing.id, basis_points=10_000)
    )
    session.commit()
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}"
    upload(client, f"{path}/attachments", (making.PDF, "方案.pdf"))
    found = f"/attachments/{id_of(session, '方案.pdf')}"
    stranger = Client(client.app).sign_in(sharing.email)
    assert stranger.post(f"{found}/removal").status_code == 403
    boss = Client(client.app).sign_in(lead_of_team.email)
    gone = boss.post(f"{found}/removal")
    assert gone.status_code == 302
    page = boss.get(gone.location).text
    assert "已移除“方案.pdf”。" in page
    assert f'action="{found}/restoration"' in page
    assert "移除附件" in page
    assert client.get(found).status_code == 404
    assert boss.post(f"{found}/restoration").status_code == 302
    assert client.get(found).status_code == 200


def committed(session: Any, lead: Lead) -> None:
    lead.stage = Stage.COMMITTED
    session.commit()


def test_a_move_says_all_that_is_wrong_beside_a_file_that_is_not_taken(
    client: Client, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    refused = upload(
        client,
        f"/leads/{lead.public_id}/stage-changes",
        (making.HTML, "协议.pdf"),
        field="agreement",
        to_stage="committed",
        signed_on="2099-01-01",
        signed_investment_cny="五千",
    )
    assert refused.status_code == 422
    wrong = dict(re.findall(r'data-field="(\w+)" id="[^"]+">([^<]+)', refused.text))
    assert {"agreement", "signed_on", "signed_investment_cny"} <= wrong.keys()
    assert "这一天还没有到" in wrong["signed_on"]
    assert "只填数字" in wrong["signed_investment_cny"]


def test_the_agreement_of_a_signed_lead_stays(client: Client, people: People, session: Any) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}"
    upload(client, f"{path}/attachments", (making.PDF, "协议.pdf"), kind="agreement")
    committed(session, lead)
    found = f"/attachments/{id_of(session, '协议.pdf')}"
    refused = client.post(f"{found}/removal")
    assert "已签约线索的协议不能移除" in client.get(refused.location).text
    as_json = client.post(f"{found}/removal", headers={"Accept": "application/json"})
    assert as_json.status_code == 422
    assert client.get(found).status_code == 200
    upload(client, f"{path}/attachments", (making.PNG, "新协议.png"), kind="agreement")
    client.post(f"{found}/removal")
    assert client.get(found).status_code == 404
    page = client.get(f"{path}?show=files").text
    assert "签好的协议" in page
    assert "新协议.png" in page


def test_who_only_reads_a_lead_brings_papers_and_no_agreement(
    client: Client, people: People, session: Any
) -> None:
    scout, sharing = people.scout(), people.scout("chengdu")
    lead = a_lead(scout)
    session.add(
        CreditShare(agreement="a", lead_id=lead.id, user_id=sharing.id, basis_points=10_000)
    )
    session.commit()
    client.sign_in(sharing.email)
    path = f"/leads/{lead.public_id}/attachments"
    assert 'value="agreement"' not in client.get(f"{path}/new").text
    assert upload(client, path, (making.PDF, "方案.pdf")).status_code == 302
    refused = upload(client, path, (making.PDF, "协议.pdf"), kind="agreement")
    assert refused.status_code == 403
    assert session.scalars(sa.select(Attachment.kind)).all() == [AttachmentKind.FILE]


def test_a_visit_has_its_own_files(client: Client, people: People, session: Any) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    visit = a_visit(lead, scout)
    client.sign_in(scout.email)
    path = f"/visits/{visit.public_id}"
    assert client.get(f"{path}/attachments/new").status_code == 200
    sent = upload(
        client, f"{path}/attachments", (making.JPEG, "现场.jpg"), (making.PDF, "纪要.pdf")
    )
    assert sent.location == path
    assert "现场.jpg" in client.get(path).text
    assert "走访附件" in client.get(f"/leads/{lead.public_id}?show=files").text
    kinds = session.execute(sa.select(Attachment.name, Attachment.kind))
    assert dict(kinds.all()) == {
        "现场.jpg": AttachmentKind.PHOTO,
        "纪要.pdf": AttachmentKind.FILE,
    }


def test_a_file_that_was_lost_is_said(
    client: Client, people: People, session: Any, data_dir: Path
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    upload(client, f"/leads/{lead.public_id}/attachments", (making.PDF, "方案.pdf"))
    blob = session.scalars(sa.select(Blob)).one()
    (data_dir / "files" / blob.sha256[:2] / blob.sha256[2:]).unlink()
    lost = client.get(f"/attachments/{id_of(session, '方案.pdf')}")
    assert (lost.status_code, "在服务器上找不到了" in lost.text) == (500, True)
