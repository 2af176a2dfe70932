"""Trips: members, stops, and the visits that belong to them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('trip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('place_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('conclusions', sa.Text(), nullable=False),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('last_on >= first_on', name=op.f('ck_trip_days_in_order')),
    sa.CheckConstraint("purpose <> ''", name=op.f('ck_trip_purpose')),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_trip_author_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_trip_place_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_trip_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip')),
    sa.UniqueConstraint('public_id', name=op.f('uq_trip_public_id'))
    )
    op.create_index('ix_trip_author_id', 'trip', ['author_id'])
    op.create_index('ix_trip_team_id', 'trip', ['team_id'])
    op.create_index('ix_trip_first', 'trip', ['first_on', 'id'])
    op.create_table('trip_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_trip_member_trip_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_trip_member_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip_member')),
    sa.UniqueConstraint('trip_id', 'user_id', name=op.f('uq_trip_member_trip_id_user_id'))
    )
    op.create_index('ix_trip_member_user_id', 'trip_member', ['user_id'])
    op.create_table('trip_stop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('company_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_trip_stop_company_id')),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_trip_stop_trip_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip_stop')),
    sa.UniqueConstraint('public_id', name=op.f('uq_trip_stop_public_id')),
    sa.UniqueConstraint('trip_id', 'company_id', name=op.f('uq_trip_stop_trip_id_company_id'))
    )
    op.create_index('ix_trip_stop_company_id', 'trip_stop', ['company_id'])
    op.create_table('trip_visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('belongs', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('belongs OR by_id IS NOT NULL', name=op.f('ck_trip_visit_taken_off_by_somebody')),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_trip_visit_by_id')),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_trip_visit_trip_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_trip_visit_visit_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip_visit')),
    sa.UniqueConstraint('trip_id', 'visit_id', name=op.f('uq_trip_visit_trip_id_visit_id'))
    )
    op.create_index('ix_trip_visit_visit_id', 'trip_visit', ['visit_id'])


def downgrade() -> None:
    """Go back."""
    op.drop_table('trip_visit')
    op.drop_table('trip_stop')
    op.drop_table('trip_member')
    op.drop_table('trip')
