"""An index that the outbox's tabs are read by, the latest first"""

from __future__ import annotations

from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

NAME = 'ix_message_state'


def upgrade() -> None:
    """Go forward."""
    op.create_index(NAME, 'message', ['state', 'id'])


def downgrade() -> None:
    """Go back."""
    op.drop_index(NAME, 'message')
