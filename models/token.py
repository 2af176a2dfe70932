"""What leads and people are found by. A range of (team, token) is read, the same on both engines.

The team stands in the key, so that a frequent word costs a team no more than its own records.
Rows follow from the records they are of, in the same transaction (crm/companies/index.py), which
no foreign key says: to look each of them up again is half of what they cost (decision 12).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model
from models.company import TOKEN_LENGTH

NO_TEAM = 0
"""Where a person stands whom no team has brought and at whose company no team has a lead."""


def _token() -> Mapped[str]:
    """In the order of the characters' codes, as a range wants it."""
    kind = sa.String(TOKEN_LENGTH)
    collated = sa.String(TOKEN_LENGTH, collation="C")
    return mapped_column(kind.with_variant(collated, "postgresql"), primary_key=True)


class LeadToken(Model):
    """What a lead is found by: its company's names and code, and its project."""

    __tablename__ = "lead_token"
    __table_args__ = (
        # Whether a lead is found by a second word too is one look-up.
        sa.Index("ix_lead_token_lead", "lead_id", "token"),
        {"sqlite_with_rowid": False},
    )

    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = _token()
    lead_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int]
    """Whose it is, so that one's own are found among thousands of the team's."""
    lost: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether its lead is: half of all are, and the filters mostly leave them out."""


class ContactToken(Model):
    """What a person is found by: name and number, for each team that may read the number."""

    __tablename__ = "contact_token"
    __table_args__ = (
        sa.Index("ix_contact_token_contact", "contact_id", "token"),
        {"sqlite_with_rowid": False},
    )

    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = _token()
    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
