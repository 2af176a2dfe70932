"""A change of many leads may give each a task"""

from __future__ import annotations

from alembic import op

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None

KINDS = ('owner', 'place', 'step', 'step_day', 'hold')


def upgrade() -> None:
    """Go forward."""
    _kinds((*KINDS, 'task'))


def downgrade() -> None:
    """Go back: the tasks stay; that they were given together is not known any more."""
    op.execute(
        "DELETE FROM bulk_edit_line WHERE bulk_edit_id IN (SELECT id FROM bulk_edit WHERE kind = 'task')"
    )
    op.execute("DELETE FROM bulk_edit WHERE kind = 'task'")
    _kinds(KINDS)


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('bulk_edit') as batch:
        batch.drop_constraint('bulkkind', type_='check')
        batch.create_check_constraint('bulkkind', f'kind IN {kinds!r}')
