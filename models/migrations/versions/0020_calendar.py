"""Private addresses of calendars, and the days that a calendar looks leads up by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

DAYS = {'ix_lead_expected_signing': 'expected_signing_on', 'ix_lead_hold_until': 'hold_until'}


def upgrade() -> None:
    """Go forward."""
    op.create_table('calendar_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_calendar_feed_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_calendar_feed_secret_hash'))
    )
    still_open = sa.text('revoked_at IS NULL')
    op.create_index(
        'uq_calendar_feed_open',
        'calendar_feed',
        ['user_id'],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    for name, column in DAYS.items():
        known = sa.text(f'{column} IS NOT NULL')
        op.create_index(name, 'lead', [column], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    """Go back."""
    for name in DAYS:
        op.drop_index(name, 'lead')
    op.drop_table('calendar_feed')
