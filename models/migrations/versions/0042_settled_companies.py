"""The companies that settled here, which the goals are read from, as rows of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

_LATEST = """(
    SELECT value FROM figure
    WHERE figure.company_id = landed.company_id AND metric = '{metric}'
    ORDER BY year DESC, recorded_at DESC LIMIT 1
)"""
_FILL = f"""
INSERT INTO settled_company (company_id, park_id, employees, software_revenue_cny)
SELECT company_id, park_id,
    {_LATEST.format(metric='employees')}, {_LATEST.format(metric='software_revenue_cny')}
FROM (
    SELECT lead_entity.company_id AS company_id, max(lead.park_id) AS park_id
    FROM lead_entity JOIN lead ON lead.id = lead_entity.lead_id
    WHERE lead.stage = 'landed' AND lead.status <> 'lost' AND lead.archived_at IS NULL
    GROUP BY lead_entity.company_id
) AS landed
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'settled_company',
        sa.Column('company_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('park_id', sa.Integer(), nullable=True),
        sa.Column('employees', sa.BigInteger(), nullable=True),
        sa.Column('software_revenue_cny', sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ['company_id'], ['company.id'], name=op.f('fk_settled_company_company_id'),
            ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['park_id'], ['park.id'], name=op.f('fk_settled_company_park_id')),
        sa.PrimaryKeyConstraint('company_id', name=op.f('pk_settled_company')),
    )
    op.execute(_FILL)
    op.create_index(
        'ix_settled_company_park', 'settled_company',
        ['park_id', 'employees', 'software_revenue_cny'])


def downgrade() -> None:
    """Go back."""
    op.drop_table('settled_company')
