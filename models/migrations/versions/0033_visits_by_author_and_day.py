"""Whose visits of some days are counted, found by both"""

from __future__ import annotations

from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index('ix_visit_total_author_id', 'visit_total')
    op.create_index('ix_visit_total_author', 'visit_total', ['author_id', 'day'])


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_visit_total_author', 'visit_total')
    op.create_index('ix_visit_total_author_id', 'visit_total', ['author_id'])
