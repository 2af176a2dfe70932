"""Seals over the trail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

SEAL = 'seal'


def upgrade() -> None:
    """Go forward."""
    op.create_table(SEAL,
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('known_to', UTCDateTime(timezone=True), nullable=False),
    sa.Column('change_sets', sa.Integer(), nullable=False),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('change_sets > 0', name=op.f('ck_seal_seals_something')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_seal')),
    sa.UniqueConstraint('known_to', name=op.f('uq_seal_known_to')),
    )
    # As models.append_only does it for the first tables.
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {SEAL}_no_{verb.lower()} BEFORE {verb} ON {SEAL} "
                f"BEGIN SELECT RAISE(ABORT, '{SEAL} is append-only'); END")
        return
    op.execute(
        f"CREATE TRIGGER {SEAL}_append_only BEFORE UPDATE OR DELETE ON {SEAL} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()")


def downgrade() -> None:
    """Go back."""
    op.drop_table(SEAL)
