"""Reminders that were read, rules that speak at once, threads of mails, and links of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

OLD = ('web', 'cli', 'api', 'job', 'import', 'demo')
NEW = ('web', 'cli', 'api', 'mail', 'job', 'import', 'demo')
AT_ONCE = "('mention', 'offer', 'directive_due')"
UNREAD = "read_at IS NULL AND state <> 'cancelled'"


def upgrade() -> None:
    """Go forward. What was said before counts as read."""
    with op.batch_alter_table('reminder') as batch:
        batch.add_column(sa.Column('read_at', UTCDateTime(timezone=True), nullable=True))
    op.execute('UPDATE reminder SET read_at = planned_at')
    op.create_index(
        'ix_reminder_unread', 'reminder', ['person_id', 'id'],
        sqlite_where=sa.text(UNREAD), postgresql_where=sa.text(UNREAD),
    )
    with op.batch_alter_table('reminder_rule') as batch:
        batch.add_column(
            sa.Column('at_once', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('reminder_rule') as batch:
        # Only the rows that were there needed one.
        batch.alter_column('at_once', existing_type=sa.Boolean(), server_default=None)
    op.execute(f'UPDATE reminder_rule SET at_once = true WHERE code IN {AT_ONCE}')  # noqa: S608
    with op.batch_alter_table('message') as batch:
        batch.add_column(sa.Column('thread_id', sa.String(length=128), nullable=True))
    op.create_table('used_link',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('used_at', UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user_account.id'], name=op.f('fk_used_link_person_id')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_used_link'))
    )
    op.create_index('ix_used_link_used_at', 'used_link', ['used_at'])
    _ways(NEW)


def downgrade() -> None:
    """Go back; what came by mail counts as done on the pages."""
    _ways(OLD, "UPDATE change_set SET via = 'web' WHERE via = 'mail'")
    op.drop_index('ix_used_link_used_at', 'used_link')
    op.drop_table('used_link')
    with op.batch_alter_table('message') as batch:
        batch.drop_column('thread_id')
    with op.batch_alter_table('reminder_rule') as batch:
        batch.drop_column('at_once')
    op.drop_index('ix_reminder_unread', 'reminder')
    with op.batch_alter_table('reminder') as batch:
        batch.drop_column('read_at')


def _ways(codes: tuple[str, ...], first: str = '') -> None:
    """Through what a change may come. The trail refuses to be rewritten, but for this."""
    bind = op.get_bind()
    sqlite = bind.dialect.name == 'sqlite'
    triggers = []
    if sqlite:
        found = sa.text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'change_set'"
        )
        triggers = bind.execute(found).all()
        for trigger in triggers:
            op.execute(f'DROP TRIGGER {trigger.name}')
    else:
        op.execute('ALTER TABLE change_set DISABLE TRIGGER USER')
    if first:
        op.execute(first)
    with op.batch_alter_table('change_set') as batch:
        batch.drop_constraint('via', type_='check')
    with op.batch_alter_table('change_set') as batch:
        batch.create_check_constraint('via', f"via IN ({', '.join(map(repr, codes))})")
    if not sqlite:
        op.execute('ALTER TABLE change_set ENABLE TRIGGER USER')
    for trigger in triggers:
        op.execute(trigger.sql)
