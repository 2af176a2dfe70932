"""What the chain map counts of companies and leads, as rows of its own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

_COMPANIES = """
INSERT INTO segment_total (segment_id, companies)
SELECT above.id, count(DISTINCT company_segment.company_id)
FROM segment AS above
JOIN segment ON substr(segment.path, 1, length(above.path)) = above.path
JOIN company_segment ON company_segment.segment_id = segment.id
WHERE company_segment.company_id NOT IN (
    SELECT company_id FROM archive_entry WHERE company_id IS NOT NULL
    UNION ALL SELECT id FROM company WHERE merged_into_id IS NOT NULL
)
GROUP BY above.id
"""
_LEADS = """
INSERT INTO segment_leads (team_id, segment_id, ongoing, signed, landed)
SELECT team_id, segment_id,
    sum(CASE WHEN stage IN ('committed', 'registered', 'landed') THEN 0 ELSE 1 END),
    sum(CASE WHEN stage IN ('committed', 'registered') THEN 1 ELSE 0 END),
    sum(CASE WHEN stage = 'landed' THEN 1 ELSE 0 END)
FROM lead
WHERE status <> 'lost' AND archived_at IS NULL
GROUP BY team_id, segment_id
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'segment_total',
        sa.Column('segment_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('companies', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['segment_id'], ['segment.id'], name=op.f('fk_segment_total_segment_id')),
        sa.PrimaryKeyConstraint('segment_id', name=op.f('pk_segment_total')),
    )
    op.create_table(
        'segment_leads',
        sa.Column('team_id', sa.Integer(), nullable=False),
        sa.Column('segment_id', sa.Integer(), nullable=False),
        sa.Column('ongoing', sa.Integer(), nullable=False),
        sa.Column('signed', sa.Integer(), nullable=False),
        sa.Column('landed', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['segment_id'], ['segment.id'], name=op.f('fk_segment_leads_segment_id')),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_segment_leads_team_id')),
        sa.PrimaryKeyConstraint('team_id', 'segment_id', name=op.f('pk_segment_leads')),
    )
    op.execute(_COMPANIES)
    op.execute(_LEADS)


def downgrade() -> None:
    """Go back."""
    op.drop_table('segment_leads')
    op.drop_table('segment_total')
