"""Whose promises, their days, and tasks that come back; matters to coordinate are a kind of theirs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import UTCDateTime

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

DAY = 'promise_day'
KINDS = ('next_step', 'task', 'promise', 'directive')


def upgrade() -> None:
    """Go forward: what was called a task was a matter to be coordinated; promises were ours."""
    _kinds((*KINDS, 'matter'), "UPDATE task SET kind = 'matter' WHERE kind = 'task'")
    op.create_table('promise',
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('ours', 'theirs', name='side', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=400), nullable=True),
    sa.CheckConstraint("side = 'theirs' OR contact_id IS NULL", name=op.f('ck_promise_contact_of_theirs')),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_promise_contact_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_promise_task_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_promise_visit_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_promise'))
    )
    op.create_index('ix_promise_contact_id', 'promise', ['contact_id'])
    op.create_index('ix_promise_visit_id', 'promise', ['visit_id'])
    op.execute("INSERT INTO promise (task_id, side) SELECT id, 'ours' FROM task WHERE kind = 'promise'")
    op.create_table(DAY,
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('was_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.Column('set_at', UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('due_on <> was_on', name=op.f('ck_promise_day_another_day')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f('fk_promise_day_set_by_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_promise_day_task_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise_day'))
    )
    op.create_index('ix_promise_day_task', DAY, ['task_id', 'id'])
    _refuse_rewriting()
    op.create_table('recurrence',
    sa.Column('task_id', sa.Integer(), nullable=False),
    sa.Column('every', sa.Integer(), nullable=False),
    sa.Column('unit', sa.Enum('week', 'month', name='every', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('follows_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('every BETWEEN 1 AND 52', name=op.f('ck_recurrence_how_often')),
    sa.CheckConstraint('number >= 0', name=op.f('ck_recurrence_number')),
    sa.ForeignKeyConstraint(['follows_id'], ['task.id'], name=op.f('fk_recurrence_follows_id')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_recurrence_task_id')),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_recurrence')),
    sa.UniqueConstraint('follows_id', name=op.f('uq_recurrence_follows_id'))
    )


def _kinds(kinds: tuple[str, ...], carry_over: str) -> None:
    with op.batch_alter_table('task') as batch:
        batch.drop_constraint('taskkind', type_='check')
    op.execute(carry_over)
    with op.batch_alter_table('task') as batch:
        batch.create_check_constraint('taskkind', f'kind IN {kinds!r}')


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
    """Go back: matters are tasks again, and so is what a colleague had to do."""
    op.drop_table('recurrence')
    op.drop_table(DAY)
    op.drop_table('promise')
    _kinds(KINDS, "UPDATE task SET kind = 'task' WHERE kind = 'matter'")
