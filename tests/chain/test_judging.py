"""What managers judge of a gap: who may, what stands, what comes back, and two at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from crm.chain import judging, queries
from crm.chain.map import chain_map
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from models.audit import Change
from models.segment import Gap, SegmentJudgement
from models.user import User
from tests.api.machine import machine_of
from tests.clients import Client
from tests.leads.making import NOW, actor_of
from tests.people import People

SEGMENT, ABOVE = "FND-DB", "FND"
LATER = NOW + timedelta(hours=1)


def _stands(code: str = SEGMENT) -> SegmentJudgement | None:
    return queries.standing_judgements().get(queries.segment_or_404(code).id)


def test_it_stands_for_its_segment_alone_and_the_trail_has_it(session: Any, people: People) -> None:
    manager = actor_of(people.manager())
    before = chain_map(manager)
    made = judging.say(SEGMENT, "strong", " 有三家没登记项目的 ", manager, NOW)
    session.commit()
    after = chain_map(manager)
    changed = {
        after.segments[key].code
        for key, judged in after.judgements.items()
        if judged != before.judgements[key]
    }
    assert changed == {SEGMENT}
    assert after.judgements[made.segment_id].gap is Gap.STRONG
    assert after.gaps[Gap.STRONG] == before.gaps[Gap.STRONG] + 1
    assert (made.computed, made.reason) == (Gap.MISSING, "有三家没登记项目的")
    trail = sa.select(Change.subject_id).filter_by(subject="segment_judgement")
    assert set(session.scalars(trail)) == {made.id}


def test_one_stands_and_what_stood_before_can_come_back(session: Any, people: People) -> None:
    manager, other = actor_of(people.manager()), actor_of(people.manager())
    first = judging.say(SEGMENT, "weak", "有一家", manager, NOW)
    second = judging.say(SEGMENT, "strong", "有三家", other, LATER, seen=first.public_id)
    session.commit()
    assert _stands() is second
    segment = queries.segment_or_404(SEGMENT)
    assert queries.earlier_judgements(segment) == [first]
    assert (first.withdrawn_by_id, first.withdrawn_at) == (other.id, LATER)
    # Only who said the later one takes it back this way.
    with pytest.raises(Conflict):
        judging.put_back(SEGMENT, first.public_id, manager, LATER)
    judging.put_back(SEGMENT, first.public_id, other, LATER)
    session.commit()
    assert _stands() is first
    judging.withdraw(SEGMENT, first.public_id, manager, LATER)
    session.commit()
    assert _stands() is None
    with pytest.raises(Conflict):
        judging.withdraw(SEGMENT, first.public_id, manager, LATER)
    with pytest.raises(NotFound):
        judging.withdraw(ABOVE, first.public_id, manager, LATER)


def test_who_has_not_seen_what_stands_is_told(session: Any, people: People) -> None:
    manager = actor_of(people.manager())
    first = judging.say(SEGMENT, "weak", "有一家", manager, NOW, seen="")
    session.commit()
    for seen in ("", "zzzzzzzzzzzz"):
        with pytest.raises(Conflict):
            judging.say(SEGMENT, "strong", "有三家", manager, LATER, seen=seen)
    judging.withdraw(SEGMENT, first.public_id, manager, LATER)
    session.commit()
    with pytest.raises(Conflict):
        judging.say(SEGMENT, "strong", "有三家", manager, LATER, seen=first.public_id)
    assert _stands() is None


def test_the_database_lets_one_stand(session: Any, people: People) -> None:
    manager = actor_of(people.manager())
    made = judging.say(SEGMENT, "weak", "有一家", manager, NOW)
    values = {name: getattr(made, name) for name in ("segment_id", "gap", "computed", "reason")}
    session.add(SegmentJudgement(**values, said_by_id=manager.id, said_at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()


def test_wrong_ones_are_refused_at_their_fields(session: Any, people: People) -> None:
    manager = actor_of(people.manager())
    with pytest.raises(Refusal) as refused:
        judging.say(SEGMENT, "fine", "  ", manager, NOW)
    assert set(refused.value.errors) == {"gap", "reason"}
    with pytest.raises(Refusal) as refused:
        judging.say(SEGMENT, "weak", "长" * (judging.LONGEST + 1), manager, NOW)
    assert set(refused.value.errors) == {"reason"}
    with pytest.raises(Forbidden):
        judging.say(SEGMENT, "weak", "有一家", actor_of(people.scout()), NOW)


def _form(client: Client) -> dict[str, str]:
    page = client.get(f"/chain/{SEGMENT}/judgements/new").get_data(as_text=True)
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert seen
    return {"seen": seen.group(1)}


def test_the_form_keeps_what_is_typed_and_says_who_was_faster(
    app: Flask, session: Any, people: People
) -> None:
    one, two = people.manager(), people.manager()
    session.commit()
    first, second = Client(app).sign_in(one.email), Client(app).sign_in(two.email)
    opened, late = _form(first), _form(second)
    address = f"/chain/{SEGMENT}/judgements"
    empty = first.post(address, {**opened, "reason": "有一家", "gap": ""})
    assert empty.status_code == 422
    assert 'data-testid="field-error" data-field="gap"' in empty.get_data(as_text=True)
    assert "有一家" in empty.get_data(as_text=True)
    assert first.post(address, {**opened, "reason": "有一家", "gap": "weak"}).status_code == 302
    # Saved once more as it stands: nothing was done, and nothing of a colleague's is undone.
    assert second.post(address, {**_form(second), "reason": "有一家", "gap": "weak"}).location
    same = second.get(f"/chain/{SEGMENT}").get_data(as_text=True)
    assert "判断和理由都没有变" in same
    assert "撤销" not in same
    # The head of the page says that a person judged so.
    assert '<small class="said">' in same
    stale = second.post(address, {**late, "reason": "有三家", "gap": "strong"})
    text = stale.get_data(as_text=True)
    assert stale.status_code == 409
    assert one.name in text
    assert "有三家" in text
    # What stands there now has been seen with that.
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', text)
    assert seen
    again = {"seen": seen.group(1), "reason": "有三家", "gap": "strong"}
    assert second.post(address, again).status_code == 302
    page = second.get(f"/chain/{SEGMENT}").get_data(as_text=True)
    assert "有三家" in page
    assert "有一家" in page
    # 撤销 of the toast: back to what stood there.
    undo = re.search(rf'action="({address}/\w+/restoration)"|"({address}/\w+/restoration)"', page)
    assert undo
    assert second.post(undo.group(1) or undo.group(2)).status_code == 302
    stands = _stands()
    assert stands
    assert stands.reason == "有一家"


def test_a_machine_judges_reads_and_withdraws(app: Flask, session: Any, people: People) -> None:
    manager: User = people.manager()
    session.commit()
    who = machine_of(app, manager)
    wrong = who.send("POST", f"/chain-map/{SEGMENT}/judgements", {"gap": "fine", "reason": ""})
    assert wrong.status_code == 422
    assert set(wrong.json["errors"]) == {"gap", "reason"}
    made = who.send("POST", f"/chain-map/{SEGMENT}/judgements", {"gap": "weak", "reason": "有一家"})
    assert made.status_code == 201
    shown = who.send("GET", f"/chain-map/{SEGMENT}").json
    assert (shown["gap"], shown["computed_gap"]) == ("weak", "missing")
    assert shown["judgement"]["reason"] == "有一家"
    # Who does not name what stands has not seen it.
    other = {"gap": "strong", "reason": "有三家"}
    assert who.send("POST", f"/chain-map/{SEGMENT}/judgements", other).status_code == 409
    other["replaces"] = made.json["id"]
    made = who.send("POST", f"/chain-map/{SEGMENT}/judgements", other)
    assert made.status_code == 201
    address = made.headers["Location"].removeprefix("/api/v1")
    assert who.send("DELETE", address).status_code == 428
    assert who.send("DELETE", address, If_Match='"stale"').status_code == 412
    tag = who.send("GET", address).headers["ETag"]
    assert who.send("DELETE", address, If_Match=tag).status_code == 204
    assert who.send("GET", f"/chain-map/{SEGMENT}").json["judgement"] is None
