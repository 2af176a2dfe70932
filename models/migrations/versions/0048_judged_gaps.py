"""What managers judge of a segment's gap, above what its projects say"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None

TABLE = 'segment_judgement'
GAPS = ('missing', 'weak', 'extendable', 'strong')


def _gap(name: str) -> sa.Enum:
    return sa.Enum(*GAPS, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        TABLE,
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=12), nullable=False),
        sa.Column('segment_id', sa.Integer(), nullable=False),
        sa.Column('gap', _gap('gap'), nullable=False),
        sa.Column('computed', _gap('computed_gap'), nullable=False),
        sa.Column('reason', sa.String(length=400), nullable=False),
        sa.Column('said_by_id', sa.Integer(), nullable=False),
        sa.Column('said_at', UTCDateTime(timezone=True), nullable=False),
        sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
        sa.Column('withdrawn_at', UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            '(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)',
            name=op.f('ck_segment_judgement_withdrawn_by_somebody')),
        sa.ForeignKeyConstraint(
            ['said_by_id'], ['user_account.id'], name=op.f('fk_segment_judgement_said_by_id')),
        sa.ForeignKeyConstraint(
            ['segment_id'], ['segment.id'], name=op.f('fk_segment_judgement_segment_id')),
        sa.ForeignKeyConstraint(
            ['withdrawn_by_id'], ['user_account.id'],
            name=op.f('fk_segment_judgement_withdrawn_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_segment_judgement')),
        sa.UniqueConstraint('public_id', name=op.f('uq_segment_judgement_public_id')),
    )
    stands = sa.text('withdrawn_at IS NULL')
    op.create_index(
        'uq_segment_judgement_standing', TABLE, ['segment_id'], unique=True,
        sqlite_where=stands, postgresql_where=stands)
    op.create_index('ix_segment_judgement_segment', TABLE, ['segment_id', 'id'])


def downgrade() -> None:
    """Go back."""
    op.drop_table(TABLE)
