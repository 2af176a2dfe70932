"""Whom a visit or an appointment is about: those one works on stand one tap away."""

from __future__ import annotations

from markupsafe import Markup

from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People


def test_one_s_leads_lead_to_the_form_with_what_was_chosen_before(
    client: Client, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    assert f'href="/visits/new?lead={lead}"' in client.get("/visits/new").text
    assert f'href="/appointments/new?lead={lead}"' in client.get("/appointments/new").text
    page = Markup(client.get("/appointments/new?on=2026-12-03").text).unescape()
    assert f'href="/appointments/new?lead={lead}&on=2026-12-03"' in page
