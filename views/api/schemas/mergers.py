"""Mergers of companies."""

from __future__ import annotations

from views.api import fields as f

_OTHER = "Id of the company that was merged"


class MergerSchema(f.Record):
    """Two records that were one company."""

    id = f.Key("Id", attribute="public_id", required=True)
    company = f.Key(_OTHER, attribute="company.public_id", required=True)
    name = f.Text(
        attribute="company.name",
        required=True,
        metadata=f.about("Its registered name", f.EXAMPLES["company"]),
    )
    merged_at = f.Moment("When they were made one", required=True)
    merged_by = f.Key("Id of who did so", attribute="merged_by.public_id", required=True)


class NewMergerSchema(f.Body):
    """Who is to be merged into the company of the address."""

    other = f.Key("Id of the company that is merged into it", required=True)
