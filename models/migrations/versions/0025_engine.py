"""Mail that may have been taken, was merged, dropped or not written; refused addresses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

OLD = ('queued', 'sending', 'sent', 'failed', 'dead')
NEW = (*OLD, 'unwritten', 'merged', 'dropped')


def _states(codes: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(map(repr, codes))})"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table('message') as batch:
        batch.drop_constraint('messagestate', type_='check')
        batch.add_column(
            sa.Column('uncertain', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f('fk_message_merged_into_id'), 'message', ['merged_into_id'], ['id'])
        batch.create_index(batch.f('ix_message_merged_into_id'), ['merged_into_id'])
    with op.batch_alter_table('message') as batch:
        # Only the rows that were there needed one.
        batch.alter_column('uncertain', existing_type=sa.Boolean(), server_default=None)
        batch.create_check_constraint('messagestate', _states(NEW))
    op.create_table('refused_address',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('refused_at', UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_refused_address'))
    )
    op.create_index('ix_delivery_attempt_ended_at', 'delivery_attempt', ['ended_at'])
    op.create_index('ix_job_run_started_at', 'job_run', ['started_at'])


def downgrade() -> None:
    """Go back; what was set aside is given up."""
    op.drop_index('ix_job_run_started_at', 'job_run')
    op.drop_index('ix_delivery_attempt_ended_at', 'delivery_attempt')
    op.drop_table('refused_address')
    op.execute(f"UPDATE message SET state = 'dead' WHERE NOT {_states(OLD)}")
    with op.batch_alter_table('message') as batch:
        batch.drop_constraint('messagestate', type_='check')
        batch.drop_index(batch.f('ix_message_merged_into_id'))
        batch.drop_constraint(batch.f('fk_message_merged_into_id'), type_='foreignkey')
        batch.drop_column('merged_into_id')
        batch.drop_column('uncertain')
    with op.batch_alter_table('message') as batch:
        batch.create_check_constraint('messagestate', _states(OLD))
