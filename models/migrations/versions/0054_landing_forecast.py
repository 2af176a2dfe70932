"""How many leads of a stage landed so many quarters later, and how many are to land in a year"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0054'
down_revision = '0053'
branch_labels = None
depends_on = None

STAGES = ('identified', 'engaged', 'negotiating', 'committed', 'registered', 'landed')


def upgrade() -> None:
    """Go forward."""
    stage = sa.Enum(*STAGES, name='stage', native_enum=False, create_constraint=True, length=32)
    op.create_table(
        'landing_rate',
        sa.Column('as_of', sa.Date(), nullable=False),
        sa.Column('stage', stage, nullable=False),
        sa.Column('quarters_ahead', sa.Integer(), nullable=False),
        sa.Column('standing', sa.Integer(), nullable=False),
        sa.Column('landed', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            'quarters_ahead BETWEEN 0 AND 7', name=op.f('ck_landing_rate_quarters_ahead_known')),
        sa.CheckConstraint(
            '0 <= landed AND landed <= standing', name=op.f('ck_landing_rate_landed_of_standing')),
        sa.PrimaryKeyConstraint('as_of', 'stage', 'quarters_ahead', name=op.f('pk_landing_rate')),
    )
    op.create_table(
        'landing_goal',
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('landings', sa.Integer(), nullable=True),
        sa.Column('set_by_id', sa.Integer(), nullable=True),
        sa.Column('set_at', UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint('year BETWEEN 2000 AND 2100', name=op.f('ck_landing_goal_year_known')),
        sa.CheckConstraint(
            'landings BETWEEN 1 AND 9999', name=op.f('ck_landing_goal_landings_known')),
        sa.ForeignKeyConstraint(
            ['set_by_id'], ['user_account.id'], name=op.f('fk_landing_goal_set_by_id')),
        sa.PrimaryKeyConstraint('year', name=op.f('pk_landing_goal')),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table('landing_goal')
    op.drop_table('landing_rate')
