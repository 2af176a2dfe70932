"""Files on leads and visits: plans, lists of needs, a drawing of the floor; named as examples."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from crm.demo import agreement
from crm.demo.office.pen import Act, Make, Tie
from crm.demo.office.scene import LeadSeen, Scene, VisitSeen, new
from crm.demo.records import Values
from crm.files import FileStore
from models.attachment import AttachmentKind
from models.enums import VisitMode

A_LEAD, LEAST, MOST = 0.12, 3, 1_000
ON_VISIT = 0.5

PLAN = "Demo data: this page stands for a plan of the premises."
PROFILE = "Demo data: this page stands for a company's profile."
NEEDS = """项目,数量,单位,备注
办公面积,3000,平方米,可分两期
人才公寓,40,套,一室为主
机房功率,200,千瓦,双回路
"""
PDF, TEXT, PICTURE = "application/pdf", "text/plain", "image/png"
# Where walls stand on the drawing, as parts of its size.
WALLS = ((0, 0, 1, 1), (0.04, 0.08, 0.46, 0.52), (0.5, 0.08, 0.96, 0.3), (0.5, 0.34, 0.96, 0.92))
SIZE = (640, 400)


def papers(scene: Scene, files: FileStore) -> Iterator[Act]:
    """Files that owners hung on their leads, and on visits whose talk they belong to."""
    random = scene.chance("papers")
    blobs = [
        _blob(scene, files, agreement.content(PLAN), PDF),
        _blob(scene, files, agreement.content(PROFILE), PDF),
        _blob(scene, files, NEEDS.encode(), TEXT),
        _blob(scene, files, drawing(), PICTURE),
    ]
    plan, profile, needs, picture = blobs
    on_leads = (
        (plan, "场地方案（示例）.pdf"),
        (profile, "企业介绍（示例）.pdf"),
        (needs, "需求清单（示例）.csv"),
    )
    first = scene.days.moment(0, 480)
    yield Act(first, scene.people[0].id, tuple(Tie("blob", blob) for blob in blobs))
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    leads = scene.spread([lead for lead in scene.leads if lead.touched_at], wanted, random)
    visits = scene.visits_of(leads)
    for lead in leads:
        seen = [one for one in visits[lead.id] if one.touched]
        if seen and random.random() < ON_VISIT:
            yield _on_visit(random, seen[-1], plan, picture)
        else:
            yield _on_lead(scene, random, lead, *random.choice(on_leads))


def _blob(scene: Scene, files: FileStore, content: bytes, media_type: str) -> Values:
    return {
        "sha256": files.put(content),
        "size": len(content),
        "media_type": media_type,
        "created_at": scene.days.moment(0, 480),
    }


def _on_lead(scene: Scene, random: Random, lead: LeadSeen, blob: Values, name: str) -> Act:
    at = max(scene.ago(random, 1, 120), lead.created_at + timedelta(minutes=30))
    row = _attachment(random, blob, name, lead.owner_id, lead_id=lead.id, created_at=at)
    return Act(at, lead.owner_id, (Make("attachment", row),))


def _on_visit(random: Random, visit: VisitSeen, plan: Values, picture: Values) -> Act:
    """A photo where somebody went, else the plan that was talked about."""
    there = visit.mode in {VisitMode.OUT, VisitMode.IN}
    at = visit.recorded_at + timedelta(minutes=random.randint(1, 9))
    row = _attachment(
        random,
        picture if there else plan,
        "看房草图（示例）.png" if there else "楼层平面（示例）.pdf",
        visit.author_id,
        visit_id=visit.id,
        created_at=at,
        kind=AttachmentKind.PHOTO if there else AttachmentKind.FILE,
    )
    return Act(at, visit.author_id, (Make("attachment", row),))


def _attachment(random: Random, blob: Values, name: str, by: int, **columns: object) -> Values:
    given = {"kind": AttachmentKind.FILE, **columns}
    return new(random, blob_id=blob, name=name, created_by_id=by, **given)


def drawing() -> bytes:
    """A floor with three rooms, as a small grey picture; the same bytes every time."""
    width, height = SIZE
    walls = [
        (
            round(a * (width - 1)),
            round(b * (height - 1)),
            round(c * (width - 1)),
            round(d * (height - 1)),
        )
        for a, b, c, d in WALLS
    ]
    lines = []
    for y in range(height):
        line = bytearray(b"\xf7" * width)
        for left, top, right, bottom in walls:
            if y in {top, bottom}:
                line[left : right + 1] = b"\x30" * (right + 1 - left)
            elif top < y < bottom:
                line[left] = line[right] = 0x30
        lines.append(b"\0" + bytes(line))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
