"""Where the people of a project sit: a district or a park, an area, a lease."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.lead import Lead
from models.place import District, Park

ADDRESS_LENGTH = 200


class Premises(Model):
    """Premises (办公场地) of a lead. ``company_id`` is its local company, once there is one."""

    __tablename__ = "premises"
    __table_args__ = (
        # Without a park the pair is not looked at; with one the park must stand in the district.
        sa.ForeignKeyConstraint(["park_id", "district_id"], ["park.id", "park.district_id"]),
        sa.CheckConstraint("area_m2 > 0", name="area"),
        sa.CheckConstraint("lease_end IS NULL OR lease_end > lease_start", name="lease_in_order"),
    )
    audit_subject = "premises"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = ref("lead.id", index=True)
    company_id: Mapped[int | None] = ref("company.id", index=True)
    district_id: Mapped[int] = ref("district.id")
    park_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(ADDRESS_LENGTH), default="")
    area_m2: Mapped[int]
    lease_start: Mapped[date]
    lease_end: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int] = ref("user_account.id")

    lead: Mapped[Lead] = link()
    district: Mapped[District] = link()
    park: Mapped[Park | None] = link(
        primaryjoin="foreign(Premises.park_id) == Park.id", viewonly=True
    )
