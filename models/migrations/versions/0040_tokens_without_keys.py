"""What leads, people and companies are found by refers to them without a foreign key"""

from __future__ import annotations

from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

# What happens to the tokens of a record that is deleted, while the database sees to it.
KEYS = [('company', None), ('lead', 'CASCADE'), ('contact', 'CASCADE')]


def upgrade() -> None:
    """Go forward."""
    for noun, _ in KEYS:
        with _made_anew(f'{noun}_token') as table:
            table.drop_constraint(f'fk_{noun}_token_{noun}_id', type_='foreignkey')


def downgrade() -> None:
    """Go back."""
    for noun, ondelete in KEYS:
        # Of somebody who is gone.
        op.execute(f'DELETE FROM {noun}_token WHERE {noun}_id NOT IN (SELECT id FROM {noun})')
        with _made_anew(f'{noun}_token') as table:
            table.create_foreign_key(
                f'fk_{noun}_token_{noun}_id', noun, [f'{noun}_id'], ['id'], ondelete=ondelete)


def _made_anew(table: str):
    return op.batch_alter_table(table, table_kwargs={'sqlite_with_rowid': False})
