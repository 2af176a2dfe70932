"""Indexes that Today finds signings and last steps by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

LATER = 'ix_task_lead_state'
SIGNING = 'ix_lead_owner_signing'


def upgrade() -> None:
    """Go forward."""
    op.drop_index(LATER, 'task')
    op.create_index(LATER, 'task', ['lead_id', 'state', 'kind', 'closed_at'])
    op.create_index(
        SIGNING, 'lead', ['owner_id', 'status', 'expected_signing_on', 'stage'],
        sqlite_where=sa.text('expected_signing_on IS NOT NULL'),
        postgresql_where=sa.text('expected_signing_on IS NOT NULL'))


def downgrade() -> None:
    """Go back."""
    op.drop_index(SIGNING, 'lead')
    op.drop_index(LATER, 'task')
    op.create_index(LATER, 'task', ['lead_id', 'state', 'kind'])
