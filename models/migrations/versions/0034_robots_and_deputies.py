"""Addresses of robots are stored encrypted, and a deputy has read what they were told"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from flask import current_app

from models.base import UTCDateTime
from models.encrypted import decrypt, encrypt

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

READ_BY_DEPUTY = 'deputy_id IS NOT NULL OR deputy_read_at IS NULL'
INSTEAD = 'deputy_id IS NOT NULL'
INDEXES = {
    'ix_reminder_instead': INSTEAD,
    'ix_reminder_unread_instead': f"{INSTEAD} AND deputy_read_at IS NULL AND state <> 'cancelled'",
}
SHORT, LONG = sa.String(length=255), sa.String(length=512)


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('messenger_address') as batch:
        batch.alter_column('token', existing_type=SHORT, type_=LONG, existing_nullable=False)
        batch.alter_column('secret', existing_type=SHORT, type_=LONG, existing_nullable=True)
    _rewrite(encrypt)
    with op.batch_alter_table('reminder') as batch:
        batch.add_column(sa.Column('deputy_read_at', UTCDateTime(timezone=True), nullable=True))
    with op.batch_alter_table('reminder') as batch:
        batch.create_check_constraint('read_by_deputy', READ_BY_DEPUTY)
    for name, where in INDEXES.items():
        op.create_index(name, 'reminder', ['deputy_id', 'id'], sqlite_where=sa.text(where),
                        postgresql_where=sa.text(where))


def downgrade() -> None:
    """Go back; an address that another key encrypted is lost, and its person sets it up anew."""
    for name in INDEXES:
        op.drop_index(name, 'reminder')
    with op.batch_alter_table('reminder') as batch:
        batch.drop_constraint('read_by_deputy', type_='check')
    with op.batch_alter_table('reminder') as batch:
        batch.drop_column('deputy_read_at')
    _rewrite(lambda kept, key: decrypt(kept, key) or '')
    op.execute("DELETE FROM messenger_address WHERE token = ''")
    with op.batch_alter_table('messenger_address') as batch:
        batch.alter_column('token', existing_type=LONG, type_=SHORT, existing_nullable=False)
        batch.alter_column('secret', existing_type=LONG, type_=SHORT, existing_nullable=True)


def _rewrite(of: Callable[[str, str], str]) -> None:
    key, connection = str(current_app.secret_key), op.get_bind()
    rows = connection.execute(sa.text('SELECT id, token, secret FROM messenger_address')).all()
    for row in rows:
        connection.execute(
            sa.text('UPDATE messenger_address SET token = :token, secret = :secret WHERE id = :id'),
            {
                'id': row.id,
                'token': of(row.token, key),
                'secret': None if row.secret is None else of(row.secret, key),
            },
        )
