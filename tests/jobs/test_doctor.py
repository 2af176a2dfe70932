"""The doctor says what is wrong, one line each, and exits with 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask

from models.company import Company
from models.enums import VisitMode
from models.expansion import Expansion
from models.lead import Lead
from models.settled import SettledCompany
from models.user import User
from models.visit import VisitTotal
from tests.leads.making import a_lead
from tests.people import People
from tests.reminders.leads import Leads


def examine(app: Flask) -> tuple[int, dict[str, str]]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    lines = [line.partition(": ") for line in result.stdout.splitlines()]
    return result.exit_code, {
        head.split()[1]: f"{head.split()[0]} {text}" for head, _, text in lines
    }


def test_a_sound_installation(app: Flask) -> None:
    code, found = examine(app)
    assert code == 0
    assert found["mail"].startswith("warn MAIL_URL is not set")
    assert {text.split()[0] for subject, text in found.items() if subject != "mail"} == {"ok"}


def test_counts_that_drifted(app: Flask, session: Any, people: People) -> None:
    Leads(session, people.scout()).make()
    a_lead(people.scout())
    session.commit()
    # The first was written past the services: nothing says where its company stands by name.
    assert examine(app)[1]["search"] == "bad 1 leads are not found; run: search rebuild"
    assert app.test_cli_runner().invoke(args=["search", "rebuild"]).exit_code == 0
    assert examine(app)[0] == 0
    session.execute(sa.text("UPDATE lead_total SET n = n + 1"))
    session.execute(
        sa.insert(VisitTotal).values(
            day=date(2026, 11, 25),
            author_id=sa.select(sa.func.min(User.id)).scalar_subquery(),
            mode=VisitMode.OUT,
            n=1,
        )
    )
    session.execute(sa.text("DELETE FROM lead_token"))
    company = sa.select(sa.func.min(Company.id)).scalar_subquery()
    session.execute(sa.insert(SettledCompany).values(company_id=company))
    session.execute(sa.text("UPDATE segment_total SET companies = companies + 1"))
    session.execute(sa.text("UPDATE segment_leads SET ongoing = ongoing + 1"))
    lead = sa.select(sa.func.min(Lead.id)).scalar_subquery()
    session.execute(sa.insert(Expansion).values(lead_id=lead))
    session.commit()
    code, found = examine(app)
    assert code == 1
    assert "search rebuild" in found["search"]
    assert "leads rebuild-totals" in found["totals"]
    assert "leads rebuild-totals" in found["settled"]
    assert "leads rebuild-totals" in found["chain"]
    assert "leads rebuild-totals" in found["expansions"]
    assert "visits rebuild-totals" in found["visits"]


def test_words_of_who_is_gone(app: Flask, session: Any, people: People) -> None:
    lead = a_lead(people.scout())
    row = "INSERT INTO company_token (scope, token, company_id) VALUES (0, 'nobody', 999999)"
    session.execute(sa.text(row))
    session.commit()
    code, found = examine(app)
    assert (code, found["search"]) == (1, "bad 1 words find nothing any more; run: search rebuild")
    assert app.test_cli_runner().invoke(args=["search", "rebuild"]).exit_code == 0
    code, found = examine(app)
    assert (code, found["search"]) == (0, "ok every lead is found")
    assert lead


def test_a_mail_server_that_is_not_there(app_with: Callable[..., Flask]) -> None:
    app = app_with(mail_url="smtp://127.0.0.1:1", mail_timeout=2.0)
    code, found = examine(app)
    assert code == 1
    assert found["mail"].startswith("bad")


def test_a_sender_without_an_address(app_with: Callable[..., Flask]) -> None:
    code, found = examine(app_with(mail_from="nobody"))
    assert (code, found["mail"][:25]) == (1, "bad MAIL_FROM must be an ")


def test_an_old_database_and_a_calendar_that_ended(app: Flask, session: Any) -> None:
    session.execute(sa.text("DELETE FROM calendar_day"))
    session.execute(sa.text("DELETE FROM alembic_version"))
    session.commit()
    code, found = examine(app)
    assert code == 1
    assert "db upgrade" in found["database"]
    assert found["calendar"].startswith("warn")
