"""Who got a lead of late is found without reading what else was changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0053'
down_revision = '0052'
branch_labels = None
depends_on = None

HANDED = "field = 'owner_id'"


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        'ix_change_owner', 'change', ['change_set_id'],
        sqlite_where=sa.text(HANDED), postgresql_where=sa.text(HANDED))


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_change_owner', table_name='change')
