"""Change what is known of a company, also when two people do it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crm.companies import service
from crm.companies.queries import segments_of
from crm.companies.survivors import refuse_merged
from crm.held import held
from crm.together import Read, merged
from models.company import Company


@dataclass(frozen=True)
class CompanyEdit:
    """What a company is to be; without a short name one is made. ``segments`` are codes."""

    name: str
    short_name: str = ""
    credit_code: str = ""
    place_id: int | None = None
    segments: Sequence[str] = ()

    def as_values(self) -> dict[str, Any]:
        """Field by field, as two are laid side by side; the order of segments says nothing."""
        values = {n: v.strip() if isinstance(v, str) else v for n, v in asdict(self).items()}
        return {**values, "segments": sorted(self.segments)}


def known_of(company: Company) -> CompanyEdit:
    """What an edit may change, as it stands (one statement)."""
    return CompanyEdit(
        name=company.name,
        short_name=company.short_name,
        credit_code=company.credit_code or "",
        place_id=company.place_id,
        segments=[segment.code for segment in segments_of(company.id)],
    )


def change_company(
    company: Company, edit: CompanyEdit, *, now: datetime, read: Read | None = None
) -> None:
    """Change a company; ``read`` is what the person had read of it.

    Raises Refusal when something can not be right, and Stale for what two people changed.
    """
    refuse_merged(held(Company, Company.id == company.id).merged_into_id)
    wanted = merged(known_of(company).as_values(), edit.as_values(), read, [company])
    service.edit_company(
        company,
        now=now,
        name=wanted["name"],
        short_name=wanted["short_name"],
        credit_code=wanted["credit_code"] or None,
        place_id=wanted["place_id"],
    )
    service.set_segments(company, wanted["segments"])
