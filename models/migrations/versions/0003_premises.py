"""Premises, and the day as of which a yearly figure holds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    # What the pair of district and park refers to.
    op.create_index("uq_park_district", "park", ["id", "district_id"], unique=True)
    op.create_table(
        "premises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("park_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.Column("lease_start", sa.Date(), nullable=False),
        sa.Column("lease_end", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_premises_area")),
        sa.CheckConstraint(
            "lease_end IS NULL OR lease_end > lease_start",
            name=op.f("ck_premises_lease_in_order"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_premises_lead_id")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_premises_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_premises_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["park_id", "district_id"],
            ["park.id", "park.district_id"],
            name=op.f("fk_premises_park_id_district_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_premises_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premises")),
        sa.UniqueConstraint("public_id", name=op.f("uq_premises_public_id")),
    )
    for column in ("lead_id", "company_id", "park_id"):
        op.create_index(op.f(f"ix_premises_{column}"), "premises", [column])
    op.add_column("figure", sa.Column("as_of", sa.Date(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("figure") as batch_op:
        batch_op.drop_column("as_of")
    op.drop_table("premises")
    op.drop_index("uq_park_district", "park")
