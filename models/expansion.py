"""Landings of groups that had landed before, as boards, lists and the overview ask for them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Expansion(Model):
    """A landed lead whose group has landed before.

    Kept by the transactions that leads and relations change in (crm/leads/expanding.py).
    """

    __tablename__ = "expansion"

    lead_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
