"""Indexes that count the chain alone, and read companies in order on both engines"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

STANDING = sa.text('merged_into_id IS NULL')
MERGED = sa.text('merged_into_id IS NOT NULL')


def upgrade() -> None:
    """Go forward."""
    op.drop_index('ix_lead_segment_stage', 'lead')
    op.create_index(
        'ix_lead_segment_stage',
        'lead',
        ['segment_id', 'stage', 'status', 'team_id', 'owner_id', 'id'],
    )
    op.drop_index('ix_company_segment_segment_id', 'company_segment')
    op.create_index('ix_company_segment_segment', 'company_segment', ['segment_id', 'company_id'])
    op.drop_index('ix_company_merged_created', 'company')
    op.create_index(
        'ix_company_standing_created',
        'company',
        ['created_at', 'id'],
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index(
        'ix_company_merged',
        'company',
        ['merged_into_id'],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_company_merged', 'company')
    op.drop_index('ix_company_standing_created', 'company')
    op.create_index('ix_company_merged_created', 'company', ['merged_into_id', 'created_at', 'id'])
    op.drop_index('ix_company_segment_segment', 'company_segment')
    op.create_index('ix_company_segment_segment_id', 'company_segment', ['segment_id'])
    op.drop_index('ix_lead_segment_stage', 'lead')
    op.create_index('ix_lead_segment_stage', 'lead', ['segment_id', 'stage', 'status'])
