"""Comments and mentions: who is told, once; what may be put right; both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.access.scopes import Scope
from crm.errors import Forbidden, NotFound, Refusal
from crm.leads import comments
from crm.reminders.agenda import agenda_for
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.audit import Change
from models.enums import Role
from models.lead import Lead
from models.message import Message
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People
from tests.reminders.leads import delivered

SECRET = "对方只肯投 3000 万"


def said(session: Any, lead: Lead, by: User, *to: User, text: str = SECRET) -> str:
    comment = comments.write(
        lead.public_id, text, [user.public_id for user in to], actor_of(by), now=NOW
    )
    session.commit()
    return comment.public_id


def mentions_of(user: User, scope: Scope = Scope.MINE) -> int:
    found = agenda_for(actor_of(user), TODAY, scope=scope)
    return sum(due.rule == "mention" for item in found.items for due in (item.first, *item.also))


def test_a_name_behind_an_at_is_a_mention_where_it_is_one_persons() -> None:
    named = {"a": "王芳", "b": "王芳华", "c": "李强", "d": "李强", "e": "赵敏"}
    people = [User(public_id=key, name=name) for key, name in named.items()]
    text = "请@王芳华 看一下，＠赵敏也看；@李强是谁？赵敏、王芳已知道，@陌生人"
    assert comments.spoken_to(text, people) == ["b", "e"]
    assert comments.spoken_to(text, []) == []


def test_who_is_mentioned_is_told_once(session: Any, people: People) -> None:
    scout, colleague, boss = people.scout(), people.scout(), people.manager()
    lead = a_lead(scout)
    said(session, lead, scout, colleague, boss)
    assert (mentions_of(colleague), mentions_of(boss, Scope.CITY), mentions_of(scout)) == (1, 1, 0)
    assert mentions_of(scout, Scope.TEAM) == 0
    for _run in range(2):
        plan(NOW)
        queue_digests(NOW)
    mails = session.scalars(sa.select(Message).where(Message.kind == "digest")).all()
    told = [mail for mail in mails if "提到您" in mail.text_body]
    assert sorted(mail.to_address for mail in told) == sorted([colleague.email, boss.email])
    for mail in told:
        assert scout.name in mail.text_body
        assert lead.public_id in mail.text_body
        assert "3000" not in mail.text_body + mail.html_body + mail.subject
    comments.see(lead.public_id, actor_of(colleague), now=NOW)
    session.commit()
    assert (mentions_of(colleague), mentions_of(boss, Scope.CITY)) == (0, 1)
    delivered(session)
    plan(NOW + timedelta(days=1))
    queue_digests(NOW + timedelta(days=1))
    mails = session.scalars(sa.select(Message).where(Message.kind == "digest")).all()
    assert sum("提到您" in mail.text_body for mail in mails) == len(told)


def test_who_may_not_see_the_lead_is_refused(session: Any, people: People) -> None:
    scout, stranger = people.scout(), people.scout("chengdu")
    auditor = people.make(Role.AUDITOR)  # reads it, and could not answer
    lead = a_lead(scout)
    offered = comments.colleagues(lead, actor_of(scout), NOW)
    assert stranger not in offered
    assert scout not in offered
    assert auditor not in offered
    with pytest.raises(Refusal) as wrong:
        comments.write(lead.public_id, "", [stranger.public_id], actor_of(scout), now=NOW)
    assert set(wrong.value.errors) == {"text", "mentions"}
    with pytest.raises(NotFound):
        said(session, lead, stranger)
    with pytest.raises(Forbidden):
        said(session, lead, auditor)


def test_its_author_puts_it_right_for_a_day(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    public_id = said(session, lead, scout)
    with pytest.raises(Forbidden):
        comments.edit(public_id, "别人改", actor_of(boss), now=NOW)
    day = NOW + timedelta(hours=24)
    comments.edit(public_id, "改好了", actor_of(scout), now=day)
    session.commit()
    traced = sa.select(Change).where(Change.subject == "comment", Change.field == "text")
    assert [(one.before, one.after) for one in session.scalars(traced)] == [(SECRET, "改好了")]
    (shown,), _ = comments.comments_of(lead, actor_of(scout), day)
    assert (shown.text, shown.edited_at) == ("改好了", day)
    with pytest.raises(Forbidden):
        comments.edit(public_id, "太晚", actor_of(scout), now=day + timedelta(seconds=1))


def test_a_removed_one_is_a_tombstone_and_comes_back(session: Any, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    public_id = said(session, lead, scout, boss)
    (shown,), _ = comments.comments_of(lead, actor_of(boss), NOW)
    assert shown.names == (boss.name,)
    with pytest.raises(Forbidden):
        comments.remove(public_id, actor_of(boss), now=NOW)
    comments.remove(public_id, actor_of(scout), now=NOW)
    session.commit()
    (shown,), _ = comments.comments_of(lead, actor_of(boss), NOW)
    assert (shown.text, shown.names) == (None, ())
    assert mentions_of(boss, Scope.CITY) == 0
    comments.restore(public_id, actor_of(scout))
    session.commit()
    assert mentions_of(boss, Scope.CITY) == 1


def test_whom_the_text_names_is_not_said_again(session: Any, people: People) -> None:
    scout, boss, other = people.scout(), people.manager(name="王芳"), people.scout(name="王芳华")
    lead = a_lead(scout)
    text, mentioned = "@王芳华 请看", [boss.public_id]
    comments.write(lead.public_id, text, mentioned, actor_of(scout), now=NOW)
    (shown,), _ = comments.comments_of(lead, actor_of(other), NOW)
    assert shown.names == ("王芳",)
