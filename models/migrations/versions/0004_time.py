"""Versions with every column a report uses, moments that are settled, codes that stay, exports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.append_only import (
    create_close_trigger,
    create_code_triggers,
    drop_close_trigger,
    drop_code_triggers,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = {
    "liaison_id": sa.Integer(),
    "need": sa.Text(),
    "space_m2": sa.Integer(),
    "stalls_on": sa.Date(),
}
# Partial indexes: name, table, columns, which rows.
PARTIAL = (
    ("ix_change_set_late", "change_set", ["known_at"], "effective_at < known_at"),
    ("ix_stage_change_late", "stage_change", ["recorded_at"], "occurred_at < recorded_at"),
    (
        "ix_change_named",
        "change",
        ["subject", "field", "change_set_id"],
        "field IN ('name', 'merged_into_id')",
    ),
)


def upgrade() -> None:
    """Go forward."""
    bind = op.get_bind()
    drop_close_trigger(bind)
    for name, kind in ADDED.items():
        op.add_column("lead_version", sa.Column(name, kind, nullable=True))
    _fill(bind.dialect.name)
    create_close_trigger(bind)
    create_code_triggers(bind)
    for name, table, columns, which in PARTIAL:
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )
    op.create_table(
        "settled",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_settled_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settled")),
    )
    op.execute("INSERT INTO settled (id) VALUES (1)")
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_export_rows")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_export_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_user_at", "export", ["user_id", "at"])


def _fill(dialect: str) -> None:
    """What stood in the new columns, from the trail: the value before its earliest later change.

    Without a later change it is what the lead has now.
    """
    later = (
        "FROM change WHERE subject = 'lead' AND subject_id = lead_version.lead_id"
        " AND field = '{name}' AND change_set_id > lead_version.change_set_id"
    )
    for name, kind in ADDED.items():
        if dialect == "postgresql":
            before = f"CAST(before #>> '{{}}' AS {kind.compile(op.get_bind().dialect)})"
        else:
            before = "json_extract(before, '$')"
        changed = later.format(name=name)
        op.execute(
            f"UPDATE lead_version SET {name} = CASE WHEN EXISTS (SELECT 1 {changed})"
            f" THEN (SELECT {before} {changed} ORDER BY seq LIMIT 1)"
            f" ELSE (SELECT {name} FROM lead WHERE lead.id = lead_version.lead_id) END"
        )


def downgrade() -> None:
    """Go back."""
    bind = op.get_bind()
    op.drop_table("export")
    op.drop_table("settled")
    for name, table, _columns, _which in PARTIAL:
        op.drop_index(name, table)
    drop_code_triggers(bind)
    drop_close_trigger(bind)
    for name in ADDED:
        op.execute(f"ALTER TABLE lead_version DROP COLUMN {name}")
    create_close_trigger(bind)
