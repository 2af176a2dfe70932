"""A company's id stands for the record it was merged into at last."""

from __future__ import annotations

from typing import Any

from crm import clock
from crm.companies.service import create_company
from crm.companies.survivors import company_of


def test_a_merged_company_lives_on_in_another(session: Any) -> None:
    first, second, third = (
        create_company(f"云智{n}软件有限公司", now=clock.now()) for n in "甲乙丙"
    )
    first.merged_into_id, second.merged_into_id = second.id, third.id
    session.flush()
    assert company_of(first.public_id) is company_of(third.public_id) is third
    assert company_of("nobody") is None
