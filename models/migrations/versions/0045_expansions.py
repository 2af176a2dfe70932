"""Which landings had one of their group before them, as rows of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO expansion (lead_id)
SELECT DISTINCT id FROM (
    SELECT lead.id AS id, row_number() OVER (
        PARTITION BY coalesce(held.parent_id, lead.company_id) ORDER BY lead.landed_on, lead.id
    ) AS place
    FROM lead LEFT JOIN company_relation AS held
        ON held.child_id = lead.company_id AND held.to_on IS NULL
        AND coalesce(held.share_bp, 10000) > 5000
    WHERE lead.stage = 'landed' AND lead.status <> 'lost' AND lead.landed_on IS NOT NULL
        AND lead.archived_at IS NULL
) AS landings WHERE place > 1
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'expansion',
        sa.Column('lead_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ['lead_id'], ['lead.id'], name=op.f('fk_expansion_lead_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('lead_id', name=op.f('pk_expansion')),
    )
    op.execute(_FILL)


def downgrade() -> None:
    """Go back."""
    op.drop_table('expansion')
