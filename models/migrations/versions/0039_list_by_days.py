"""An index that the list by days in the stage is put in order by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

NAME = 'ix_lead_in_stage'


def upgrade() -> None:
    """Go forward."""
    there = sa.text("status <> 'lost'")
    op.create_index(
        NAME, 'lead', ['stage_since', 'held_days', 'held_since', 'status', 'stage', 'id'],
        sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Go back."""
    op.drop_index(NAME, 'lead')
