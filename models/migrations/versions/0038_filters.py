"""Indexes that the filters of board and list count by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0036'
branch_labels = None
depends_on = None

SUMS = ['planned_investment_cny', 'signed_investment_cny']
READERS = ['team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id']
# Of leads whose column has a value; most have none.
INDEXES = [
    ('ix_lead_registered', 'registered_on',
     ['registered_on', 'stage', 'status', *SUMS, *READERS]),
    ('ix_lead_planned', 'planned_investment_cny',
     ['status', *SUMS, 'stage', 'updated_at', 'stalls_on', 'next_step_on', *READERS]),
]


def upgrade() -> None:
    """Go forward."""
    for name, column, columns in INDEXES:
        there = sa.text(f'{column} IS NOT NULL')
        op.create_index(name, 'lead', columns, sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Go back."""
    for name, _, _ in INDEXES:
        op.drop_index(name, 'lead')
