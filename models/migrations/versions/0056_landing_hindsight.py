"""What would have been said of a quarter's landings on its first day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0056'
down_revision = '0055'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        'landing_hindsight',
        sa.Column('first', sa.Date(), nullable=False),
        sa.Column('standing', sa.Integer(), nullable=False),
        sa.Column('sure', sa.Integer(), nullable=True),
        sa.Column('likely', sa.Integer(), nullable=True),
        sa.Column('possible', sa.Integer(), nullable=True),
        sa.CheckConstraint('standing >= 0', name=op.f('ck_landing_hindsight_standing_known')),
        sa.CheckConstraint(
            '(sure IS NULL AND likely IS NULL AND possible IS NULL)'
            ' OR (0 <= sure AND sure <= likely AND likely <= possible)',
            name=op.f('ck_landing_hindsight_points_rise')),
        sa.PrimaryKeyConstraint('first', name=op.f('pk_landing_hindsight')),
    )


def downgrade() -> None:
    """Go back. A worker computes it anew."""
    op.drop_table('landing_hindsight')
