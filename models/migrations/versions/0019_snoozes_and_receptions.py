"""Snoozes; rival cities, receptions and late corrections of visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('snooze',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=32), nullable=False),
    sa.Column('occurrence', sa.String(length=96), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('made_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('until > made_on', name=op.f('ck_snooze_later')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_snooze_lead_id')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_snooze_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snooze'))
    )
    op.create_index('ix_snooze_lead_id', 'snooze', ['lead_id'])
    op.create_index('ix_snooze_person_until', 'snooze', ['person_id', 'until', 'lead_id'])
    op.create_table('reception',
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('materials', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_reception_visit_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('visit_id', name=op.f('pk_reception'))
    )
    op.add_column('visit', sa.Column('rival_cities', sa.String(length=200), nullable=True))
    op.add_column('visit', sa.Column('amended_at', UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column('visit', 'amended_at')
    op.drop_column('visit', 'rival_cities')
    op.drop_table('reception')
    op.drop_table('snooze')
