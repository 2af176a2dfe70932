"""Which companies were merged into which, and what parts them again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0057'
down_revision = '0056'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'merger',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=12), nullable=False),
        sa.Column('company_id', sa.Integer(), nullable=False),
        sa.Column('into_id', sa.Integer(), nullable=False),
        sa.Column('merged_at', UTCDateTime(timezone=True), nullable=False),
        sa.Column('merged_by_id', sa.Integer(), nullable=False),
        sa.Column('kept', sa.JSON(), nullable=False),
        sa.CheckConstraint('company_id <> into_id', name=op.f('ck_merger_not_itself')),
        sa.ForeignKeyConstraint(
            ['company_id'], ['company.id'], name=op.f('fk_merger_company_id')),
        sa.ForeignKeyConstraint(['into_id'], ['company.id'], name=op.f('fk_merger_into_id')),
        sa.ForeignKeyConstraint(
            ['merged_by_id'], ['user_account.id'], name=op.f('fk_merger_merged_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_merger')),
        sa.UniqueConstraint('company_id', name=op.f('uq_merger_company_id')),
        sa.UniqueConstraint('public_id', name=op.f('uq_merger_public_id')),
    )
    op.create_index(op.f('ix_merger_into_id'), 'merger', ['into_id'])


def downgrade() -> None:
    """Go back. What was merged stays so; how to part it is forgotten."""
    op.drop_table('merger')
