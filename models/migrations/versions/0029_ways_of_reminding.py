"""How a person is reminded, by which messengers, and who stands in for them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

WAYS = ('mail', 'wecom', 'dingtalk', 'feishu', 'app')
OLD_STATES = ('planned', 'queued', 'cancelled')
NEW_STATES = ('planned', 'queued', 'shown', 'cancelled')
TOPICS = ('steps', 'cadence', 'asked', 'talk', 'targets')


def _one_of(column: str, codes: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, codes))})"


def _way(column: str, name: str) -> sa.Column[str]:
    return sa.Column(column, sa.Enum(*WAYS, name=name, native_enum=False, create_constraint=True,
                                     length=32), nullable=False)


def upgrade() -> None:
    """Go forward."""
    op.create_table('reminder_setting',
    sa.Column('person_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('minute', sa.SmallInteger(), nullable=False),
    sa.Column('minute_before', sa.SmallInteger(), nullable=False),
    sa.Column('minute_since', sa.Date(), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_to', sa.Time(), nullable=True),
    sa.Column('paused_until', sa.Date(), nullable=True),
    *(_way(f'{topic}_by', f'{topic}_by') for topic in TOPICS),
    sa.CheckConstraint('minute BETWEEN 0 AND 1439 AND minute % 30 = 0', name=op.f('ck_reminder_setting_minute')),
    sa.CheckConstraint('minute_before BETWEEN 0 AND 1439 AND minute_before % 30 = 0',
                       name=op.f('ck_reminder_setting_minute_before')),
    sa.CheckConstraint('(quiet_from IS NULL) = (quiet_to IS NULL)', name=op.f('ck_reminder_setting_quiet')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_reminder_setting_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_reminder_setting'))
    )
    op.create_table('messenger_address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    _way('messenger', 'way'),
    sa.Column('token', sa.String(length=255), nullable=False),
    sa.Column('secret', sa.String(length=255), nullable=True),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('refused_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('reply', sa.String(length=500), nullable=True),
    sa.CheckConstraint("messenger NOT IN ('mail', 'app')", name=op.f('ck_messenger_address_messenger')),
    sa.CheckConstraint('(refused_at IS NULL) = (reply IS NULL)', name=op.f('ck_messenger_address_refused')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_messenger_address_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messenger_address')),
    sa.UniqueConstraint('person_id', 'messenger', name=op.f('uq_messenger_address_person_id_messenger'))
    )
    op.create_table('leave',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('deputy_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('created_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('to_on >= from_on', name=op.f('ck_leave_days')),
    sa.CheckConstraint('deputy_id <> person_id', name=op.f('ck_leave_deputy')),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_leave_person_id')),
    sa.ForeignKeyConstraint(['deputy_id'], ['user_account.id'], name=op.f('fk_leave_deputy_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave')),
    sa.UniqueConstraint('public_id', name=op.f('uq_leave_public_id'))
    )
    op.create_index('ix_leave_to_on', 'leave', ['to_on'])
    op.create_index(op.f('ix_leave_person_id'), 'leave', ['person_id'])
    op.create_index(op.f('ix_leave_deputy_id'), 'leave', ['deputy_id'])
    with op.batch_alter_table('message') as batch:
        batch.add_column(sa.Column('way', sa.String(length=32), nullable=False, server_default='mail'))
    with op.batch_alter_table('message') as batch:
        # Only the rows that were there needed one.
        batch.alter_column('way', existing_type=sa.String(length=32), server_default=None)
        batch.create_check_constraint('way', _one_of('way', WAYS))
        batch.create_check_constraint('leaves_the_house', "way <> 'app'")
    with op.batch_alter_table('reminder') as batch:
        batch.drop_constraint('reminderstate', type_='check')
        batch.add_column(sa.Column('deputy_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f('fk_reminder_deputy_id'), 'user_account', ['deputy_id'], ['id'])
    with op.batch_alter_table('reminder') as batch:
        batch.create_check_constraint('reminderstate', _one_of('state', NEW_STATES))
        batch.create_check_constraint('deputy', 'deputy_id <> person_id')


def downgrade() -> None:
    """Go back; what was read in the application alone counts as said; what was no mail goes no more."""
    op.execute("UPDATE reminder SET state = 'queued' WHERE state = 'shown'")
    with op.batch_alter_table('reminder') as batch:
        batch.drop_constraint('deputy', type_='check')
        batch.drop_constraint('reminderstate', type_='check')
        batch.drop_constraint(batch.f('fk_reminder_deputy_id'), type_='foreignkey')
        batch.drop_column('deputy_id')
    with op.batch_alter_table('reminder') as batch:
        batch.create_check_constraint('reminderstate', _one_of('state', OLD_STATES))
    # A try at sending is never taken out of the records, and so neither is what was sent.
    op.execute("UPDATE message SET state = 'dropped' WHERE way <> 'mail' AND state <> 'sent'")
    with op.batch_alter_table('message') as batch:
        batch.drop_constraint('leaves_the_house', type_='check')
        batch.drop_constraint('way', type_='check')
    with op.batch_alter_table('message') as batch:
        batch.drop_column('way')
    op.drop_table('leave')
    op.drop_table('messenger_address')
    op.drop_table('reminder_setting')
