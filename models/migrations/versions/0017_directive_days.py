"""The days to which directives were put off, each with its reason"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

DAY = 'directive_day'


def upgrade() -> None:
    """Go forward."""
    op.create_table(DAY,
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('was_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.Column('set_at', UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('due_on <> was_on', name=op.f('ck_directive_day_another_day')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_directive_day_set_by_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_directive_day_task_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_directive_day'))
    )
    op.create_index('ix_directive_day_task', DAY, ['task_id', 'id'])
    _refuse_rewriting()


def _refuse_rewriting() -> None:
    """A day stays as it was set; as ``models.append_only`` does it for the first tables."""
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {DAY}_no_{verb.lower()} BEFORE {verb} ON {DAY} "
                f"BEGIN SELECT RAISE(ABORT, '{DAY} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {DAY}_append_only BEFORE UPDATE OR DELETE ON {DAY} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table(DAY)
