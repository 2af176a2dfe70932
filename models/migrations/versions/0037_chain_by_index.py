"""An index that the chain counts its leads by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

STANDING = 'ix_lead_segment_standing'


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        STANDING, 'lead', ['segment_id', 'stage', 'status', 'team_id', 'owner_id', 'id'],
        sqlite_where=sa.text("status <> 'lost'"),
        postgresql_where=sa.text("status <> 'lost'"))


def downgrade() -> None:
    """Go back."""
    op.drop_index(STANDING, 'lead')
