"""Those whose clock a hold has stopped, for the list by days, from an index of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    held = sa.text("status <> 'lost' AND (held_days > 0 OR held_since IS NOT NULL)")
    op.create_index(
        'ix_lead_was_held', 'lead',
        ['stage_since', 'held_days', 'held_since', 'status', 'stage',
         'team_id', 'owner_id', 'id', 'park_id', 'district_id', 'liaison_id'],
        sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_lead_was_held', 'lead')
